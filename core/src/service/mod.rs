//! A Service, compiled. The same function checks a Service when it is published and prepares it when an instance first needs it.

mod config;
mod merge;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use crate::body::BodyNeeds;
use crate::condition::Condition;
use crate::problem::Problems;
use crate::resource::service::{Config as ConfigResource, DynamicConfig, Mode};
use crate::resource::{self, Authorization, Resource};
use crate::snapshot::uid;
use crate::telemetry::{Reference, ServiceFacts};
pub use config::{Config, Credential, Rule, Target, Visibility};

/// What the pipeline knows of a Service.
#[derive(Debug)]
pub struct Service {
    /// `name.namespace`.
    pub name: String,
    pub is_public: bool,
    pub is_disabled: bool,
    pub is_anonymous: bool,
    /// Evaluate policies although nobody is known.
    pub anonymous_policies: bool,
    pub region: Option<String>,
    pub facts: ServiceFacts,
    /// `ctx.service`.
    pub value: Arc<Value>,
    /// What it brings to a decision.
    pub authorization: Authorization,
    configs: Vec<Config>,
    default: Option<usize>,
    rules: Vec<Rule>,
    needs: BodyNeeds,
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
            region: spec.region.clone(),
            value: Arc::new(context_value(resource, &name, &id)),
            name,
            facts,
            needs: body_needs(&configs, &rules),
            configs,
            default,
            rules,
        }
    }

    /// What rules of this Service, other than its policies, need of a body.
    pub fn body_needs(&self) -> &BodyNeeds {
        &self.needs
    }

    /// The rules that choose a configuration, in order.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    pub fn config(&self, index: usize) -> Option<&Config> {
        self.configs.get(index)
    }

    /// The configuration for a request that no rule chose one for.
    pub fn default_config(&self) -> Option<&Config> {
        self.default.and_then(|index| self.configs.get(index))
    }

    /// Whether one of its configurations lets the caller's own `Authorization` through.
    pub fn passes_authorization(&self) -> bool {
        self.configs.iter().any(|config| config.headers.passes_authorization(self.is_anonymous))
    }

    /// Bytes of a body that rules may read before a configuration is chosen: the most that one of them allows, where `default` is
    /// what holds for those that do not say. The chosen one then has its own limit.
    pub fn max_request_size(&self, default: u64) -> u64 {
        self.configs.iter().map(|config| config.max_request_size.unwrap_or(default)).max().unwrap_or(default)
    }

    /// The names of the Secrets that its upstreams need.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        self.configs.iter().filter_map(|config| config.credential.as_ref()).map(|Credential::Bearer(name)| name.as_str())
    }
}

/// `name.namespace` of a name that may leave the namespace out.
pub fn full_name(name: &str) -> String {
    if name.contains('.') { name.to_owned() } else { format!("{name}.default") }
}

fn compile_configs(spec: &resource::Service, problems: &mut Problems) -> (Vec<Config>, Option<usize>, Vec<Rule>) {
    let mut configs = Vec::new();
    let mut default = None;
    if let Some(source) = &spec.config {
        default = Some(0);
        configs.push(problems.at("config", |problems| Config::compile(source, None, problems)));
    }
    let Some(dynamic) = &spec.dynamic_config else {
        if spec.config.is_none() {
            problems.error("a Service needs `config` or `dynamicConfig`");
        }
        return (configs, default, Vec::new());
    };
    problems.at("dynamicConfig", |problems| {
        let named = compile_named(spec, dynamic, &mut configs, problems);
        let rules = compile_rules(dynamic, &named, default, problems);
        (configs, default, rules)
    })
}

fn compile_named(
    spec: &resource::Service,
    dynamic: &DynamicConfig,
    configs: &mut Vec<Config>,
    problems: &mut Problems,
) -> BTreeMap<String, usize> {
    let mut named = BTreeMap::new();
    problems.at("configs", |problems| {
        for (index, source) in dynamic.configs.iter().enumerate() {
            problems.at_index(index, |problems| {
                let Some(name) = source.name.clone().filter(|name| !name.is_empty() && name != "default") else {
                    problems.error("a configuration here needs a `name`, and not `default`, which is `spec.config`");
                    return;
                };
                let merged = match with_parent(spec, dynamic, source, problems) {
                    Some(merged) => merged,
                    None => source.clone(),
                };
                if named.insert(name.clone(), configs.len()).is_some() {
                    problems.at("name", |problems| problems.error(format!("there are two configurations named {name:?}")));
                }
                configs.push(Config::compile(&merged, Some(name), problems));
            });
        }
    });
    named
}

fn with_parent(
    spec: &resource::Service,
    dynamic: &DynamicConfig,
    source: &ConfigResource,
    problems: &mut Problems,
) -> Option<ConfigResource> {
    let name = source.parent.as_ref()?;
    problems.at("parent", |problems| {
        let parent = match name.as_str() {
            "default" => spec.config.as_ref(),
            other => dynamic.configs.iter().find(|config| config.name.as_deref() == Some(other)),
        };
        let Some(parent) = parent else {
            problems.error(format!("there is no configuration named {name:?}"));
            return None;
        };
        if parent.parent.is_some() {
            problems.error(format!("{name:?} has a parent itself; only one level is possible"));
            return None;
        }
        merge::merge(parent, source).map_err(|why| problems.error(format!("the two configurations do not fit together: {why}"))).ok()
    })
}

fn compile_rules(dynamic: &DynamicConfig, named: &BTreeMap<String, usize>, default: Option<usize>, problems: &mut Problems) -> Vec<Rule> {
    let mut rules = Vec::new();
    problems.at("rules", |problems| {
        for (index, source) in dynamic.rules.iter().enumerate() {
            problems.at_index(index, |problems| {
                let condition = problems.at("condition", |problems| Condition::compile(&source.condition, problems));
                let Some(name) = &source.config_name else {
                    problems.error("a rule needs a `configName`");
                    return;
                };
                let config = if name == "default" { default } else { named.get(name).copied() };
                match (condition, config) {
                    (Some(condition), Some(config)) => rules.push(Rule { condition, config }),
                    (_, None) => problems.at("configName", |problems| problems.error(format!("there is no configuration named {name:?}"))),
                    (None, Some(_)) => {}
                }
            });
        }
    });
    rules
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
