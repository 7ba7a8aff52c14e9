mod bounds;
mod compile;
mod evaluate;
mod functions;
mod reads;
mod rewrite;

use std::sync::Arc;

use http::HeaderMap;
use serde_json::{Value as Json, json};

use super::*;
use crate::context::{Budget, Request};
use crate::testing::bare;

/// A module of which only the rules are written.
fn condition(rules: &str) -> String {
    format!("package octelium.condition\n{rules}")
}

fn compiled(text: &str, purpose: Purpose) -> Result<Module, String> {
    let mut problems = Problems::new();
    let module = Module::compile_at(text, purpose, &mut problems);
    module.ok_or_else(|| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
}

/// Evaluates rules with a body, a user in two groups, `attrs`, and a header.
fn decide_on(rules: &str, body: &Json) -> Result<Option<bool>, String> {
    let module = compiled(&condition(rules), Purpose::Condition)?;
    with_context(body, |context| {
        let attrs = json!({"limit": 3, "roles": ["admin"]});
        module.evaluate_bool(context, Some(&attrs), Timestamp(1_766_000_000_000)).map_err(|failure| failure.to_string())
    })
}

fn decide(rules: &str) -> Result<Option<bool>, String> {
    decide_on(rules, &json!({"model": "gpt-5", "n": 2, "messages": [{"role": "user", "content": "hi"}, {"role": "tool", "content": "x"}]}))
}

fn with_context<T>(body: &Json, use_it: impl FnOnce(&Context<'_>) -> T) -> T {
    let mut headers = HeaderMap::new();
    headers.insert("x-team", "blue".parse().unwrap());
    let request = Request {
        method: "POST",
        path: "/v1/chat",
        uri: "/v1/chat?a=1&a=2",
        query: "a=1&a=2",
        size: Some(17),
        body_map: Some(body),
        ..bare(&headers)
    };
    let mut context = Context::new(request);
    // A fifth of the default, so that tests which spend all of it are quick.
    context.budget = Budget::new(100_000);
    context.user = Some(Arc::new(json!({"metadata": {"name": "ada"}, "spec": {"groups": ["dev", "ops"]}})));
    context.groups = Some(Arc::new(json!([{"metadata": {"name": "dev"}}, {"metadata": {"name": "ops"}}])));
    use_it(&context)
}
