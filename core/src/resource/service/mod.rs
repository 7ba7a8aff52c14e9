//! A Service: one upstream API, or several behind one name.

mod config;
mod header;
mod http;
mod upstream;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use config::{Config, DynamicConfig, DynamicRule};
pub use header::{AuthorizationMode, ForwardedMode, HeaderRules, HostRule, SetHeader};
pub use http::{Bearer, BodyMode, BodySettings, DirectResponse, Http, PathRules, ResponseSettings, SecretRef, UpstreamAuth, Visibility};
pub use upstream::Upstream;

use super::{Authorization, is_default};

/// Something that callers reach through the gateway.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Service {
    /// What the Service speaks. `WEB` is HTTP for browsers and treated the same. Required.
    #[serde(default)]
    pub mode: Mode,
    /// Informative: the edge has no listeners of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u32>,
    /// Reachable at its public host. Without it the Service answers 404, unless the Gateway has `servePrivateServices`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub is_public: bool,
    /// Every request is answered 503.
    #[serde(default, skip_serializing_if = "is_default")]
    pub is_disabled: bool,
    /// Nobody has to prove who they are.
    #[serde(default, skip_serializing_if = "is_default")]
    pub is_anonymous: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    pub authorization: Authorization,
    /// The default configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<Config>,
    /// Other configurations, and rules that choose among them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dynamic_config: Option<DynamicConfig>,
    /// Free values, read by conditions as `ctx.service.spec.attrs`.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub attrs: Map<String, Value>,
    /// Served only by deployments of this region; elsewhere 404.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

/// The protocol of a Service.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Mode {
    #[default]
    ModeUnset,
    Http,
    Web,
}
