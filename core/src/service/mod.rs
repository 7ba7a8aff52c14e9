//! A Service, compiled. The same function checks a Service when it is published and prepares it when an instance first needs it.

mod child;
mod config;
mod dynamic;
mod merge;
mod pools;

use std::collections::BTreeMap;
use std::sync::Arc;

use http::HeaderMap;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::auth::Methods;
use crate::body::BodyNeeds;
use crate::callout::{self, Origins};
use crate::check::{at_most, each, exactly_one};
use crate::condition::{Condition, Index};
use crate::cors::Cors;
use crate::error::Shape;
use crate::feature::Feature;
use crate::plugin::{Plugin, Plugins};
use crate::problem::Problems;
use crate::resource::service::{Config as ConfigResource, DynamicConfig, DynamicRule, Mode, Phase};
use crate::resource::{self, Authorization, Resource};
use crate::route::Routes;
use crate::snapshot::uid;
use crate::telemetry::{Reference, ServiceFacts};
use crate::upstream::retain_for_models;
pub use config::{Config, Target};
use dynamic::{Choice, Maker, Parents, parents};
pub use dynamic::{Chosen, Rule, written_out};
use merge::Written;

const MAX_CONFIGS: usize = 1000;

/// The name of `spec.config`.
pub const DEFAULT: &str = "default";

/// What the pipeline knows of a Service.
#[derive(Debug)]
pub struct Service {
    /// `name.namespace`.
    pub name: String,
    pub mode: Mode,
    /// Reached without `servePrivateServices` of the Gateway.
    pub is_public: bool,
    pub is_disabled: bool,
    /// Nobody has to prove who they are.
    pub is_anonymous: bool,
    /// How callers prove who they are; `None` for this gateway's own tokens.
    pub methods: Option<Methods>,
    /// Evaluate policies although nobody is known.
    pub anonymous_policies: bool,
    /// Served only by deployments of this region; `None` for all.
    pub region: Option<String>,
    /// SHA-256 of the resource, for what plugins keep from one request to another.
    pub revision: [u8; 32],
    /// For the access log.
    pub facts: ServiceFacts,
    /// `ctx.service`.
    pub value: Arc<Value>,
    /// What it brings to a decision.
    pub authorization: Authorization,
    /// Of all its configurations: its plugins may call them too.
    pub upstreams: Origins,
    pub routes: Routes,
    configs: Vec<Config>,
    default: Option<usize>,
    rules: Vec<Rule>,
    rule_index: Index,
    needs: BodyNeeds,
    pre_auth_needs: BodyNeeds,
}

impl Service {
    /// Compiles; every problem is reported with its place, and what could be compiled is returned.
    pub fn compile(resource: &Resource<resource::Service>, domain: &str, problems: &mut Problems) -> Self {
        // Resources came from JSON and go back to it.
        Self::compile_written(resource, &serde_json::to_value(resource).unwrap_or_default(), domain, problems)
    }

