use serde::{Deserialize, Serialize};

use crate::resource::wire_enum::wire_enum;
use crate::resource::{Duration, is_default};

/// A program that speaks Envoy's `envoy.service.ext_proc.v3`: exactly one of `address` and `container`. Whatever goes wrong with it ends
/// the request with 502.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExtProcPlugin {
    /// Where it listens: host and port, as in `127.0.0.1:9002`, or a URL. Without a scheme there is no TLS. Only with `HTTP` may the URL
    /// have a path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// How it is spoken to. Default `GRPC`, which only the native host can do.
    #[serde(default, skip_serializing_if = "is_default")]
    pub protocol: ExtProcProtocol,
    /// A container that is started for it. Not supported: requests that come to it are answered 501.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<ExtProcContainer>,
    /// What the program sees. Default: the headers of the request and of the response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processing_mode: Option<ProcessingMode>,
    /// How long an answer to one message may take, at most 6 seconds. Default 800 milliseconds.
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
    /// How an `extProc` program is spoken to.
    pub enum ExtProcProtocol (default ProtocolUnset) {
        /// As `GRPC`.
        ProtocolUnset = 0 "PROTOCOL_UNSET",
        /// The gRPC service `ExternalProcessor`, one stream for a request. Only on the native host.
        Grpc = 1 "GRPC",
        /// Envoy's `http_service`: a POST of the same messages as JSON for each event. On all hosts.
        Http = 2 "HTTP",
    }
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
