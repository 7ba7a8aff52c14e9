//! What Gloo's documents say, field by field as far as it is translated. Fields that are read and need nothing, and fields that are known
//! and not supported, are in `super::schema`, so a document that passed the structure check has nothing that these types would miss.

mod common;
mod ext_auth;
mod http_route;
mod jwt;
mod options;
mod rate_limit;
mod route_table;
mod secret;
mod small_policies;
mod transformation;
mod upstream;

use serde::Deserialize;
use serde_json::Value;

pub use common::{Empty, LabelRef, Metadata, ObjectRef, PortRef, RouteSelector};
pub use ext_auth::{ApiKeyAuth, AuthStep, BasicAuth, ExtAuthPolicy, SecretStorage};
pub use http_route::{
    BackendRef, Filter, FilterType, HeaderFilter, HttpRoute, PathMatchType, PathModifier, RedirectFilter, RouteMatch, RouteRule,
    ValueMatch, ValueMatchType,
};
pub use jwt::{Jwks, JwtPolicy, JwtProvider, LocalJwks, RemoteJwks, TokenSource, ValidationPolicy};
pub use options::{ClaimMatcher, JwtPrincipal, Options, Permissions, Rbac, RbacPolicy, RouteOption};
pub use rate_limit::{
    Action, BasicLimit, ConfigRef, CountedHeader, Descriptor, RateLimit, RateLimitActions, RateLimitClientConfig, RateLimitPolicy,
    RateLimitServerConfig, ServerLimits, Unit,
};
pub use route_table::{
    Delegate, Destination, DirectResponse, ForwardTo, HeaderMatch, Matcher, QueryMatch, RedirectTo, Retries, RouteTable, SortMethod,
    TableRoute,
};
pub use secret::Secret;
pub use small_policies::{HeaderManipulation, HeaderManipulationPolicy, RetryTimeoutPolicy};
pub use transformation::{InjaTemplate, ParseBody, TransformationPolicy};
pub use upstream::{AuthToken, AzureOpenAi, CustomHost, ExternalPort, ExternalService, Llm, Provider, Upstream};

use super::kind::Kind;

/// A document as it is written: the envelope around every kind but `Secret`.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
pub struct Envelope<S> {
    pub metadata: Metadata,
    pub spec: S,
}

/// A document of a kind that is translated.
#[derive(Debug, Clone)]
pub enum Document {
    RouteTable(Envelope<RouteTable>),
    ExternalService(Envelope<ExternalService>),
    Upstream(Box<Envelope<Upstream>>),
    HttpRoute(Envelope<HttpRoute>),
    RouteOption(Envelope<RouteOption>),
    ExtAuthPolicy(Envelope<ExtAuthPolicy>),
    JwtPolicy(Envelope<JwtPolicy>),
    RateLimitPolicy(Envelope<RateLimitPolicy>),
    RateLimitClientConfig(Envelope<RateLimitClientConfig>),
    RateLimitServerConfig(Envelope<RateLimitServerConfig>),
    TransformationPolicy(Box<Envelope<TransformationPolicy>>),
    HeaderManipulationPolicy(Envelope<HeaderManipulationPolicy>),
    RetryTimeoutPolicy(Envelope<RetryTimeoutPolicy>),
    Secret(Secret),
    /// Wires Gloo's own parts, and says nothing that a gateway without them needs.
    Wiring(Metadata),
}

impl Document {
    /// Reads a document that has the structure of its kind.
    ///
    /// # Errors
    /// The document does not have the shape of its kind after all.
    pub fn from_json(kind: Kind, json: Value) -> Result<Self, serde_json::Error> {
        use serde_json::from_value;
        Ok(match kind {
            Kind::RouteTable => Self::RouteTable(from_value(json)?),
            Kind::ExternalService => Self::ExternalService(from_value(json)?),
            Kind::Upstream => Self::Upstream(from_value(json)?),
            Kind::HttpRoute => Self::HttpRoute(from_value(json)?),
            Kind::RouteOption => Self::RouteOption(from_value(json)?),
            Kind::ExtAuthPolicy => Self::ExtAuthPolicy(from_value(json)?),
            Kind::JwtPolicy => Self::JwtPolicy(from_value(json)?),
            Kind::RateLimitPolicy => Self::RateLimitPolicy(from_value(json)?),
            Kind::RateLimitClientConfig => Self::RateLimitClientConfig(from_value(json)?),
            Kind::RateLimitServerConfig => Self::RateLimitServerConfig(from_value(json)?),
            Kind::TransformationPolicy => Self::TransformationPolicy(from_value(json)?),
            Kind::HeaderManipulationPolicy => Self::HeaderManipulationPolicy(from_value(json)?),
            Kind::RetryTimeoutPolicy => Self::RetryTimeoutPolicy(from_value(json)?),
            Kind::Secret => Self::Secret(from_value(json)?),
            Kind::Wiring => Self::Wiring(from_value(json.get("metadata").cloned().unwrap_or_default())?),
        })
    }

    pub fn metadata(&self) -> &Metadata {
        match self {
            Self::RouteTable(document) => &document.metadata,
            Self::ExternalService(document) => &document.metadata,
            Self::Upstream(document) => &document.metadata,
            Self::HttpRoute(document) => &document.metadata,
            Self::RouteOption(document) => &document.metadata,
            Self::ExtAuthPolicy(document) => &document.metadata,
            Self::JwtPolicy(document) => &document.metadata,
            Self::RateLimitPolicy(document) => &document.metadata,
            Self::RateLimitClientConfig(document) => &document.metadata,
            Self::RateLimitServerConfig(document) => &document.metadata,
            Self::TransformationPolicy(document) => &document.metadata,
            Self::HeaderManipulationPolicy(document) => &document.metadata,
            Self::RetryTimeoutPolicy(document) => &document.metadata,
            Self::Secret(document) => &document.metadata,
            Self::Wiring(metadata) => metadata,
        }
    }
}