    /// The same of a resource together with the document that it was read from.
    pub fn compile_written(resource: &Resource<resource::Service>, document: &Value, domain: &str, problems: &mut Problems) -> Self {
        let name = full_name(&resource.metadata.name);
        let spec = &resource.spec;
        let written = Written::of(document);
        let (configs, default, rules, routes) = problems.at("spec", |problems| {
            let (configs, default, rules, named) = compile_configs(spec, &written, problems);
            let routes = compile_routes(&name, &spec.routes, &named, problems);
            (configs, default, rules, routes)
        });
        let methods = spec
            .authentication
            .as_ref()
            .and_then(|source| problems.at("spec", |problems| problems.at("authentication", |problems| compile_methods(source, problems))));
        let id = resource.metadata.uid.clone().unwrap_or_else(|| uid(domain, "Service", &name));
        let namespace = name.split_once('.').map_or("default", |(_, namespace)| namespace);
        let mode = spec.mode.as_str();
        let facts = ServiceFacts {
            service: Reference::new("Service", &id, &name),
            namespace: Reference::new("Namespace", &uid(domain, "Namespace", namespace), namespace),
            mode,
            is_public: spec.is_public,
            is_anonymous: spec.is_anonymous,
        };
        Self {
            mode: spec.mode,
            is_public: spec.is_public,
            is_disabled: spec.is_disabled,
            is_anonymous: spec.is_anonymous,
            anonymous_policies: spec.authorization.enable_anonymous || methods.as_ref().is_some_and(Methods::is_optional),
            methods,
            authorization: spec.authorization.clone(),
            upstreams: callout::upstreams(spec),
            region: spec.region.clone(),
            revision: Sha256::digest(document.to_string()).into(),
            value: Arc::new(context_value(document, &name, &id)),
            name,
            facts,
            needs: body_needs(&configs, &rules),
            pre_auth_needs: default
                .and_then(|index| configs.get(index))
                .map(|config| Plugins::needs(&config.plugins.pre_auth))
                .unwrap_or_default(),
            configs,
            default,
            rule_index: Index::new(&rules.iter().map(|rule| &rule.condition).collect::<Vec<_>>()),
            rules,
            routes,
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

    /// All configurations, the default first.
    pub fn configs(&self) -> &[Config] {
        &self.configs
    }

    /// The configuration for a request that no rule chose one for.
    pub fn default_config(&self) -> Option<&Config> {
        self.default.and_then(|index| self.configs.get(index))
    }

    /// How its callers prove who they are; `None` where only the gateway's own tokens count.
    pub fn methods(&self) -> Option<&Methods> {
        if const { Feature::Authentication.is_built() } { self.methods.as_ref() } else { None }
    }

    /// What errors look like to its callers: as those of the provider that its configurations have, where they have but one.
    pub fn shape(&self) -> Shape {
        let mut shapes = self.configs.iter().filter_map(Config::shape);
        let first = shapes.next().unwrap_or_default();
        if shapes.all(|shape| shape == first) { first } else { Shape::default() }
    }

    /// Whether a configuration, or one of those in its pools, lets the caller's own `Authorization` through.
    pub fn passes_authorization_of(&self, config: &Config) -> bool {
        match &config.target {
            Target::Pools(pools) => {
                let mut members = pools.members().filter_map(|place| self.configs.get(place));
                !config.headers.deletes_authorization() && members.any(|member| member.passes_authorization(self.is_anonymous))
            }
            _ => config.passes_authorization(self.is_anonymous),
        }
    }

    /// Removes those of the caller's headers that a configuration keeps from its upstream.
    pub fn retain_headers(&self, config: &Config, headers: &mut HeaderMap) {
        let is_for_models = || match &config.target {
            Target::Pools(pools) => pools.members().filter_map(|place| self.configs.get(place)).all(|member| member.ai().is_some()),
            _ => config.ai().is_some(),
        };
        match &config.headers.kept {
            Some(kept) => kept.retain(headers),
            None if is_for_models() => retain_for_models(headers),
            None => {}
        }
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

fn compile_methods(source: &resource::service::Authentication, problems: &mut Problems) -> Option<Methods> {
    if const { Feature::Authentication.is_built() } {
        Some(Methods::compile(source, problems))
    } else {
        Feature::Authentication.refuse(problems)
    }
}

fn compile_routes(service: &str, source: &[resource::service::Route], configs: &BTreeMap<&str, usize>, problems: &mut Problems) -> Routes {
    if source.is_empty() {
        return Routes::default();
    }
    if const { Feature::Routing.is_built() } {
        Routes::compile(service, source, configs, problems)
    } else {
        problems.at("routes", |problems| Feature::Routing.refuse(problems)).unwrap_or_default()
    }
}

type Configs<'s> = (Vec<Config>, Option<usize>, Vec<Rule>, BTreeMap<&'s str, usize>);

fn compile_configs<'s>(spec: &'s resource::Service, written: &Written, problems: &mut Problems) -> Configs<'s> {
    let makes_some = |dynamic: &DynamicConfig| dynamic.rules.iter().any(|rule| rule.eval.is_some() || rule.opa.is_some());
    if spec.config.is_none() && spec.dynamic_config.as_ref().is_none_or(|dynamic| dynamic.configs.is_empty() && !makes_some(dynamic)) {
        problems.error_with_help("the Service has no `config`", "say where requests go: `config: {upstream: {url: https://…}}`");
    }
    let default = spec.config.as_ref().map(|source| {
        problems.at("config", |problems| {
            refuse_early_caches(spec, source, problems);
            compile_default(source, problems)
        })
    });
    let mut named: BTreeMap<&str, usize> = default.iter().map(|_| (DEFAULT, 0)).collect();
    let mut configs: Vec<Config> = default.into_iter().collect();
    let default = named.get(DEFAULT).copied();
    let Some(dynamic) = &spec.dynamic_config else {
        pools::resolve(spec, &named, &mut configs, problems);
        return (configs, default, Vec::new(), named);
    };
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
            let own = source.name.as_deref().and_then(|name| written.config(name)).unwrap_or(&Value::Null);
            configs.push(child::compile(source, own, written, (spec, dynamic), problems));
        });
        let parents = parents(spec, written);
        let rules = each(problems, "rules", &dynamic.rules, |problems, source| compile_rule(source, &named, &parents, problems));
        rules.into_iter().flatten().collect()
    });
    pools::resolve(spec, &named, &mut configs, problems);
    (configs, default, rules, named)
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

