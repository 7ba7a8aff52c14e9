//! API keys: credentials that are presented as they are, in headers and parameters of SDKs' own.

mod authenticate;
mod digest;

use std::collections::BTreeMap;

use http::HeaderName;

use super::carrier::Carrier;
use crate::check::{at_most, each, header};
use crate::problem::Problems;
use crate::resource::Credential;
use crate::resource::service::ApiKeyAuthentication;
pub use digest::key_digest;
pub(crate) use digest::{is_digest, read_key};

/// `authentication.apiKey`, compiled.
#[derive(Debug)]
pub(super) struct ApiKeys {
    pub(super) carriers: Vec<Carrier>,
    pub(super) entries: Vec<EntryHeader>,
    pub(super) keep: bool,
    labels: BTreeMap<String, String>,
}

/// A header that an entry of the credential goes into.
#[derive(Debug)]
pub(super) struct EntryHeader {
    pub(super) header: HeaderName,
    pub(super) entry: String,
    required: bool,
}

const DEFAULT_HEADER: &str = "api-key";
const MAX_HEADERS: usize = 16;
const MAX_ENTRIES: usize = 64;

impl ApiKeys {
    pub(super) fn compile(source: &ApiKeyAuthentication, problems: &mut Problems) -> Self {
        at_most(problems, "headers", source.headers.len(), MAX_HEADERS, "headers");
        at_most(problems, "headersFromEntries", source.headers_from_entries.len(), MAX_ENTRIES, "headers");
        let headers = each(problems, "headers", &source.headers, |problems, name| header::settable(name, problems));
        let mut carriers: Vec<Carrier> = headers.into_iter().flatten().map(header_carrier).collect();
        match source.query.as_deref() {
            Some("") => problems.at("query", |p| p.error("a parameter has a name")),
            Some(name) => carriers.push(Carrier::Query(name.to_owned())),
            None if source.headers.is_empty() => carriers.push(header_carrier(HeaderName::from_static(DEFAULT_HEADER))),
            None => {}
        }
        let entries = each(problems, "headersFromEntries", &source.headers_from_entries, |problems, source| {
            let header = problems.at("header", |problems| header::settable(&source.header, problems))?;
            Some(EntryHeader { header, entry: source.entry.clone(), required: source.required })
        });
        Self { carriers, entries: entries.into_iter().flatten().collect(), keep: source.keep_key, labels: source.match_labels.clone() }
    }

    /// Whether a credential with these labels is one of those that are taken.
    fn takes(&self, labels: &BTreeMap<String, String>) -> bool {
        self.labels.iter().all(|(name, value)| labels.get(name) == Some(value))
    }

    /// Whether the credential has every entry that it must have.
    fn has_entries(&self, credential: Option<&Credential>) -> bool {
        let has = |entry: &EntryHeader| credential.is_some_and(|credential| credential.entries.contains_key(&entry.entry));
        self.entries.iter().filter(|entry| entry.required).all(has)
    }
}

fn header_carrier(name: HeaderName) -> Carrier {
    if name == http::header::AUTHORIZATION { Carrier::bearer() } else { Carrier::Header { name, prefix: String::new() } }
}
