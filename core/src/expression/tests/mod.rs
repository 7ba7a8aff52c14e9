//! Expressions over one request that stands for all.

mod compile;
mod functions;
mod fuzz;
mod semantics;
mod stack;

use std::net::IpAddr;
use std::sync::Arc;

use http::HeaderMap;
use serde_json::{Value as Json, json};

use super::{Expression, ExpressionError, Failure};
use crate::context::{Context, Lazy, Request};
use crate::platform::Timestamp;

/// Friday, 20 November 2026, 22:31 UTC.
const NOW: &str = "2026-11-20T22:31:00.123Z";

/// Evaluates over the sample request; the value is seen as JSON.
fn evaluate(source: &str) -> Result<Option<Json>, Failure> {
    let expression = Expression::compile(&format!("json.marshal([{source}\n])")).unwrap_or_else(|error| panic!("{source}: {error}"));
    evaluate_over(&expression, &sample_body())
}

/// Evaluates an expression whose value is the JSON of a list of one.
fn evaluate_over(expression: &Expression, body: &Json) -> Result<Option<Json>, Failure> {
    let mut headers = HeaderMap::new();
    headers.insert("x-tenant", "acme".parse().unwrap());
    headers.append("x-twice", "first".parse().unwrap());
    headers.append("x-twice", "second".parse().unwrap());
    let attributes = json!({"limit": 3, "pattern": "^g.*i$"});
    let mut context = Context::new(Request {
        method: "POST",
        path: "/users/é",
        uri: "/users/%C3%A9?a=1&b=x+y&a=2",
        host: "api.example.com",
        scheme: "",
        query: "a=1&b=x+y&a=2",
        headers: &headers,
        ip: Some(IpAddr::from([192, 168, 1, 10])),
        size: Some(1234),
        body: Some("the text"),
        body_map: Some(body),
    });
    context.user = Some(Arc::new(json!({"metadata": {"name": "ada"}, "spec": {"groups": ["dev", "ops"], "email": null}})));
    context.session = Some(Lazy::new(|| json!({"status": {"isBrowser": false}})));
    context.groups = Some(Arc::new(json!([])));
    context.region = Some("eu");
    let now = Timestamp::from_rfc3339(NOW).unwrap();
    let text = expression.evaluate_string(&context, Some(&attributes), now)?;
    Ok(text.map(|text| serde_json::from_str::<Json>(&text).unwrap()[0].take()))
}

fn sample_body() -> Json {
    json!({
        "model": "gpt-4o-mini",
        "temperature": 0.5,
        "n": 1,
        "big": 9_007_199_254_740_993_i64,
        "huge": u64::MAX,
        "stream": true,
        "nothing": null,
        "messages": [{"role": "system", "content": "be nice"}, {"role": "user", "content": "hello"}],
        "user": {"name": "n"},
    })
}

fn error(source: &str) -> ExpressionError {
    match Expression::compile(source) {
        Ok(_) => panic!("{source} compiles"),
        Err(error) => error,
    }
}

/// Each source gives this JSON.
fn gives(cases: &[(&str, Json)]) {
    for (source, expected) in cases {
        assert_eq!(evaluate(source), Ok(Some(expected.clone())), "{source}");
    }
}

/// Each source is true.
fn holds(cases: &[&str]) {
    for source in cases {
        assert_eq!(evaluate(source), Ok(Some(Json::Bool(true))), "{source}");
    }
}

/// Each source reads something that is missing.
fn misses(cases: &[&str]) {
    for source in cases {
        assert_eq!(evaluate(source), Ok(None), "{source}");
    }
}

/// Each source is a real error.
fn fails(cases: &[&str]) {
    for source in cases {
        assert!(evaluate(source).is_err(), "{source} gives {:?}", evaluate(source));
    }
}