/// What was kept must not answer where somebody else, or a rule, may decide otherwise.
fn refuse_early_caches(spec: &resource::Service, source: &ConfigResource, problems: &mut Problems) {
    let reason = if !spec.is_anonymous {
        "this Service asks who calls, and a `PRE_AUTH` cache would answer before"
    } else if spec.authorization.enable_anonymous {
        "the policies of this Service are asked, and a `PRE_AUTH` cache would answer before"
    } else if spec.dynamic_config.is_some() {
        "`dynamicConfig` chooses the configuration, and a `PRE_AUTH` cache would answer before"
    } else {
        return;
    };
    let Some(http) = &source.http else { return };
    problems.at("http", |problems| {
        each(problems, "plugins", &http.plugins, |problems, plugin| {
            if plugin.phase == Phase::PreAuth && plugin.cache.is_some() {
                problems.at("phase", |p| p.error_with_help(reason, "leave `phase` away"));
            }
        });
    });
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

fn compile_rule(source: &DynamicRule, named: &BTreeMap<&str, usize>, parents: &Parents, problems: &mut Problems) -> Option<Rule> {
    let condition = problems.at("condition", |problems| Condition::compile(&source.condition, problems));
    let arms = [("configName", source.config_name.is_some()), ("eval", source.eval.is_some()), ("opa", source.opa.is_some())];
    exactly_one(problems, &arms);
    let Some(name) = source.config_name.as_deref() else {
        let maker = if const { Feature::MadeConfigs.is_built() } {
            Maker::compile(source, parents, problems)?
        } else {
            return Feature::MadeConfigs.refuse(problems);
        };
        return Some(Rule { condition: condition?, choice: Choice::Made(Box::new(maker)) });
    };
    let config = named.get(name).copied();
    if config.is_none() {
        let known: Vec<String> = named.keys().map(|name| format!("`{name}`")).collect();
        problems.at("configName", |p| {
            p.error_with_help(format!("there is no configuration `{name}`"), format!("the configurations are {}", known.join(", ")));
        });
    }
    Some(Rule { condition: condition?, choice: Choice::Listed(config?) })
}

fn body_needs(configs: &[Config], rules: &[Rule]) -> BodyNeeds {
    let mut needs = BodyNeeds::default();
    for config in configs {
        needs.merge(config.needs());
    }
    for rule in rules {
        needs.reads(&rule.reads());
    }
    needs
}

/// The resource as conditions see it: with its full name, its uid and its mode spelled out.
fn context_value(document: &Value, name: &str, uid: &str) -> Value {
    let mut value = document.clone();
    if let Some(metadata) = value.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.insert("name".to_owned(), name.into());
        metadata.insert("uid".to_owned(), uid.into());
    }
    // What upstreams a Service has, and how, is no business of a rule.
    if let Some(spec) = value.get_mut("spec").and_then(Value::as_object_mut) {
        for hidden in ["authentication", "config", "dynamicConfig", "authorization", "routes"] {
            spec.remove(hidden);
        }
        for flag in ["isPublic", "isDisabled", "isAnonymous"] {
            spec.entry(flag).or_insert(Value::Bool(false));
        }
    }
    value
}
