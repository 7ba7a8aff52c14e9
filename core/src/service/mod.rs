//! A Service, compiled. The same function checks a Service when it is published and prepares it when an instance first needs it.

mod child;
mod config;
mod merge;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use crate::body::BodyNeeds;
use crate::callout::{self, Origins};
use crate::check::{at_most, each, exactly_one, unsupported};
use crate::condition::Condition;
use crate::cors::Cors;
use crate::plugin::{Plugin, Plugins};
use crate::problem::Problems;
use crate::resource::service::{Config as ConfigResource, DynamicRule, Mode, Phase};
use crate::resource::{self, Authorization, Resource};
use crate::snapshot::uid;
use crate::telemetry::{Reference, ServiceFacts};
pub use config::{Config, Rule, Target};

const MAX_CONFIGS: usize = 1000;

/// The name of `spec.config`.
const DEFAULT: &str = "default";

/// What the pipeline knows of a Service.
#[derive(Debug)]
pub struct Service {
    /// `name.namespace`.
    pub name: String,
    /// Reached without `servePrivateServices` of the Gateway.
    pub is_public: bool,
    pub is_disabled: bool,
    /// Nobody has to prove who they are.
    pub is_anonymous: bool,
    /// Evaluate policies although nobody is known.
    pub anonymous_policies: bool,
    /// Served only by deployments of this region; `None` for all.
    pub region: Option<String>,
    /// For the access log.
    pub facts: ServiceFacts,
    /// `ctx.service`.
    pub value: Arc<Value>,
    /// What it brings to a decision.
    pub authorization: Authorization,
    /// Of all its configurations: its plugins may call them too.
    pub upstreams: Origins,
    configs: Vec<Config>,
    default: Option<usize>,
    rules: Vec<Rule>,
    needs: BodyNeeds,
    pre_auth_needs: BodyNeeds,
}

impl Service {
    /// Compiles; every problem is reported with its place, and what could be compiled is returned.
    pub fn compile(resource: &Resource<resource::Service>, domain: &str, problems: &mut Problems) -> Self {
        let name = full_name(&resource.metadata.name);
        let spec = &resource.spec;
        let (configs, default, rules) = problems.at("spec", |problems| compile_configs(spec, problems));
        let id = resource.metadata.uid.clone().unwrap_or_else(|| uid(domain, "Service", &name));
        let namespace = name.split_once('.').map_or("default", |(_, namespace)| namespace);
        let mode = if spec.mode == Mode::Web { "WEB" } else { "HTTP" };
        let facts = ServiceFacts {
            service: Reference::new("Service", &id, &name),
            namespace: Reference::new("Namespace", &uid(domain, "Namespace", namespace), namespace),
            mode,
            is_public: spec.is_public,
            is_anonymous: spec.is_anonymous,
        };
        Self {
            is_public: spec.is_public,
            is_disabled: spec.is_disabled,
            is_anonymous: spec.is_anonymous,
            anonymous_policies: spec.authorization.enable_anonymous,
            authorization: spec.authorization.clone(),
            upstreams: callout::upstreams(spec),
            region: spec.region.clone(),
            value: Arc::new(context_value(resource, &name, &id)),
            name,
            facts,
            needs: body_needs(&configs, &rules),
            pre_auth_needs: default
                .and_then(|index| configs.get(index))
                .map(|config| Plugins::needs(&config.plugins.pre_auth))
                .unwrap_or_default(),
            configs,
            default,
            rules,
        }
    }

    /// What rules of this Service, other than its policies, need of a body.
    pub fn body_needs(&self) -> &BodyNeeds {
        &self.needs
    }

    /// The plugins that run before authentication.
    pub fn pre_auth(&self) -> &[Plugin] {
        self.default_config().map_or(&[], |config| &config.plugins.pre_auth)
    }

    /// Which pages of other origins may call.
    pub fn cors(&self) -> Option<&Cors> {
        self.default_config().and_then(|config| config.cors.as_ref())
    }

    /// What they need of a body.
    pub fn pre_auth_needs(&self) -> &BodyNeeds {
        &self.pre_auth_needs
    }

    /// The rules that choose a configuration, in order.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// A configuration by its place, as in [`Rule::config`].
    pub fn config(&self, index: usize) -> Option<&Config> {
        self.configs.get(index)
    }

    /// The configuration for a request that no rule chose one for.
    pub fn default_config(&self) -> Option<&Config> {
        self.default.and_then(|index| self.configs.get(index))
    }

    /// Whether one of its configurations lets the caller's own `Authorization` through.
    pub fn passes_authorization(&self) -> bool {
        self.configs.iter().any(|config| config.passes_authorization(self.is_anonymous))
    }

    /// Bytes of a body that rules may read before a configuration is chosen: the most that one of them allows, where `default` is
    /// what holds for those that do not say. The chosen one then has its own limit.
    pub fn max_request_size(&self, default: u64) -> u64 {
        self.configs.iter().map(|config| config.max_request_size.unwrap_or(default)).max().unwrap_or(default)
    }
}

/// `name.namespace` of a name that may leave the namespace out.
pub fn full_name(name: &str) -> String {
    if name.contains('.') { name.to_owned() } else { format!("{name}.default") }
}

