use std::sync::{Mutex, PoisonError};

use postern_core::explain::{Evaluation, Listener, PluginEnd, Step};
use postern_core::expression::Failure;
use serde_json::{Value, json};

/// Writes down each step as an object that names it.
#[derive(Debug, Default)]
pub(super) struct Recorder(Mutex<Vec<Value>>);

impl Recorder {
    pub fn take(&self) -> Vec<Value> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Listener for Recorder {
    fn step(&self, step: &Step<'_>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(describe(step));
    }
}

fn describe(step: &Step<'_>) -> Value {
    match step {
        Step::Routed { service, path, route } => {
            let mut step = json!({"step": "route", "service": service, "path": path});
            if let (Some(name), Some(fields)) = (route, step.as_object_mut()) {
                fields.insert("route".to_owned(), json!(name));
            }
            step
        }
        Step::Plugin { name, kind, is_before_authentication } => {
            let phase = if *is_before_authentication { "PRE_AUTH" } else { "POST_AUTH" };
            json!({"step": "plugin", "name": name, "kind": kind, "phase": phase})
        }
        Step::PluginEnded(end) => {
            let outcome = match end {
                PluginEnd::Skipped => "skipped",
                PluginEnd::Ran => "ran",
                PluginEnd::Answered => "answered",
            };
            json!({"step": "pluginEnded", "outcome": outcome})
        }
        Step::Caller { user, groups, credential } => json!({"step": "caller", "user": user, "groups": groups, "credential": credential}),
        Step::Anonymous => json!({"step": "caller", "isAnonymous": true}),
        Step::Policies(policies) => json!({"step": "policies", "policies": policies}),
        Step::Body { read } => json!({"step": "body", "bytesRead": read}),
        Step::Enforcement { policy, effect } => json!({"step": "enforcementRule", "policy": policy, "effect": effect}),
        Step::Rule { policy, name, effect, priority } => {
            json!({"step": "rule", "policy": policy, "name": name, "effect": effect, "priority": priority})
        }
        Step::Decided { is_allowed, by_rule } => json!({"step": "decision", "isAllowed": is_allowed, "byRule": by_rule}),
        Step::NoPolicies => json!({"step": "decision", "isAllowed": true, "isAnonymous": true}),
        Step::ConfigRule { index } => json!({"step": "configRule", "index": index}),
        Step::Config { name } => json!({"step": "config", "name": name}),
        Step::Member { name } => json!({"step": "configOfPools", "name": name}),
        Step::Evaluated(evaluation) => evaluated(evaluation),
        Step::Rego { result } => {
            json!({"step": "expression", "keyword": "opa", "source": "a Rego module", "result": outcome(result), "values": []})
        }
    }
}

fn evaluated(evaluation: &Evaluation<'_>) -> Value {
    let result = outcome(evaluation.result);
    let values: Vec<Value> = evaluation.values().into_iter().map(|(text, value)| json!({"text": text, "value": value})).collect();
    json!({"step": "expression", "keyword": evaluation.keyword, "source": evaluation.expression.source(), "result": result, "values": values})
}

fn outcome(result: &Result<Option<bool>, Failure>) -> Value {
    match result {
        Ok(Some(value)) => json!(value),
        Ok(None) => json!("missing"),
        Err(failure) => json!({"error": failure.to_string()}),
    }
}
