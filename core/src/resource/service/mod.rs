//! A Service: one upstream API, or several behind one name.

mod ai;
mod auth;
mod authentication;
mod body;
mod config;
mod container;
mod cors;
mod header;
mod http;
mod mirror;
mod path;
mod plugin;
mod pools;
mod query;
mod response;
mod retry;
mod route;
mod tls;
mod upstream;
mod visibility;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use ai::{Ai, AiPath, AiProvider};
pub use auth::{
    BasicAuth, Bearer, CustomAuth, Oauth2ClientCredentials, Passthrough, QueryAuth, SecretHeader, SecretRef, SigV4, TokenAuthMethod,
    UpstreamAuth,
};
pub use authentication::*;
pub use body::{BodyMode, BodySettings, BodyValidation, SchemaText};
pub use config::{Config, DynamicConfig, DynamicRule};
pub use container::*;
pub use cors::Cors;
pub use header::{AuthorizationMode, ForwardedMode, HeaderRules, HostRule, SetHeader};
pub use http::Http;
pub use mirror::Mirror;
pub use path::{PathRegex, PathRules};
pub use plugin::*;
pub use pools::Pool;
pub use query::{QueryRules, SetParameter};
pub use response::{DirectResponse, Redirect, ResponseSettings};
pub use retry::Retry;
pub use route::{PathMatch, Route, RouteMatch, ValueMatch};
pub use tls::{LegacyClientCertificate, UpstreamTls};
pub use upstream::{Endpoint, LoadBalance, Upstream};
pub use visibility::Visibility;

use super::wire_enum::wire_enum;
use super::{Authorization, is_default};

/// Something that callers reach through the gateway.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Service {
    /// What the Service speaks. `WEB` is HTTP for people with browsers, who can be sent to a page for signing in (`Gateway.spec.web`).
    pub mode: Mode,
    /// 1 to 65535. Informative: the edge has no listeners of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u32>,
    /// Informative: the edge ends TLS.
    #[serde(default, rename = "isTLS", skip_serializing_if = "is_default")]
    pub is_tls: bool,
    /// How many instances serve it. Informative: the edge decides that itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deployment: Option<Deployment>,
    /// Reachable at its public host. Without it the Service answers 404, unless the Gateway has `servePrivateServices`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub is_public: bool,
    /// Every request is answered 503.
    #[serde(default, skip_serializing_if = "is_default")]
    pub is_disabled: bool,
    /// Nobody has to prove who they are. Needs `isPublic`; `authorization` is then allowed only with `enableAnonymous`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub is_anonymous: bool,
    /// How callers prove who they are. Default: with this gateway's own tokens.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::feature::part::authentication")]
    pub authentication: Option<Authentication>,
    /// Policies for every request to this Service.
    #[serde(default, skip_serializing_if = "is_default")]
    pub authorization: Authorization,
    /// Hosts and paths that the Service answers besides its own host. Needs `isPublic`; at most 1000.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "crate::feature::part::routing")]
    pub routes: Vec<Route>,
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

/// How many instances serve a Service. Informative: the edge decides that itself.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Deployment {
    /// At most 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replicas: Option<u32>,
}

wire_enum! {
    /// The protocol of a Service.
    pub enum Mode (default ModeUnset) {
        /// Refused: the mode must be set.
        ModeUnset = 0 "MODE_UNSET",
        /// Not supported yet.
        Tcp = 1 "TCP",
        /// Not supported yet.
        Udp = 2 "UDP",
        /// HTTP/1.1 and HTTP/2, with streams and upgrades.
        Http = 3 "HTTP",
        /// Not supported yet.
        Ssh = 4 "SSH",
        /// Not supported yet.
        Kubernetes = 5 "KUBERNETES",
        /// Not supported yet.
        Postgres = 6 "POSTGRES",
        /// Not supported yet.
        Mysql = 7 "MYSQL",
        /// gRPC over HTTP/2, on the native host: trailers pass, and refusals have its status codes. 501 elsewhere.
        Grpc = 8 "GRPC",
        /// HTTP for people with browsers, who can be sent to a page for signing in. Otherwise as `HTTP`.
        Web = 9 "WEB",
        /// Not supported yet.
        Dns = 10 "DNS",
        /// Not supported yet.
        Socks5 = 11 "SOCKS5",
        /// Not supported yet.
        RdpWeb = 12 "RDP_WEB",
        /// The Model Context Protocol. Not supported yet.
        Mcp = 13 "MCP",
        /// An API of language models. Not supported yet.
        Llm = 14 "LLM",
    }
}
