use serde::{Deserialize, Serialize};

use super::wire_enum::wire_enum;
use super::{Duration, is_default};

/// How long what a user signs in with lasts. Not supported yet: the Gateway's `tokens` hold for all users.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SessionSettings {
    /// Not supported yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_duration: Option<Duration>,
    /// Not supported yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clientless_duration: Option<Duration>,
    /// Not supported yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_token_duration: Option<Duration>,
    /// Not supported yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token_duration: Option<Duration>,
    /// Not supported yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_per_user: Option<u32>,
    /// Not supported yet.
    #[serde(default, skip_serializing_if = "is_default")]
    pub default_state: State,
}

wire_enum! {
    /// The state of something that may have to be approved.
    pub enum State (default StateUnknown) {
        /// As `ACTIVE`.
        StateUnknown = 0 "STATE_UNKNOWN",
        /// In use.
        Active = 1 "ACTIVE",
        /// Waiting for approval.
        Pending = 2 "PENDING",
        /// Refused.
        Rejected = 3 "REJECTED",
    }
}

wire_enum! {
    /// Whether a session goes through a client of its own or comes from any HTTP client.
    pub enum SessionType (default TypeUnknown) {
        /// As `CLIENTLESS`.
        TypeUnknown = 0 "TYPE_UNKNOWN",
        /// Not supported: there are no tunnels at the edge.
        Client = 1 "CLIENT",
        /// Any HTTP client.
        Clientless = 2 "CLIENTLESS",
    }
}