fn compile_configs(spec: &resource::Service, problems: &mut Problems) -> (Vec<Config>, Option<usize>, Vec<Rule>) {
    if spec.config.is_none() && spec.dynamic_config.as_ref().is_none_or(|dynamic| dynamic.configs.is_empty()) {
        problems.error_with_help("the Service has no `config`", "say where requests go: `config: {upstream: {url: https://…}}`");
    }
    let default = spec.config.as_ref().map(|source| problems.at("config", |problems| compile_default(source, problems)));
    let mut named: BTreeMap<&str, usize> = default.iter().map(|_| (DEFAULT, 0)).collect();
    let mut configs: Vec<Config> = default.into_iter().collect();
    let default = named.get(DEFAULT).copied();
    let Some(dynamic) = &spec.dynamic_config else { return (configs, default, Vec::new()) };
    let rules = problems.at("dynamicConfig", |problems| {
        at_most(problems, "configs", dynamic.configs.len(), MAX_CONFIGS, "configurations");
        at_most(problems, "rules", dynamic.rules.len(), MAX_CONFIGS, "rules");
        each(problems, "configs", &dynamic.configs, |problems, source| {
            if let Some(name) = compile_name(source, problems)
                && named.insert(name, configs.len()).is_some()
            {
                problems.at("name", |problems| problems.error(format!("there is a configuration `{name}` already")));
            }
            warn_of_early_settings(source, problems);
            configs.push(child::compile(source, spec, dynamic, problems));
        });
        each(problems, "rules", &dynamic.rules, |problems, source| compile_rule(source, &named, problems)).into_iter().flatten().collect()
    });
    (configs, default, rules)
}

fn compile_default(source: &ConfigResource, problems: &mut Problems) -> Config {
    if source.name.as_deref().is_some_and(|name| !name.is_empty() && name != DEFAULT) {
        problems.at("name", |p| p.error("the default configuration has no name of its own: leave it away, or write `default`"));
    }
    if source.parent.is_some() {
        problems.at("parent", |p| p.error("the default configuration has no parent"));
    }
    Config::compile(source, None, problems)
}

/// Some settings count before a configuration is chosen.
fn warn_of_early_settings(source: &ConfigResource, problems: &mut Problems) {
    const HELP: &str = "move it to `spec.config`";
    let Some(http) = &source.http else { return };
    problems.at("http", |problems| {
        if http.cors.is_some() {
            problems.at("cors", |p| p.warning_with_help("`cors` counts only in the default configuration", HELP));
        }
        each(problems, "plugins", &http.plugins, |problems, plugin| {
            if plugin.phase == Phase::PreAuth {
                problems.at("phase", |p| p.warning_with_help("a `PRE_AUTH` plugin runs only from the default configuration", HELP));
            }
        });
    });
}

/// The name by which rules and children call a configuration.
fn compile_name<'a>(source: &'a ConfigResource, problems: &mut Problems) -> Option<&'a str> {
    match source.name.as_deref() {
        None | Some("") => problems.error("`name` is missing: a configuration in this list needs one"),
        Some(DEFAULT) => problems.at("name", |p| p.error("`default` is the name of `spec.config`")),
        Some(name) => return Some(name),
    }
    None
}

fn compile_rule(source: &DynamicRule, named: &BTreeMap<&str, usize>, problems: &mut Problems) -> Option<Rule> {
    let condition = problems.at("condition", |problems| Condition::compile(&source.condition, problems));
    let arms = [("configName", source.config_name.is_some()), ("eval", source.eval.is_some()), ("opa", source.opa.is_some())];
    exactly_one(problems, &arms);
    for (arm, _) in arms.iter().filter(|(arm, set)| *set && *arm != "configName") {
        unsupported(problems, arm);
    }
    let name = source.config_name.as_deref()?;
    let config = named.get(name).copied();
    if config.is_none() {
        let known: Vec<String> = named.keys().map(|name| format!("`{name}`")).collect();
        problems.at("configName", |p| {
            p.error_with_help(format!("there is no configuration `{name}`"), format!("the configurations are {}", known.join(", ")));
        });
    }
    Some(Rule { condition: condition?, config: config? })
}

fn body_needs(configs: &[Config], rules: &[Rule]) -> BodyNeeds {
    let mut needs = BodyNeeds::default();
    for config in configs {
        needs.merge(config.needs());
    }
    for rule in rules {
        needs.reads(&rule.condition.reads());
    }
    needs
}

/// The resource as conditions see it: with its full name, its uid and its mode spelled out.
fn context_value(resource: &Resource<resource::Service>, name: &str, uid: &str) -> Value {
    let mut value = serde_json::to_value(resource).unwrap_or_default();
    if let Some(metadata) = value.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.insert("name".to_owned(), name.into());
        metadata.insert("uid".to_owned(), uid.into());
    }
    // What upstreams a Service has, and how, is no business of a rule.
    if let Some(spec) = value.get_mut("spec").and_then(Value::as_object_mut) {
        for hidden in ["config", "dynamicConfig", "authorization"] {
            spec.remove(hidden);
        }
        for flag in ["isPublic", "isDisabled", "isAnonymous"] {
            spec.entry(flag).or_insert(Value::Bool(false));
        }
    }
    value
}
