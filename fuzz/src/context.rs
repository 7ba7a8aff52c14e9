//! One request that stands for all.

use std::sync::Arc;

use http::HeaderMap;
use postern_core::context::{Context, Lazy, Request};
use serde_json::{Value, json};

/// With a body that rules read.
pub fn context<'r>(headers: &'r HeaderMap, body: &'r Value) -> Context<'r> {
    let mut context = Context::new(Request {
        method: "POST",
        path: "/users/é",
        uri: "/users/%C3%A9?a=1&b=x+y&a=2",
        host: "api.example.com",
        scheme: "",
        query: "a=1&b=x+y&a=2",
        headers,
        ip: Some([192, 168, 1, 10].into()),
        size: Some(1234),
        body: Some("the text"),
        body_map: Some(body),
    });
    context.user = Some(Arc::new(json!({"metadata": {"name": "ada"}, "spec": {"groups": ["dev", "ops"], "email": null}})));
    context.session = Some(Lazy::new(|| json!({"status": {"isBrowser": false}})));
    context.groups = Some(Arc::new(json!([])));
    context.region = Some("eu");
    context
}

/// A body.
pub fn sample() -> Value {
    json!({
        "model": "gpt-4o-mini",
        "temperature": 0.5,
        "n": 1,
        "big": 9_007_199_254_740_993_i64,
        "huge": u64::MAX,
        "nothing": null,
        "messages": [{"role": "system", "content": "be nice"}, {"role": "user", "content": "hello"}],
        "user": {"name": "n"},
    })
}
