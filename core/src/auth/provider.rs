//! An issuer of tokens, as a Service knows it.

use std::time::Duration;

use http::{HeaderName, HeaderValue};
use serde_json::{Map, Value};

use super::carrier::Carrier;
use super::foreign::Verifier;
use super::identify::PASSWORDS;
use crate::check::{at_most, each, header};
use crate::problem::Problems;
use crate::resource::service::{ClaimToHeader, JwtProvider, TokenFrom, TokenHeader};

/// One of `authentication.jwt`.
#[derive(Debug)]
pub(super) struct Provider {
    pub(super) name: String,
    pub(super) carriers: Vec<Carrier>,
    pub(super) keep: bool,
    pub(super) claims: Vec<ClaimHeader>,
    pub(super) verifier: Verifier,
}

/// A header that a claim goes into.
#[derive(Debug)]
pub(super) struct ClaimHeader {
    claim: String,
    pub(super) header: HeaderName,
    pub(super) append: bool,
}

const MAX_NAME: usize = 64;
const MAX_CLAIMS: usize = 64;
const MAX_PLACES: usize = 16;
const MAX_SKEW: Duration = Duration::from_secs(3600);

impl Provider {
    pub(super) fn compile(source: &JwtProvider, problems: &mut Problems) -> Option<Self> {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if source.name.is_empty() || source.name.len() > MAX_NAME || !source.name.bytes().all(is_part) {
            problems.at("name", |p| p.error("a name has 1 to 64 letters, digits, `-`, `_` and `.`"));
        }
        if source.name == PASSWORDS {
            problems.at("name", |p| p.error(format!("`{PASSWORDS}` names callers with passwords: take another name")));
        }
        if source.clock_skew.is_some_and(|skew| skew.to_std() > MAX_SKEW) {
            problems.at("clockSkew", |p| p.error("this is at most 1 hour"));
        }
        if source.issuer.is_none() && source.audiences.is_empty() {
            let help = "say what `iss` is, as in `issuer: https://issuer.example`, or who must be in `aud`";
            problems.warning_with_help("every token that these keys signed is taken, whoever it was meant for", help);
        }
        let carriers = match &source.token_from {
            None => vec![Carrier::bearer(), Carrier::Query("access_token".to_owned())],
            Some(from) => problems.at("tokenFrom", |problems| places(from, problems)),
        };
        at_most(problems, "claimsToHeaders", source.claims_to_headers.len(), MAX_CLAIMS, "headers");
        let claims = each(problems, "claimsToHeaders", &source.claims_to_headers, |problems, source| {
            let header = problems.at("header", |problems| header::settable(&source.header, problems))?;
            let ClaimToHeader { claim, append, .. } = source.clone();
            Some(ClaimHeader { claim, header, append })
        });
        let verifier = Verifier::compile(source, problems)?;
        let claims = claims.into_iter().flatten().collect();
        Some(Self { name: source.name.clone(), carriers, keep: source.keep_token, claims, verifier })
    }
}

impl ClaimHeader {
    /// The header's value; `None` when the claim is absent or cannot stand in a header.
    pub(super) fn value(&self, claims: &Map<String, Value>) -> Option<HeaderValue> {
        let text = text(claims.get(&self.claim)?)?;
        HeaderValue::from_str(&text).ok()
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(items) if items.iter().all(|item| !item.is_array() && !item.is_object()) => {
            Some(items.iter().filter_map(text).collect::<Vec<_>>().join(","))
        }
        other => Some(other.to_string()),
    }
}

fn places(from: &TokenFrom, problems: &mut Problems) -> Vec<Carrier> {
    if from.headers.is_empty() && from.query.is_empty() {
        problems.error("this names no place where tokens could be");
    }
    at_most(problems, "headers", from.headers.len(), MAX_PLACES, "headers");
    at_most(problems, "query", from.query.len(), MAX_PLACES, "parameters");
    let headers = each(problems, "headers", &from.headers, |problems, TokenHeader { name, prefix }| {
        let name = problems.at("name", |problems| header::settable(name, problems))?;
        Some(Carrier::Header { name, prefix: prefix.to_ascii_lowercase() })
    });
    headers.into_iter().flatten().chain(from.query.iter().cloned().map(Carrier::Query)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::test;

    #[test]
    fn claims_become_headers_or_nothing() {
        let claims = json!({
            "text": "a b", "number": 7, "flag": true, "list": ["a", 1, "b"], "object": {"a": 1}, "null": null, "lines": "a\r\nx: y",
            "odd": "\u{e4}", "nested": [["a"]],
        });
        let value = |claim: &str| {
            let header = ClaimHeader { claim: claim.to_owned(), header: HeaderName::from_static("x"), append: false };
            header.value(claims.as_object().unwrap()).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        for (claim, want) in [
            ("text", Some("a b")),
            ("number", Some("7")),
            ("flag", Some("true")),
            ("list", Some("a,1,b")),
            ("object", Some("{\"a\":1}")),
            ("nested", Some("[[\"a\"]]")),
            ("null", None),
            ("lines", None),
            ("absent", None),
        ] {
            assert_eq!(value(claim).as_deref(), want, "{claim}");
        }
    }
}
