use serde::{Deserialize, Serialize};

/// An upstream that gets a copy of requests. The copy has the same method, path, query, headers and body, but no credential: not the
/// upstream's, nor any header or parameter in which credentials travel. Its answer is not read, and its failure is only logged.
///
/// The body is kept for it, at most `body.maxRequestSize` bytes. A request with a larger body, or one that does not tell its length, is
/// not copied, and neither are WebSockets.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Mirror {
    /// As `upstream.url`.
    pub url: String,
    /// How many of a hundred requests are copied, chosen by chance: 0 to 100. Default 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<u8>,
}
