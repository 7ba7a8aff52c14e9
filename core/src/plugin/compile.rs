//! From the resource to plugins in the order in which they run.

use std::collections::BTreeSet;

use super::cache::CacheResponses;
use super::concurrency_limit::LimitConcurrency;
use super::direct::AnswerDirectly;
use super::ext_proc::ExtProc;
use super::json_schema::CheckBody;
use super::path::ChangePath;
use super::rate_limit::LimitRate;
use super::{Action, Kind, Plugin, Plugins};
use crate::body::BodyNeeds;
use crate::check::{at_most, each, exactly_one};
use crate::condition::Condition;
use crate::feature::Feature;
use crate::problem::Problems;
use crate::resource::Condition as ConditionResource;
use crate::resource::service::{self as resource, Phase};

const MAX_PLUGINS: usize = 256;

impl Plugins {
    /// Compiles the list of a configuration; every problem is reported at its place.
    pub fn compile(sources: &[resource::Plugin], problems: &mut Problems) -> Self {
        at_most(problems, "plugins", sources.len(), MAX_PLUGINS, "plugins");
        let mut names = BTreeSet::new();
        let mut plugins = Self::default();
        each(problems, "plugins", sources, |problems, source| {
            if !names.insert(source.name.as_str()) {
                problems.at("name", |p| p.error(format!("there is a plugin `{}` already", source.name)));
            }
            let Some(plugin) = compile(source, problems) else { return };
            // It was compiled to find its mistakes.
            if source.is_disabled {
                return;
            }
            let phase = if source.phase == Phase::PreAuth { &mut plugins.pre_auth } else { &mut plugins.post_auth };
            phase.push(plugin);
        });
        plugins.pre_auth.sort_by_key(|plugin| plugin.kind);
        plugins.post_auth.sort_by_key(|plugin| plugin.kind);
        plugins
    }

    /// What these plugins and their conditions need of the body before their phase begins.
    pub fn needs(plugins: &[Plugin]) -> BodyNeeds {
        let mut needs = BodyNeeds::default();
        for plugin in plugins {
            needs.reads(&plugin.condition.reads());
            needs.merge(&plugin.action.needs());
        }
        needs
    }
}

fn compile(source: &resource::Plugin, problems: &mut Problems) -> Option<Plugin> {
    let always = ConditionResource { match_any: Some(true), ..ConditionResource::default() };
    if source.condition.is_none() {
        problems.warning_with_help("the plugin has no condition, so it always runs", "write `condition: {matchAny: true}` to say so");
    }
    let condition = source.condition.as_ref().unwrap_or(&always);
    let condition = problems.at("condition", |problems| {
        let condition = Condition::compile(condition, problems);
        if source.phase == Phase::PreAuth && condition.as_ref().is_some_and(|condition| condition.reads().caller) {
            let help = "leave `phase: PRE_AUTH` away, or ask about the request";
            problems.warning_with_help("nobody is known before authentication: what this reads of the caller is missing", help);
        }
        condition
    });
    let (kind, action) = compile_action(source, problems)?;
    Some(Plugin { name: source.name.clone(), kind, condition: condition?, action })
}

/// Exactly one of the kinds, compiled at the place of its key.
fn compile_action(source: &resource::Plugin, problems: &mut Problems) -> Option<(Kind, Box<dyn Action>)> {
    let kinds = [
        ("lua", source.lua.is_some()),
        ("direct", source.direct.is_some()),
        ("path", source.path.is_some()),
        ("rateLimit", source.rate_limit.is_some()),
        ("concurrencyLimit", source.concurrency_limit.is_some()),
        ("cache", source.cache.is_some()),
        ("jsonSchema", source.json_schema.is_some()),
        ("transform", source.transform.is_some()),
        ("extProc", source.ext_proc.is_some()),
    ];
    exactly_one(problems, &kinds);
    if let Some(source) = &source.lua {
        return problems.at("lua", |problems| compile_lua(source, problems)).map(|action| (Kind::Lua, action));
    }
    if let Some(source) = &source.transform {
        return problems.at("transform", |problems| compile_transform(source, problems)).map(|action| (Kind::Transform, action));
    }
    if let Some(source) = &source.path {
        let action = problems.at("path", |problems| ChangePath::compile(source, problems));
        return Some((Kind::Path, Box::new(action)));
    }
    if let Some(limit) = &source.rate_limit {
        let compile = |problems: &mut Problems| boxed(LimitRate::compile(limit, source.phase, problems));
        let action = problems.at("rateLimit", |problems| {
            if const { Feature::RateLimit.is_built() } { compile(problems) } else { Feature::RateLimit.refuse(problems) }
        });
        return action.map(|action| (Kind::RateLimit, action));
    }
    if let Some(limit) = &source.concurrency_limit {
        let compile = |problems: &mut Problems| boxed(LimitConcurrency::compile(limit, source.phase, problems));
        let action = problems.at("concurrencyLimit", |problems| {
            if const { Feature::RateLimit.is_built() } { compile(problems) } else { Feature::RateLimit.refuse(problems) }
        });
        return action.map(|action| (Kind::ConcurrencyLimit, action));
    }
    if let Some(source) = &source.json_schema {
        let action = problems.at("jsonSchema", |problems| CheckBody::compile(source, problems))?;
        return Some((Kind::JsonSchema, Box::new(action)));
    }
    if let Some(source) = &source.cache {
        let compile = |problems: &mut Problems| boxed(CacheResponses::compile(source, problems));
        let action = problems
            .at("cache", |problems| if const { Feature::Cache.is_built() } { compile(problems) } else { Feature::Cache.refuse(problems) });
        return action.map(|action| (Kind::Cache, action));
    }
    if let Some(source) = &source.direct {
        let action = problems.at("direct", |problems| AnswerDirectly::compile(source, problems))?;
        return Some((Kind::Direct, Box::new(action)));
    }
    if let Some(ext_proc) = &source.ext_proc {
        let compile = |problems: &mut Problems| boxed(ExtProc::compile(ext_proc, source.phase, problems));
        let action = problems.at("extProc", |problems| {
            if const { Feature::ExtProc.is_built() } { compile(problems) } else { Feature::ExtProc.refuse(problems) }
        });
        return action.map(|action| (Kind::ExtProc, action));
    }
    for (kind, _) in kinds.iter().filter(|(_, set)| *set) {
        problems.at(kind, |p| p.error(format!("the plugin `{kind}` is not supported yet")));
    }
    None
}

fn boxed<A: Action + 'static>(action: Option<A>) -> Option<Box<dyn Action>> {
    action.map(|action| Box::new(action) as Box<dyn Action>)
}

#[cfg(feature = "lua")]
fn compile_lua(source: &resource::LuaPlugin, problems: &mut Problems) -> Option<Box<dyn Action>> {
    boxed(super::lua::RunScript::compile(source, problems))
}

#[cfg(not(feature = "lua"))]
fn compile_lua(_: &resource::LuaPlugin, problems: &mut Problems) -> Option<Box<dyn Action>> {
    Feature::Lua.refuse(problems)
}

#[cfg(feature = "templates")]
fn compile_transform(source: &resource::TransformPlugin, problems: &mut Problems) -> Option<Box<dyn Action>> {
    boxed(super::transform::Transform::compile(source, problems))
}

#[cfg(not(feature = "templates"))]
fn compile_transform(_: &resource::TransformPlugin, problems: &mut Problems) -> Option<Box<dyn Action>> {
    Feature::Templates.refuse(problems)
}
