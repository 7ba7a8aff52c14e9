//! What operators write. The types are the reference: their doc comments become the JSON Schema that editors show, and
//! `docs/configuration.md`. A type here says what may be written; what a value means is checked where it is compiled.

mod condition;
mod credential;
mod duration;
mod gateway;
mod group;
mod integer;
mod metadata;
mod namespace;
mod policy;
mod secret;
pub mod service;
mod session;
mod telemetry;
mod user;
mod wire_enum;

pub use condition::{Condition, ConditionList, Opa};
pub use credential::{ApiKey, Credential, CredentialEntry, CredentialType};
pub use duration::Duration;
pub use gateway::{Callouts, Gateway, Limits, RoleSessions, Tokens, Web};
pub use group::Group;
pub use metadata::Metadata;
pub use namespace::Namespace;
pub use policy::{Authorization, Effect, Enforcement, EnforcementRule, InlinePolicy, Policy, Rule};
pub use secret::{Secret, SecretData};
pub use service::Service;
pub use session::{SessionSettings, SessionType, State};
pub use telemetry::{OtlpBatch, OtlpExporter, OtlpProtocol, OtlpSignals, Telemetry};
pub use user::{Identity, User, UserAuthentication, UserType};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A document as it is written: the envelope around every kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Resource<S> {
    /// `core/v1` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_version: Option<String>,
    /// Which of the kinds this is.
    pub kind: String,
    /// Its name, and what is said about it.
    pub metadata: Metadata,
    /// What the resource says. May be left out where a kind needs nothing.
    pub spec: S,
}

/// The kinds, in the order in which the reference has them.
pub const KINDS: [&str; 8] = ["Service", "Namespace", "User", "Group", "Policy", "Secret", "Credential", "Gateway"];

/// A document of any kind.
#[derive(Debug, Clone, PartialEq)]
pub enum AnyResource {
    Service(Box<Resource<Service>>),
    Namespace(Resource<Namespace>),
    User(Resource<User>),
    Group(Resource<Group>),
    Policy(Resource<Policy>),
    Secret(Resource<Secret>),
    Credential(Resource<Credential>),
    Gateway(Box<Resource<Gateway>>),
}

impl AnyResource {
    /// Reads a document of a kind of [`KINDS`]; `ClusterConfig` is a `Gateway`. The kind inside the document is not looked at. A `spec` that
    /// is absent is empty.
    ///
    /// # Errors
    /// The document does not have the shape of its kind, or there is no such kind.
    pub fn from_json(kind: &str, mut document: Value) -> Result<Self, serde_json::Error> {
        if let Some(fields) = document.as_object_mut() {
            fields.entry("spec").or_insert_with(|| Value::Object(serde_json::Map::new()));
        }
        use serde_json::from_value;
        Ok(match kind {
            "Service" => Self::Service(Box::new(from_value(document)?)),
            "Namespace" => Self::Namespace(from_value(document)?),
            "User" => Self::User(from_value(document)?),
            "Group" => Self::Group(from_value(document)?),
            "Policy" => Self::Policy(from_value(document)?),
            "Secret" => Self::Secret(from_value(document)?),
            "Credential" => Self::Credential(from_value(document)?),
            "Gateway" | "ClusterConfig" => Self::Gateway(Box::new(from_value(document)?)),
            unknown => return Err(serde::de::Error::unknown_variant(unknown, &KINDS)),
        })
    }

    /// One of [`KINDS`].
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Service(_) => "Service",
            Self::Namespace(_) => "Namespace",
            Self::User(_) => "User",
            Self::Group(_) => "Group",
            Self::Policy(_) => "Policy",
            Self::Secret(_) => "Secret",
            Self::Credential(_) => "Credential",
            Self::Gateway(_) => "Gateway",
        }
    }

    pub fn metadata(&self) -> &Metadata {
        match self {
            Self::Service(resource) => &resource.metadata,
            Self::Namespace(resource) => &resource.metadata,
            Self::User(resource) => &resource.metadata,
            Self::Group(resource) => &resource.metadata,
            Self::Policy(resource) => &resource.metadata,
            Self::Secret(resource) => &resource.metadata,
            Self::Credential(resource) => &resource.metadata,
            Self::Gateway(resource) => &resource.metadata,
        }
    }
}

pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
