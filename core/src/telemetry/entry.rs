//! The shape of an entry. Fields that are not known are absent.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

/// The whole document.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Document<'a> {
    pub api_version: &'static str,
    pub kind: &'static str,
    pub metadata: Metadata<'a>,
    pub entry: Entry<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Metadata<'a> {
    pub id: &'a str,
    pub created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor_ref: Option<&'a Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_ref: Option<&'a Reference>,
}

#[derive(Debug, Serialize)]
pub(super) struct Entry<'a> {
    pub common: Common<'a>,
    pub info: Info<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Common<'a> {
    pub started_at: String,
    pub ended_at: String,
    pub status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'a Reason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_ref: Option<&'a Reference>,
    #[serde(rename = "sessionID", skip_serializing_if = "Option::is_none")]
    pub session_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_ref: Option<&'a Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_ref: Option<&'a Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace_ref: Option<&'a Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region_ref: Option<Reference>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_public: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_anonymous: bool,
    /// The route that the request took: its name, or its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route: Option<&'a str>,
    /// The name of the configuration that `dynamicConfig` chose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_name: Option<&'a str>,
    /// The name of the plugin that answered in the upstream's place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plugin: Option<&'a str>,
    /// How often the request was sent again.
    #[serde(skip_serializing_if = "crate::resource::is_default")]
    pub retries: u32,
    pub duration_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_to_first_byte_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<&'a ErrorFacts>,
}

#[derive(Debug, Serialize)]
pub(super) struct Info<'a> {
    pub http: Http<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Http<'a> {
    pub request: &'a RequestFacts,
    pub response: &'a ResponseFacts,
    pub http_version: &'static str,
}

/// Points to a resource.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reference {
    pub api_version: &'static str,
    pub kind: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub uid: String,
    pub name: String,
}

impl Reference {
    pub fn new(kind: &'static str, uid: &str, name: &str) -> Self {
        Self { api_version: "core/v1", kind, uid: uid.to_owned(), name: name.to_owned() }
    }
}

/// Why the request was allowed or denied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// `POLICY_MATCH`, `NO_POLICY_MATCH`, `SCOPE_UNAUTHORIZED` and so on.
    pub r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<ReasonDetails>,
}

/// The rule that decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReasonDetails {
    pub policy_match: Value,
}

/// What went wrong; `detail` is for operators and was never sent to the caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ErrorFacts {
    pub kind: &'static str,
    pub blame: &'static str,
    pub retry: bool,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

/// What is known of the request.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestFacts {
    pub method: String,
    pub path: String,
    pub host: String,
    pub scheme: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body_bytes: Option<u64>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    #[serde(flatten)]
    pub bodies: Bodies,
}

/// A body, where `visibility` lets the log hold it.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Bodies {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body_map: Option<Value>,
}

/// What is known of the response.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResponseFacts {
    pub code: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// The upstream's own name for the request, as in its `X-Request-Id`.
    #[serde(rename = "upstreamID", skip_serializing_if = "Option::is_none")]
    pub upstream_id: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// The body ended before it was complete: the caller went away, or the upstream broke off.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub incomplete: bool,
    #[serde(flatten)]
    pub bodies: Bodies,
}

/// What is known of the Service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceFacts {
    pub service: Reference,
    pub namespace: Reference,
    pub mode: &'static str,
    pub is_public: bool,
    pub is_anonymous: bool,
}
