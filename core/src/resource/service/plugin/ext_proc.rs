use serde::{Deserialize, Serialize};

use crate::resource::wire_enum::wire_enum;
use crate::resource::{Duration, is_default};

/// Speaks Envoy's `envoy.service.ext_proc.v3`: exactly one of `address` and `container`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExtProcPlugin {
    /// Host and port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// A container that is started for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<ExtProcContainer>,
    /// What the program sees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processing_mode: Option<ProcessingMode>,
    /// How long an answer may take, at most 6 seconds. Default 800 milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_timeout: Option<Duration>,
}

/// A container that is started for an `extProc` plugin.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExtProcContainer {
    /// As in `ghcr.io/org/image:tag`.
    pub image: String,
    /// The port that it listens on.
    pub port: u32,
}

/// What an `extProc` program sees.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProcessingMode {
    /// The request's headers.
    #[serde(default, skip_serializing_if = "is_default")]
    pub request_header_mode: HeaderSendMode,
    /// The response's headers.
    #[serde(default, skip_serializing_if = "is_default")]
    pub response_header_mode: HeaderSendMode,
    /// The request's body.
    #[serde(default, skip_serializing_if = "is_default")]
    pub request_body_mode: BodySendMode,
    /// The response's body.
    #[serde(default, skip_serializing_if = "is_default")]
    pub response_body_mode: BodySendMode,
}

wire_enum! {
    /// Whether headers are sent.
    pub enum HeaderSendMode (default HeaderSendModeUnset) {
        /// As `SEND`.
        HeaderSendModeUnset = 0 "HEADER_SEND_MODE_UNSET",
        /// They are sent.
        Send = 1 "SEND",
        /// They are not sent.
        Skip = 2 "SKIP",
    }
}

wire_enum! {
    /// Whether a body is sent.
    pub enum BodySendMode (default BodySendModeUnset) {
        /// As `NONE`.
        BodySendModeUnset = 0 "BODY_SEND_MODE_UNSET",
        /// It is not sent.
        None = 1 "NONE",
        /// It is read in full, then sent.
        Buffered = 2 "BUFFERED",
    }
}
