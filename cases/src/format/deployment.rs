use postern_core::platform::{Capabilities, Capability};
use postern_core::resource::CredentialType;
use serde::{Deserialize, Serialize};

/// Something that not every target can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Need {
    MoveClock,
    WebSocket,
    Grpc,
    HostOverride,
    UnknownMethods,
    RepeatedHeaderLines,
    ByteCount,
    ErrorEvent,
    EarlyAbort,
    SharedWait,
    Container,
    ConnectFailure,
    /// Upstreams can answer in place of real origins; a case with `connect` needs it without saying so.
    Connect,
    /// The gateway sees `Connection` and every line of `Host`, which Spin keeps to itself.
    WireHeaders,
    /// The counters can be made to fail; a case with `down` needs it without saying so.
    CounterOutage,
    /// The runner reaches the store while the gateway runs, and can make it fail; a case with `reuse`, or a step with `down`,
    /// `tamper`, `publish` or `restart`, needs it without saying so.
    StoreAccess,
    /// All requests of a case reach the same instance, so that nothing which one of them left in its memory is hidden from the next.
    OneInstance,
    /// Malformed bytes can be put on the wire: the target has a socket and an HTTP/1.1 parser of its own.
    Socket,
    /// As `socket`, and the parser on either side is the gateway's own choice: elsewhere the platform's decides what to make of malformed
    /// bytes, before the gateway or after it.
    OwnHttp,
}

/// What a target can do.
#[derive(Debug, Clone, Copy)]
pub struct Abilities {
    pub capabilities: Capabilities,
    /// Whether upstreams can answer in place of real origins.
    pub connect: bool,
    /// Whether the gateway sees `Connection` and every line of `Host`.
    pub wire_headers: bool,
    /// Whether there is never more than one instance.
    pub one_instance: bool,
    /// Whether requests arrive over a socket that speaks HTTP/1.1.
    pub socket: bool,
    /// Whether that HTTP/1.1, towards callers and upstreams, is the gateway's own and no platform's.
    pub own_http: bool,
    /// Whether the counters can be made to fail.
    pub counter_outage: bool,
    /// Whether the runner reaches the store while the gateway runs, and can make it fail.
    pub store_access: bool,
}

impl Abilities {
    pub fn has(self, need: Need) -> bool {
        let capability = match need {
            Need::Socket => return self.socket,
            Need::OwnHttp => return self.own_http,
            Need::Connect => return self.connect,
            Need::CounterOutage => return self.counter_outage,
            Need::WireHeaders => return self.wire_headers,
            Need::StoreAccess => return self.store_access,
            Need::OneInstance => return self.one_instance,
            Need::MoveClock => Capability::MoveClock,
            Need::WebSocket => Capability::WebSocket,
            Need::Grpc => Capability::Grpc,
            Need::HostOverride => Capability::HostOverride,
            Need::UnknownMethods => Capability::UnknownMethods,
            Need::RepeatedHeaderLines => Capability::RepeatedHeaderLines,
            Need::ByteCount => Capability::ByteCount,
            Need::ErrorEvent => Capability::ErrorEvent,
            Need::EarlyAbort => Capability::EarlyAbort,
            Need::SharedWait => Capability::SharedWait,
            Need::Container => Capability::Container,
            Need::ConnectFailure => Capability::ConnectFailure,
        };
        self.capabilities.has(capability)
    }
}

/// A credential whose material the runner makes.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CredentialSpec {
    #[serde(rename = "type")]
    pub kind: CredentialType,
    pub user: String,
    /// Keep the secret before this one alive, as `postern rotate` does: `${credential.NAME.previousSecret}`.
    #[serde(default)]
    pub rotated: bool,
    /// What all its tokens, or it itself, are limited to, such as `service:api`. Default: no limit.
    #[serde(default)]
    pub scope: Option<String>,
    /// RFC 3339: when the material expires.
    #[serde(default)]
    pub expires_at: Option<String>,
}

/// A part of the host that does not work as it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Outage {
    /// They do not answer.
    Counters,
    /// It does not answer.
    Store,
    /// It takes a while to answer.
    SlowStore,
    /// Its code panics.
    PanickingStore,
}

impl Outage {
    /// What a target must be able to do for it.
    pub fn need(self) -> Need {
        match self {
            Outage::Counters => Need::CounterOutage,
            Outage::Store | Outage::SlowStore | Outage::PanickingStore => Need::StoreAccess,
        }
    }
}

/// A Snapshot that is published into the store while the gateway runs.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Publish {
    /// Its resources as YAML text.
    #[serde(default)]
    pub resources: String,
    /// The deployment's own is 1.
    pub generation: u64,
    /// The name of the key that it is signed with.
    #[serde(default = "main_key")]
    pub signed_by: String,
    /// The domain that it is said to be for; by default the deployment's.
    #[serde(default)]
    pub audience: Option<String>,
    /// What the store has in the place of the Snapshot.
    #[serde(default)]
    pub content: Option<String>,
    /// What the store has in the place of the pointer to it.
    #[serde(default)]
    pub pointer: Option<String>,
}

/// The gateway's keys from a restart on, as [`Keys`] has them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Restart {
    pub current: String,
    #[serde(default)]
    pub previous: Option<String>,
}

/// A raw entry of the store: exactly one of the keys.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum StoreValue {
    Text(String),
    Base64(String),
}

/// Damage to one entry that the runner wrote. Exactly one of `secret` and `credential` names it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Tamper {
    #[serde(default)]
    pub secret: Option<String>,
    #[serde(default)]
    pub credential: Option<String>,
    pub how: Damage,
}

/// What is done to an entry: exactly one of the keys.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Damage {
    /// One bit of the last byte that is not padding.
    FlipBit(bool),
    /// Only the first bytes stay.
    Truncate(usize),
    /// The entry is another secret's.
    ReplaceWith(String),
    Delete(bool),
}

/// Names of keys; the runner makes 32 bytes of each name.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Keys {
    /// Seals the store before the gateway starts.
    #[serde(default = "main_key")]
    pub seal: String,
    /// The gateway's `POSTERN_KEY`; empty for a gateway without one.
    #[serde(default = "main_key")]
    pub current: String,
    /// The gateway's `POSTERN_KEY_PREVIOUS`.
    #[serde(default)]
    pub previous: Option<String>,
}

impl Default for Keys {
    fn default() -> Self {
        Self { seal: main_key(), current: main_key(), previous: None }
    }
}

fn main_key() -> String {
    "main".into()
}
