//! `upstream.pools`: configurations of a Service that name others of it.

use std::collections::BTreeMap;

use super::{Config, Target};
use crate::check::each;
use crate::feature::Feature;
use crate::problem::Problems;
use crate::resource;
use crate::resource::service::{BodySettings, Config as Resource, Http};

/// Reports names that pools cannot have, and lets each pool know its members.
pub fn resolve(spec: &resource::Service, named: &BTreeMap<&str, usize>, configs: &mut [Config], problems: &mut Problems) {
    if const { Feature::Pools.is_built() } {
        resolve_all(spec, named, configs, problems);
    }
}

fn resolve_all(spec: &resource::Service, named: &BTreeMap<&str, usize>, configs: &mut [Config], problems: &mut Problems) {
    if let Some(config) = &spec.config {
        problems.at("config", |problems| check(config, spec, named, configs, problems));
    }
    if let Some(dynamic) = &spec.dynamic_config {
        problems.at("dynamicConfig", |problems| {
            each(problems, "configs", &dynamic.configs, |problems, config| check(config, spec, named, configs, problems));
        });
    }
    for config in configs {
        if let Target::Pools(pools) = &mut config.target {
            pools.resolve(named);
        }
    }
}

/// One that leaves its pools to its parent has them told there.
fn check(source: &Resource, spec: &resource::Service, named: &BTreeMap<&str, usize>, configs: &[Config], problems: &mut Problems) {
    let Some(upstream) = &source.upstream else { return };
    if !upstream.pools.is_empty() && source.http.as_ref().is_some_and(|http| !http.mirror.is_empty()) {
        problems.error_with_help(
            "a configuration with `pools` cannot have `http.mirror`",
            "a request that may be repeated elsewhere is not copied",
        );
    }
    problems.at("upstream", |problems| {
        each(problems, "pools", &upstream.pools, |problems, pool| {
            each(problems, "configs", &pool.configs, |problems, name| {
                match named.get(name.as_str()).and_then(|place| configs.get(*place)) {
                    Some(member) => check_member(name, member, written(name, spec), problems),
                    None => {
                        let known: Vec<String> = named.keys().map(|name| format!("`{name}`")).collect();
                        let help = format!("the configurations are {}", known.join(", "));
                        problems.error_with_help(format!("there is no configuration `{name}`"), help);
                    }
                }
            });
        });
    });
}

/// What a member cannot have: it would be thought to protect, or to repeat, and does not.
fn check_member(name: &str, member: &Config, source: Option<&Resource>, problems: &mut Problems) {
    if matches!(member.target, Target::Pools(_)) {
        problems.error(format!("`{name}` has pools itself, and pools are one level only"));
    }
    let has_plugins = !(member.plugins.pre_auth.is_empty() && member.plugins.post_auth.is_empty());
    for (field, is_set, help) in [
        ("plugins", has_plugins, "move them to the configuration that has the pools"),
        ("body.validation", member.schema.is_some(), "move it to the configuration that has the pools"),
        ("mirror", !member.mirrors().is_empty(), "a request that may be repeated elsewhere is not copied"),
        ("retry", member.retry.is_some(), "take it away: where it fails, the next configuration is tried"),
    ] {
        if is_set {
            problems.error_with_help(format!("`{name}` has `http.{field}`, which a configuration in a pool cannot have"), help);
        }
    }
    let Some(http) = source.and_then(|source| source.http.as_ref()) else { return };
    for field in ignored(http) {
        let message = format!("`http.{field}` of `{name}` has no effect in a pool: that of the configuration with the pools counts");
        problems.warning(message);
    }
}

fn ignored(http: &Http) -> impl Iterator<Item = &'static str> {
    let body = BodySettings { validation: None, ..http.body.clone() };
    let fields = [
        ("body", body != BodySettings::default()),
        ("visibility", http.visibility != resource::service::Visibility::default()),
        ("enableRequestBuffering", http.enable_request_buffering),
    ];
    fields.into_iter().filter(|(_, is_set)| *is_set).map(|(field, _)| field)
}

/// What a configuration says itself; the default one is checked as the Service's own, and may be for other requests too.
fn written<'a>(name: &str, spec: &'a resource::Service) -> Option<&'a Resource> {
    spec.dynamic_config.as_ref()?.configs.iter().find(|config| config.name.as_deref() == Some(name))
}
