//! What of a message the log may hold.

use std::collections::{BTreeMap, BTreeSet};

use http::HeaderMap;

use crate::auth::holds_gateway_token;
use crate::resource::service as resource;

/// `http.visibility`, compiled.
#[derive(Debug, Default)]
pub struct Visibility {
    pub request_headers: Visible,
    pub response_headers: Visible,
    /// The request's body, where it was read.
    pub request_body: bool,
    /// What was parsed of it.
    pub request_body_map: bool,
    pub response_body: bool,
    pub response_body_map: bool,
}

/// Bytes of a body beyond which the log does not hold it.
pub const MAX_LOGGED_BODY: usize = 32 * 1024;

impl From<&resource::Visibility> for Visibility {
    fn from(source: &resource::Visibility) -> Self {
        Self {
            request_headers: Visible::new(
                source.include_all_request_headers,
                &source.include_request_headers,
                &source.exclude_request_headers,
            ),
            response_headers: Visible::new(
                source.include_all_response_headers,
                &source.include_response_headers,
                &source.exclude_response_headers,
            ),
            request_body: source.enable_request_body,
            request_body_map: source.enable_request_body_map,
            response_body: source.enable_response_body,
            response_body_map: source.enable_response_body_map,
        }
    }
}

/// Headers by name: those that are included, or all, less those that are excluded; never one that carries a credential.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Visible {
    all: bool,
    include: BTreeSet<String>,
    exclude: BTreeSet<String>,
}

impl Visible {
    /// Names in any case; `exclude` wins.
    pub fn new(all: bool, include: &[String], exclude: &[String]) -> Self {
        let lower = |names: &[String]| names.iter().map(|name| name.to_ascii_lowercase()).collect();
        Self { all, include: lower(include), exclude: lower(exclude) }
    }

    /// The visible part; the lines of a repeated header are joined by a comma.
    pub fn select(&self, headers: &HeaderMap) -> BTreeMap<String, String> {
        let mut selected = BTreeMap::new();
        if !self.all && self.include.is_empty() {
            return selected;
        }
        for name in headers.keys() {
            let name = name.as_str();
            if (self.all || self.include.contains(name)) && !self.exclude.contains(name) && !is_credential(name) {
                let lines = headers.get_all(name).iter().filter(|value| !value.is_sensitive() && !holds_gateway_token(value.as_bytes()));
                let lines: Vec<_> = lines.map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
                selected.insert(name.to_owned(), lines.join(", "));
            }
        }
        selected
    }
}

/// Names that carry credentials, or addresses that may (`location`), or the keys of callers that cannot set headers
/// (`sec-websocket-protocol`). In doubt a header is not shown. `name` is in lower case.
pub fn is_credential(name: &str) -> bool {
    const NAMES: [&str; 6] = ["location", "content-location", "referer", "refresh", "link", "sec-websocket-protocol"];
    const PARTS: [&str; 10] = ["auth", "cookie", "token", "secret", "passw", "credential", "signature", "session", "assertion", "jwt"];
    const HARMLESS_KEYS: [&str; 2] = ["idempotency-key", "sec-websocket-key"];
    NAMES.contains(&name) || PARTS.iter().any(|part| name.contains(part)) || name.ends_with("key") && !HARMLESS_KEYS.contains(&name)
}

#[cfg(test)]
mod tests {
    use crate::testing::test;

    use super::*;

    #[test]
    fn selects_and_never_shows_credentials() {
        let headers: HeaderMap = [
            ("x-a", "1"),
            ("x-b", "2"),
            ("authorization", "s"),
            ("x-api-key", "s"),
            ("x-octelium-auth", "s"),
            ("x-amz-security-token", "s"),
            ("ocp-apim-subscription-key", "s"),
            ("x_api_key", "s"),
            ("x-session-id", "s"),
            ("sec-websocket-protocol", "openai-insecure-api-key.s"),
            ("idempotency-key", "1"),
        ]
        .iter()
        .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
        .collect();
        let names = |visible: Visible| visible.select(&headers).into_keys().collect::<Vec<_>>();
        let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert!(names(Visible::default()).is_empty());
        assert_eq!(names(Visible::new(true, &[], &[])), ["idempotency-key", "x-a", "x-b"]);
        assert_eq!(names(Visible::new(true, &[], &list(&["X-B"]))), ["idempotency-key", "x-a"]);
        assert_eq!(names(Visible::new(false, &list(&["X-B", "Authorization"]), &[])), ["x-b"]);
    }
}
