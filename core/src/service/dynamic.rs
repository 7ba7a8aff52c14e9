//! `dynamicConfig`: which configuration serves a request that was allowed.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::rc::Rc;

use serde_json::Value;

use super::merge::{Written, read};
use super::{Config, Service, Target, child, warn_of_early_settings};
use crate::callout::{Origin, Origins, of_config};
use crate::compile::check_config;
use crate::condition::Condition;
use crate::context::Context;
use crate::error::{ErrorKind, GatewayError};
use crate::explain::Step;
use crate::expression::{Expression, Failure, Reads};
use crate::feature::Feature;
use crate::platform::Timestamp;
use crate::problem::{Problem, Problems, Severity};
use crate::rego::{Module, Purpose};
use crate::resource;
use crate::resource::service::{Config as ConfigResource, DynamicConfig, DynamicRule};
use crate::route::Matched;

/// Chooses a configuration when its condition applies.
#[derive(Debug)]
pub struct Rule {
    pub(super) condition: Condition,
    pub(super) choice: Choice,
}

/// What a rule chooses.
#[derive(Debug)]
pub(super) enum Choice {
    /// A configuration of the Service, by its place.
    Listed(usize),
    /// One that it makes for the request.
    Made(Box<Maker>),
}

/// The configuration that serves a request.
#[derive(Debug)]
pub enum Chosen<'s> {
    Listed(&'s Config),
    Made(Rc<Config>),
}

/// Makes configurations. Each is compiled once for as long as it is remembered, as a rule makes few different ones.
#[derive(Debug)]
pub(super) struct Maker {
    program: Program,
    /// Origins that are written out in the rule.
    literals: Origins,
    /// The Service's configurations, which one that is made can build upon.
    parents: Rc<resource::Service>,
    written: Written,
    made: RefCell<BTreeMap<String, Rc<Config>>>,
}

#[derive(Debug)]
enum Program {
    Eval(Box<Expression>),
    Opa(Box<Module>),
}

/// Configurations that a rule remembers.
const MAX_MADE: usize = 64;
/// Bytes of JSON of a configuration that is made.
const MAX_LENGTH: usize = 100_000;
/// Bytes of one that is remembered.
const MAX_REMEMBERED: usize = 16_000;

impl Rule {
    /// What the rule may read of a request.
    pub fn reads(&self) -> Reads {
        let mut reads = self.condition.reads();
        if let Choice::Made(maker) = &self.choice {
            reads.merge(maker.reads());
        }
        reads
    }
}

impl Service {
    /// The configuration that the request's route names, else that of the first rule of `dynamicConfig` that applies and has one for
    /// the request, else the default. What a rule makes may lead only to origins that are written out: in the rule, in the Service's configurations, or among those `allowed`.
    ///
    /// # Errors
    /// 500 when a rule fails, or makes what is no configuration; 502 when nothing is left to serve the request.
    pub fn choose(
        &self,
        route: Option<&Matched>,
        context: &Context<'_>,
        now: Timestamp,
        allowed: &Origins,
    ) -> Result<Chosen<'_>, GatewayError> {
        if let Some(config) = route.and_then(|route| route.config).and_then(|index| self.configs.get(index)) {
            return Ok(Chosen::Listed(config));
        }
        for index in self.rule_index.candidates(context) {
            let Some(rule) = self.rules.get(index) else { continue };
            context.tell(|| Step::ConfigRule { index });
            if !rule.condition.applies(context, None, now).map_err(|failure| failed(index, &failure.to_string()))? {
                continue;
            }
            let chosen = match &rule.choice {
                Choice::Listed(index) => self.configs.get(*index).map(Chosen::Listed),
                Choice::Made(maker) => {
                    if const { Feature::MadeConfigs.is_built() } {
                        maker.make(context, now, self, allowed).map_err(|why| failed(index, &why))?.map(Chosen::Made)
                    } else {
                        return Err(failed(index, &Feature::MadeConfigs.refusal()));
                    }
                }
            };
            if let Some(chosen) = chosen {
                return Ok(chosen);
            }
        }
        let default = self.default_config().map(Chosen::Listed);
        default.ok_or_else(|| GatewayError::new(ErrorKind::NoUpstream, "no rule of dynamicConfig applies, and there is no default"))
    }
}

/// Origins that are written out in a rule that makes configurations: these may lead there.
pub fn written_out(rule: &DynamicRule) -> Origins {
    // What is wrong with the rule was said when it was published.
    Maker::compile(rule, &Parents::default(), &mut Problems::new()).map(|maker| maker.literals).unwrap_or_default()
}

fn failed(index: usize, why: &str) -> GatewayError {
    GatewayError::new(ErrorKind::Evaluation, format!("rule {index} of dynamicConfig failed: {why}"))
}

impl Deref for Chosen<'_> {
    type Target = Config;

    fn deref(&self) -> &Config {
        match self {
            Self::Listed(config) => config,
            Self::Made(config) => config,
        }
    }
}

