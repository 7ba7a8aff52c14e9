//! The requests and the answer, for people and in JSON.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::request::Parts;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, Collected};
use postern_core::platform::Body;
use serde_json::{Map, Value, json};

use super::world::World;

/// Bytes of a body that is shown.
const SHOWN: usize = 4096;

pub(super) fn received(request: &Request<Body>) -> Value {
    json!({"step": "request", "method": request.method().as_str(), "url": request.uri().to_string()})
}

pub(super) fn sent(head: &Parts, body: &[u8], host: Option<String>) -> Value {
    let mut step = json!({"step": "upstream", "method": head.method.as_str(), "url": unescaped(&head.uri.to_string()), "headers": headers(&head.headers)});
    if let Some(fields) = step.as_object_mut() {
        if let Some(host) = host {
            fields.insert("host".to_owned(), host.into());
        }
        if !body.is_empty() {
            fields.insert("body".to_owned(), shown(body));
        }
    }
    step
}

pub(super) async fn answered(response: Response<Body>, world: &World) -> Value {
    let status = response.status().as_u16();
    // The entry of the access log is written when the body is gone.
    let body = response.into_body().collect().await.map(Collected::to_bytes).unwrap_or_default();
    let entry = world.memory.log.lines().last().and_then(|line| serde_json::from_str::<Value>(line).ok()).unwrap_or_default();
    let at = |pointer: &str| entry.pointer(pointer).cloned();
    let mut step = json!({"step": "answer", "status": status, "isFromUpstream": is_from_upstream(&entry, world)});
    if let Some(fields) = step.as_object_mut() {
        for (name, pointer) in
            [("reason", "/entry/common/reason/type"), ("error", "/entry/common/error"), ("plugin", "/entry/common/plugin")]
        {
            fields.extend(at(pointer).map(|value| (name.to_owned(), value)));
        }
        if world.answer().is_some() && !world.sent().is_empty() && !body.is_empty() {
            fields.insert("body".to_owned(), shown(&body));
        }
        if world.answer().is_none() && at("/entry/common/error/kind").is_some_and(|kind| kind == "transformation_failed") {
            fields.insert("note".to_owned(), "the upstream's answer was made up: --answer says what it is".into());
        }
    }
    step
}

fn is_from_upstream(entry: &Value, world: &World) -> bool {
    entry.pointer("/entry/common/error").is_none() && entry.pointer("/entry/common/plugin").is_none() && !world.sent().is_empty()
}

/// Repeated lines become a list.
fn headers(headers: &HeaderMap) -> Value {
    let mut map = Map::new();
    for name in headers.keys() {
        let mut lines: Vec<Value> =
            headers.get_all(name).iter().map(|value| readable(&String::from_utf8_lossy(value.as_bytes())).into()).collect();
        let value = if lines.len() == 1 { lines.swap_remove(0) } else { Value::Array(lines) };
        map.insert(name.as_str().to_owned(), value);
    }
    Value::Object(map)
}

/// A secret that went through base64 is shown as what it is.
fn readable(value: &str) -> String {
    let words = value.split(' ').map(|word| match BASE64_STANDARD.decode(word).ok().and_then(|bytes| String::from_utf8(bytes).ok()) {
        Some(text) if text.contains("<secret:") => format!("base64({text})"),
        _ => word.to_owned(),
    });
    words.collect::<Vec<_>>().join(" ")
}

/// In a query the marks of a secret are percent-encoded.
fn unescaped(url: &str) -> String {
    let mut text = url.to_owned();
    while let Some((before, rest)) = text.split_once("%3Csecret%3A") {
        let Some((name, after)) = rest.split_once("%3E") else { break };
        text = format!("{before}<secret:{name}>{after}");
    }
    text
}

fn shown(body: &[u8]) -> Value {
    match std::str::from_utf8(body) {
        Ok(text) if body.len() <= SHOWN => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
        _ => format!("{} bytes", body.len()).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_shown_by_name_in_every_encoding() {
        let basic = format!("Basic {}", BASE64_STANDARD.encode("app:<secret:pass>"));
        for (value, expected) in [
            (basic.as_str(), "Basic base64(app:<secret:pass>)"),
            ("Bearer <secret:key>", "Bearer <secret:key>"),
            ("Basic Zm9vOmJhcg==", "Basic Zm9vOmJhcg=="),
        ] {
            assert_eq!(readable(value), expected);
        }
        assert_eq!(unescaped("https://a/b?key=%3Csecret%3Ak%3E&x=%20"), "https://a/b?key=<secret:k>&x=%20");
    }
}
