//! What both kinds of routes can say.

use serde_json::json;

use super::duration::duration;
use super::world::World;
use crate::gloo::document::{Metadata, Retries};
use crate::gloo::{At, Made};

/// Says that a route is meant to be open.
const OPEN: &str = "postern.dev/open";

/// A Service for one route.
pub fn service(world: &mut World<'_>, wanted: &str, metadata: &Metadata, at: &At) -> Made {
    let name = world.names.take("Service", wanted);
    let mut service = Made::new("Service", name, at);
    service.set("mode", "HTTP", at);
    service.set("isPublic", true, at);
    if let Some(value) = metadata.annotations.get(OPEN) {
        service.label("annotations", OPEN, value);
    }
    service
}

/// How long the response's head may take.
pub fn timeout(world: &mut World<'_>, service: &mut Made, text: &str, at: &At) {
    limit(world, service, "config.http.timeout", text, at);
}

/// A length of time as a field of the Service; none for zero.
pub fn limit(world: &mut World<'_>, service: &mut Made, field: &str, text: &str, at: &At) {
    if let Some(time) = world.take(duration(text), at).flatten() {
        service.set(field, time, at);
    }
}

/// Repetitions as Envoy does them: 25 milliseconds after the first attempt, then longer, at most 250.
pub fn retries(world: &mut World<'_>, service: &mut Made, retries: &Retries, at: &At) {
    service.set("config.http.retry.maxRetries", retries.attempts.unwrap_or(1), at);
    service.set("config.http.retry.initialInterval", json!({ "milliseconds": 25 }), at);
    service.set("config.http.retry.maxInterval", json!({ "milliseconds": 250 }), at);
    for condition in retries.retry_on.iter().flat_map(|list| list.split(',')).map(str::trim).filter(|condition| !condition.is_empty()) {
        match condition {
            "5xx" => service.set("config.http.retry.retryOnServerErrors", true, at),
            "retriable-4xx" => service.push("config.http.retry.statusCodes", 409, at),
            // What is repeated anyway.
            "gateway-error" | "connect-failure" | "reset" | "refused-stream" | "reset-before-request" => {}
            other => world.error(&at.field("retryOn"), format!("`{other}` is not supported yet")),
        }
    }
    if let (Some(text), None) = (&retries.per_try_timeout, service.get("config.http.timeout")) {
        timeout(world, service, text, &at.field("perTryTimeout"));
    }
}
