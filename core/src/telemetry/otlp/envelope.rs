use super::message::{Fields, Message};
use super::protobuf::Protobuf;
use super::value::attributes;
use super::{KeyValue, encode};
use crate::resource::OtlpProtocol;

/// What can be sent. Each has a path and a message of its own, and the messages have the same shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    Logs,
    Traces,
    Metrics,
}

/// What goes around the items of every batch: who sends them.
#[derive(Debug)]
pub struct Envelope {
    protocol: OtlpProtocol,
    resource: Vec<u8>,
    scope: Vec<u8>,
}

impl Signal {
    pub const ALL: [Self; 3] = [Self::Logs, Self::Traces, Self::Metrics];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Logs => "logs",
            Self::Traces => "traces",
            Self::Metrics => "metrics",
        }
    }

    /// What is counted when it is lost.
    pub const fn items(self) -> &'static str {
        match self {
            Self::Logs => "log entries",
            Self::Traces => "spans",
            Self::Metrics => "metrics",
        }
    }

    /// What follows the base URL.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Logs => "/v1/logs",
            Self::Traces => "/v1/traces",
            Self::Metrics => "/v1/metrics",
        }
    }

    /// In JSON: a list of resources, in each a list of scopes, in each a list of items.
    const fn keys(self) -> [&'static str; 3] {
        match self {
            Self::Logs => ["resourceLogs", "scopeLogs", "logRecords"],
            Self::Traces => ["resourceSpans", "scopeSpans", "spans"],
            Self::Metrics => ["resourceMetrics", "scopeMetrics", "metrics"],
        }
    }
}

impl Envelope {
    /// `attributes` are those of the resource.
    pub fn new(protocol: OtlpProtocol, attributes: Vec<KeyValue>) -> Self {
        Self { protocol, resource: encode(protocol, &Resource(attributes)), scope: encode(protocol, &Scope) }
    }

    /// The message for items that were written by [`encode`].
    pub fn message(&self, signal: Signal, items: &[Vec<u8>]) -> Vec<u8> {
        match self.protocol {
            OtlpProtocol::Protobuf => self.protobuf(items),
            OtlpProtocol::Json => self.json(signal, items),
        }
    }

    /// Field 1 of the message is the resource's part, whose field 2 is the scope's, whose field 2 is an item: the same in all three.
    fn protobuf(&self, items: &[Vec<u8>]) -> Vec<u8> {
        const FIRST: (u32, &str) = (1, "");
        const SECOND: (u32, &str) = (2, "");
        let (mut of_scope, mut of_resource, mut message) = (Protobuf::default(), Protobuf::default(), Protobuf::default());
        of_scope.bytes(FIRST, &self.scope);
        items.iter().for_each(|item| of_scope.bytes(SECOND, item));
        of_resource.bytes(FIRST, &self.resource);
        of_resource.bytes(SECOND, &of_scope.into_bytes());
        message.bytes(FIRST, &of_resource.into_bytes());
        message.into_bytes()
    }

    fn json(&self, signal: Signal, items: &[Vec<u8>]) -> Vec<u8> {
        let [resources, scopes, list] = signal.keys();
        let parts: [&[u8]; 11] = [
            b"{\"",
            resources.as_bytes(),
            b"\":[{\"resource\":",
            &self.resource,
            b",\"",
            scopes.as_bytes(),
            b"\":[{\"scope\":",
            &self.scope,
            b",\"",
            list.as_bytes(),
            b"\":[",
        ];
        let mut message = parts.concat();
        message.extend_from_slice(&items.join(b",".as_slice()));
        message.extend_from_slice(b"]}]}]}");
        message
    }
}

/// `Resource`.
struct Resource(Vec<KeyValue>);

/// `InstrumentationScope`.
struct Scope;

impl Message for Resource {
    fn fields(&self, out: &mut dyn Fields) {
        attributes((1, "attributes"), &self.0, out);
    }
}

impl Message for Scope {
    fn fields(&self, out: &mut dyn Fields) {
        out.text((1, "name"), "postern");
        out.text((2, "version"), env!("CARGO_PKG_VERSION"));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::attribute;
    use super::*;
    use crate::testing::test;

    #[test]
    fn items_are_wrapped() {
        let envelope = Envelope::new(OtlpProtocol::Json, vec![attribute("service.name", "a")]);
        let message = envelope.message(Signal::Traces, &[b"{\"name\":1}".to_vec(), b"{\"name\":2}".to_vec()]);
        let expected = json!({"resourceSpans": [{
            "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "a"}}]},
            "scopeSpans": [{"scope": {"name": "postern", "version": env!("CARGO_PKG_VERSION")}, "spans": [{"name": 1}, {"name": 2}]}],
        }]});
        assert_eq!(serde_json::from_slice::<Value>(&message).unwrap(), expected);
    }
}