impl Maker {
    /// Compiles the program of a rule; every problem is reported at its place.
    pub fn compile(source: &DynamicRule, (parents, written): &Parents, problems: &mut Problems) -> Option<Self> {
        let (program, literals, computed) = if let Some(text) = &source.eval {
            problems.at("eval", |problems| {
                let expression = Expression::compile_at(text, problems)?;
                let facts = (Origins::from_literals(expression.literals()), expression.computes(&GUARDED));
                Some((Program::Eval(Box::new(expression)), facts.0, facts.1))
            })?
        } else {
            let opa = source.opa.as_ref()?;
            problems.at("opa", |problems| {
                problems.at("inline", |problems| {
                    let module = Module::compile_at(&opa.inline, Purpose::Config, problems)?;
                    let facts = (Origins::from_literals(module.literals()), module.computes(&GUARDED));
                    Some((Program::Opa(Box::new(module)), facts.0, facts.1))
                })
            })?
        };
        for key in computed {
            problems.at(if source.eval.is_some() { "eval" } else { "opa" }, |problems| warn_of_computed(key, problems));
        }
        Some(Self { program, literals, parents: parents.clone(), written: written.clone(), made: RefCell::default() })
    }

    pub fn reads(&self) -> &Reads {
        match &self.program {
            Program::Eval(expression) => expression.reads(),
            Program::Opa(module) => module.reads(),
        }
    }

    /// `None` where the rule has no value for this request.
    fn make(&self, context: &Context<'_>, now: Timestamp, service: &Service, allowed: &Origins) -> Result<Option<Rc<Config>>, String> {
        let object = match &self.program {
            Program::Eval(expression) => expression.evaluate_object(context, now),
            Program::Opa(module) => module.evaluate_object(context, now),
        };
        let Some(object) = object.map_err(|failure: Failure| failure.to_string())? else { return Ok(None) };
        let object = Value::Object(object);
        let text = object.to_string();
        if text.len() > MAX_LENGTH {
            return Err(format!("a configuration has at most {MAX_LENGTH} bytes"));
        }
        if let Some(config) = self.made.borrow().get(&text) {
            return Ok(Some(config.clone()));
        }
        let config = Rc::new(self.compile_made((&object, &text), service, allowed)?);
        let mut made = self.made.borrow_mut();
        if text.len() <= MAX_REMEMBERED {
            if made.len() >= MAX_MADE {
                made.clear();
            }
            made.insert(text, config.clone());
        }
        Ok(Some(config))
    }

    fn compile_made(&self, (object, text): (&Value, &str), service: &Service, allowed: &Origins) -> Result<Config, String> {
        let source: ConfigResource = read(text).map_err(|error| format!("this is no configuration: {error}"))?;
        let mut problems = Problems::new();
        // A limit, a script or a call-out that would silently not run may be the one that protects.
        let (_, early) = problems.aside(|problems| warn_of_early_settings(&source, problems));
        if let Some(problem) = early.iter().next() {
            return Err(unusable(problem));
        }
        for plugin in source.http.iter().flat_map(|http| &http.plugins) {
            if plugin.lua.is_some() || plugin.ext_proc.is_some() {
                return Err(format!("the plugin {:?} runs code or calls out, so it has to come from a parent", plugin.name));
            }
        }
        for origin in of_config(&source) {
            self.require_known(origin.as_ref(), service, allowed)?;
        }
        check_config(&source, &mut problems);
        let dynamic = self.parents.dynamic_config.clone().unwrap_or_default();
        let config = child::compile(&source, object, &self.written, (&self.parents, &dynamic), &mut problems);
        if let Some(problem) = problems.iter().find(|problem| problem.severity == Severity::Error) {
            return Err(unusable(problem));
        }
        if matches!(config.target, Target::Pools(_)) {
            return Err("it has pools: write such a configuration into `configs`, and name it in `configName`".to_owned());
        }
        if !service.needs.covers(config.needs()) {
            return Err(
                "it needs more of the request's body than was read for this Service: let a parent in `configs` need the same".to_owned()
            );
        }
        Ok(config)
    }

    /// An upstream that a caller could choose would be sent the operator's credential.
    fn require_known(&self, origin: Option<&Origin>, service: &Service, allowed: &Origins) -> Result<(), String> {
        let known = |origin| self.literals.contains(origin) || service.upstreams.contains(origin) || allowed.contains(origin);
        match origin {
            Some(origin) if known(origin) => Ok(()),
            Some(origin) => Err(format!(
                "it leads to {origin}, which is written out neither in the rule, nor in a configuration of the Service, nor in the Gateway's `callouts.allow`"
            )),
            None => Err("it leads to something that is no URL".to_owned()),
        }
    }
}

/// What says where a request goes, and with whose credential.
const GUARDED: [&str; 3] = ["url", "tokenURL", "fromSecret"];

fn warn_of_computed(key: &str, problems: &mut Problems) {
    if key == "fromSecret" {
        let help = "see that it comes from the user or the Service, and not from the request";
        problems.warning_with_help("the name of the secret is computed", help);
    } else {
        let help =
            "addresses that are not written out in the rule or in a configuration of the Service go into the Gateway's `callouts.allow`";
        problems.warning_with_help(format!("`{key}` is computed, and serves only where it gives an address that is written out"), help);
    }
}

fn unusable(problem: &Problem) -> String {
    format!("the configuration that it makes cannot be used: {problem}")
}

/// What configurations that are made need of a Service: those that they can build upon.
pub(super) type Parents = (Rc<resource::Service>, Written);

pub(super) fn parents(spec: &resource::Service, written: &Written) -> Parents {
    let configs = spec.dynamic_config.as_ref().map(|dynamic| dynamic.configs.clone()).unwrap_or_default();
    let dynamic_config = Some(DynamicConfig { configs, rules: Vec::new() });
    let parents = resource::Service { config: spec.config.clone(), dynamic_config, ..resource::Service::default() };
    (Rc::new(parents), written.clone())
}
