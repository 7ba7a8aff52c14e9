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
mod user;
mod wire_enum;

pub use condition::{Condition, ConditionList, Opa};
pub use credential::{Credential, CredentialType};
pub use duration::Duration;
pub use gateway::{Callouts, Gateway, Limits, OtlpExporter, RoleSessions, Telemetry, Tokens};
pub use group::Group;
pub use metadata::Metadata;
pub use namespace::Namespace;
pub use policy::{Authorization, Effect, Enforcement, EnforcementRule, InlinePolicy, Policy, Rule};
pub use secret::{Secret, SecretData};
pub use service::Service;
pub use session::{SessionSettings, SessionType, State};
pub use user::{Identity, User, UserAuthentication, UserType};

use serde::{Deserialize, Serialize};

/// A document as it is written: the envelope around every kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Resource<S> {
    /// `core/v1` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_version: Option<String>,
    pub kind: String,
    pub metadata: Metadata,
    /// Written `{}` where a kind needs nothing.
    pub spec: S,
}

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

pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
