use postern_core::platform::Capability;
use serde_json::Value;

use super::observe::Observed;
use crate::format::{Abilities, ErrorShape, Expect, StatusExpect, UpstreamCalls, UpstreamExpect};
use crate::matching::{Mismatches, check_sigv4, compare_body, compare_headers, show};
use crate::upstream::Received;

/// Compares a response with what was expected of it.
pub(super) fn response(expect: &Expect, seen: &Observed, sent: &[u8], abilities: Abilities, out: &mut Mismatches) {
    if let Some(status) = &expect.status
        && !status.admits(seen.status)
    {
        let expected = match status {
            StatusExpect::Exact(code) => code.to_string(),
            StatusExpect::OneOf(list) => format!("one of {list:?}"),
        };
        out.differ("status", expected, format_args!("{} with body {}", seen.status, show(&seen.body)));
    }
    let lines_stay = abilities.capabilities.has(Capability::RepeatedHeaderLines);
    compare_headers("header", &expect.headers, &seen.headers, lines_stay, out);
    compare_headers("trailer", &expect.trailers, &seen.trailers, lines_stay, out);
    if let Some(body) = &expect.body {
        compare_body("body", body, &seen.body, sent, out);
    }
    if let Some(shape) = expect.error {
        error(shape, seen, out);
    }
    if expect.messages.is_some() && expect.messages != seen.messages {
        out.differ("WebSocket", format_args!("{:?}", expect.messages), format_args!("{:?}", seen.messages));
    }
    if let Some(codes) = &expect.informational
        && *codes != seen.informational
    {
        out.differ("interim responses", format_args!("{codes:?}"), format_args!("{:?}", seen.informational));
    }
    if let Some(broken) = expect.broken
        && broken != seen.broken.is_some()
    {
        out.differ("the body's end", if broken { "broken off" } else { "complete" }, format_args!("{:?}", seen.broken));
    } else if expect.broken.is_none()
        && let Some(why) = &seen.broken
    {
        out.note(format!("the body broke off: {why}"));
    }
}

/// Whether upstreams have received as many requests as they should.
pub(super) fn has_arrived(expect: &Expect, received: &[Received], copies: usize) -> bool {
    let calls = |name: &Option<String>| received.iter().filter(|call| name.as_ref().is_none_or(|name| call.upstream == *name)).count();
    let counted = match &expect.upstream_calls {
        Some(UpstreamCalls::All(count)) => received.len() >= *count,
        Some(UpstreamCalls::ByName(counts)) => counts.iter().all(|(name, count)| calls(&Some(name.clone())) >= *count),
        None => true,
    };
    counted && expect.upstream.as_ref().is_none_or(|expected| calls(&expected.name) >= copies)
}

/// Compares what upstreams received during a step.
pub(super) fn upstream(expect: &Expect, received: &[Received], sent: &[u8], copies: usize, abilities: Abilities, out: &mut Mismatches) {
    match &expect.upstream_calls {
        Some(UpstreamCalls::All(count)) => out.equal("upstream calls", count, &received.len()),
        Some(UpstreamCalls::ByName(counts)) => {
            for (name, count) in counts {
                let calls = received.iter().filter(|call| call.upstream == *name).count();
                out.equal(&format!("calls of upstream `{name}`"), count, &calls);
            }
        }
        None => {}
    }
    if let Some(all) = &expect.received {
        let seen: Vec<_> = received.iter().map(|call| format!("{} {} at {}", call.method, call.target, call.upstream)).collect();
        if all.len() != received.len() {
            out.differ("all that upstreams received", format_args!("{} request(s)", all.len()), format_args!("{seen:?}"));
        }
        for (expected, call) in all.iter().zip(received) {
            if expected.name.as_ref().is_some_and(|name| *name != call.upstream) {
                out.differ("the order of requests", format_args!("one at {:?}", expected.name), format_args!("{seen:?}"));
            }
            request(expected, call, sent, abilities, out);
        }
    }
    let Some(expected) = &expect.upstream else { return };
    let calls: Vec<_> = received.iter().filter(|call| expected.name.as_ref().is_none_or(|name| call.upstream == *name)).collect();
    let wanted = expected.calls.unwrap_or(1) * copies;
    if calls.len() != wanted {
        let others: Vec<_> = received.iter().map(|call| call.upstream.as_str()).collect();
        out.differ(
            "upstream",
            format_args!("{wanted} request(s){}", expected.name.as_ref().map(|name| format!(" at `{name}`")).unwrap_or_default()),
            format_args!("{} (all: {others:?})", calls.len()),
        );
    }
    for call in calls {
        request(expected, call, sent, abilities, out);
    }
}

fn request(expected: &UpstreamExpect, call: &Received, sent: &[u8], abilities: Abilities, out: &mut Mismatches) {
    if let Some(method) = &expected.method {
        out.equal("upstream method", method, &call.method);
    }
    if let Some(path) = &expected.path {
        out.equal("upstream path", path, &call.target);
    }
    let lines_stay = abilities.capabilities.has(Capability::RepeatedHeaderLines);
    compare_headers("upstream header", &expected.headers, &call.headers, lines_stay, out);
    compare_headers("upstream trailer", &expected.trailers, &call.trailers, lines_stay, out);
    if let Some(body) = &expected.body {
        compare_body("upstream body", body, &call.body, sent, out);
    }
    if let Some(secret) = &expected.signed_by {
        check_sigv4(secret, call, out);
    }
    if let Some(cancelled) = expected.cancelled {
        out.equal("upstream call cancelled", &cancelled, &call.cancelled);
    }
}

fn error(shape: ErrorShape, seen: &Observed, out: &mut Mismatches) {
    let json: Value = match serde_json::from_slice(&seen.body) {
        Ok(json) => json,
        Err(_) => return out.differ("error body", "JSON", show(&seen.body)),
    };
    let header = |name: &str| seen.headers.iter().find(|(n, _)| n == name).map(|(_, value)| String::from_utf8_lossy(value).into_owned());
    if !header("content-type").is_some_and(|value| value.starts_with("application/json")) {
        out.differ("error content-type", "application/json", header("content-type").unwrap_or_default());
    }
    if !header("cache-control").is_some_and(|value| value.contains("no-store")) {
        out.differ("error header cache-control", "no-store", header("cache-control").unwrap_or_default());
    }
    if header("x-content-type-options").as_deref() != Some("nosniff") {
        out.differ("error header x-content-type-options", "nosniff", header("x-content-type-options").unwrap_or_default());
    }
    match shape {
        ErrorShape::OpenAi => {
            if header("x-request-id").is_none_or(|id| id.is_empty()) {
                out.note("an error has no x-request-id");
            }
            if !header("x-should-retry").is_some_and(|value| value == "true" || value == "false") {
                out.differ("error header x-should-retry", "true or false", header("x-should-retry").unwrap_or_default());
            }
            if !is_open_ai(&json) {
                out.differ("error body", r#"{"error":{"message":text,"type":text,"param":null,"code":text or null}}"#, json);
            }
        }
        ErrorShape::OAuth => {
            if !json.get("error").is_some_and(Value::is_string) {
                out.differ("error body", r#"{"error": text}"#, &json);
            }
        }
    }
}

fn is_open_ai(json: &Value) -> bool {
    let Some(error) = json.get("error").and_then(Value::as_object) else { return false };
    error.len() == 4
        && error.get("message").and_then(Value::as_str).is_some_and(|message| !message.is_empty())
        && error.get("type").is_some_and(Value::is_string)
        && error.get("param").is_some_and(Value::is_null)
        && error.get("code").is_some_and(|code| code.is_string() || code.is_null())
}
