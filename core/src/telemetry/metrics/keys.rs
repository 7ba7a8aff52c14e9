//! What tells series apart. Nothing here can be invented by callers.

use super::series::overflow;
use crate::telemetry::entry::ServiceFacts;
use crate::telemetry::otlp::{KeyValue, attribute};
use crate::telemetry::outcome::Outcome;

/// The Service of a request.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServiceKey {
    name: String,
    namespace: String,
    mode: &'static str,
}

/// A request as Octelium's metrics tell requests apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RequestKey {
    service: Option<ServiceKey>,
    method: &'static str,
    status: u16,
    version: &'static str,
    stream: bool,
    allowed: bool,
    reason: Option<&'static str>,
    authenticated: bool,
}

/// A request as HTTP's semantic conventions tell requests apart, and its Service.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServerKey {
    service: Option<String>,
    method: &'static str,
    scheme: &'static str,
    status: u16,
    version: &'static str,
    error: Option<String>,
}

impl ServiceKey {
    pub fn of(facts: &ServiceFacts) -> Self {
        Self { name: facts.service.name.clone(), namespace: facts.namespace.name.clone(), mode: facts.mode }
    }

    pub fn attributes(&self) -> Vec<KeyValue> {
        vec![
            attribute("postern.svc.name", self.name.as_str()),
            attribute("postern.namespace.name", self.namespace.as_str()),
            attribute("postern.mode", self.mode),
        ]
    }
}

impl RequestKey {
    pub fn of(outcome: &Outcome<'_>) -> Self {
        Self {
            service: outcome.service.map(ServiceKey::of),
            method: outcome.method(),
            status: outcome.response.code,
            version: outcome.version,
            stream: outcome.is_stream(),
            allowed: outcome.allowed,
            reason: outcome.reason,
            authenticated: outcome.authenticated,
        }
    }

    pub fn attributes(key: Option<&Self>) -> Vec<KeyValue> {
        let Some(key) = key else { return overflow() };
        let mut attributes = key.service.as_ref().map(ServiceKey::attributes).unwrap_or_default();
        attributes.extend([
            attribute("req.http.method", key.method),
            attribute("req.http.status", key.status),
            attribute("req.http.version", key.version),
            attribute("req.http.stream", key.stream),
            attribute("req.authenticated", key.authenticated),
            attribute("state", if key.allowed { "ALLOWED" } else { "DENIED" }),
        ]);
        attributes.extend(key.reason.map(|reason| attribute("reason", reason)));
        attributes
    }
}

impl ServerKey {
    pub fn of(outcome: &Outcome<'_>) -> Self {
        Self {
            service: outcome.service.map(|facts| facts.service.name.clone()),
            method: outcome.method(),
            scheme: outcome.scheme(),
            status: outcome.response.code,
            version: outcome.protocol_version(),
            error: outcome.error_type(),
        }
    }

    pub fn attributes(key: Option<&Self>) -> Vec<KeyValue> {
        let Some(key) = key else { return overflow() };
        let mut attributes = vec![
            attribute("http.request.method", key.method),
            attribute("url.scheme", key.scheme),
            attribute("http.response.status_code", key.status),
            attribute("network.protocol.version", key.version),
        ];
        attributes.extend(key.service.as_deref().map(|name| attribute("postern.svc.name", name)));
        attributes.extend(key.error.as_deref().map(|error| attribute("error.type", error)));
        attributes
    }
}
