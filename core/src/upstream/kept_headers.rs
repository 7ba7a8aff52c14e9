//! `http.header.keepRequestHeaders`: which of the caller's headers an upstream gets to see.

use http::header::HeaderMap;

use crate::check::{at_most, each, header};
use crate::problem::Problems;
use crate::receive::remove_where;

/// `keepRequestHeaders`, compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptHeaders(Vec<Box<str>>);

const MAX_NAMES: usize = 256;

/// Ends a name that stands for all that begin like it.
const MANY: char = '*';

/// What clients of model providers send that a provider may answer by. Nothing of a browser's, no cookies, nothing that other proxies on
/// the way have added.
const FOR_MODELS: [&str; 22] = [
    "accept",
    "accept-encoding",
    "accept-language",
    "anthropic-*",
    "api-key",
    "http-referer",
    "idempotency-key",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "openai-*",
    "prefer",
    "range",
    "user-agent",
    "x-api-key",
    "x-app",
    "x-client-request-id",
    "x-goog-*",
    "x-ms-*",
    "x-stainless-*",
    "x-title",
];

/// What no list leaves out: what the body is, what the connection is made for, how often the request came by, and the caller's
/// `Authorization`, about which `authorizationMode` has the last word.
const ALWAYS: [&str; 4] = ["authorization", "cdn-loop", "content-*", "sec-websocket-*"];

impl KeptHeaders {
    /// Compiles; every problem is reported at its place.
    pub fn compile(source: &[String], problems: &mut Problems) -> Self {
        at_most(problems, "keepRequestHeaders", source.len(), MAX_NAMES, "names");
        let names = each(problems, "keepRequestHeaders", source, |problems, text| {
            match text.strip_suffix(MANY) {
                Some("") => {}
                Some(start) => drop(header::name(start, problems)?),
                None => drop(header::name(text, problems)?),
            }
            Some(text.to_ascii_lowercase().into_boxed_str())
        });
        Self(names.into_iter().flatten().collect())
    }

    /// Removes what is not on the list.
    pub fn retain(&self, headers: &mut HeaderMap) {
        retain(&self.0, headers);
    }
}

/// Removes what no provider of language models needs.
pub fn retain_for_models(headers: &mut HeaderMap) {
    retain(&FOR_MODELS, headers);
}

fn retain(names: &[impl AsRef<str>], headers: &mut HeaderMap) {
    let is_kept = |name: &str| {
        names.iter().map(AsRef::as_ref).chain(ALWAYS).any(|kept| match kept.strip_suffix(MANY) {
            Some(start) => name.starts_with(start),
            None => name == kept,
        })
    };
    remove_where(headers, |name| !is_kept(name));
}

#[cfg(test)]
mod tests {
    use http::header::HeaderName;

    use super::*;
    use crate::testing::test;

    fn kept(list: &[&str], sent: &[&'static str]) -> String {
        let mut problems = Problems::new();
        let list: Vec<String> = list.iter().map(|name| (*name).to_owned()).collect();
        let kept = KeptHeaders::compile(&list, &mut problems);
        assert_eq!(problems.into_vec().len(), 0);
        let mut headers: HeaderMap = sent.iter().map(|name| (HeaderName::from_static(name), http::HeaderValue::from_static("1"))).collect();
        kept.retain(&mut headers);
        let mut names: Vec<&str> = headers.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        names.join(" ")
    }

    #[test]
    fn keeps_what_is_listed() {
        let sent = ["accept", "cookie", "x-a", "x-a-1", "x-b", "x_a", "content-type", "authorization", "cdn-loop"];
        assert_eq!(kept(&[], &sent), "authorization cdn-loop content-type");
        assert_eq!(kept(&["X-A"], &sent), "authorization cdn-loop content-type x-a");
        assert_eq!(kept(&["x-a*", "Accept"], &sent), "accept authorization cdn-loop content-type x-a x-a-1");
        assert_eq!(kept(&["*"], &["accept", "cookie", "x_a"]), "accept cookie x_a");
    }

    #[test]
    fn refuses_what_is_no_name() {
        for name in ["", "a b", "a b*", "a:"] {
            let mut problems = Problems::new();
            KeptHeaders::compile(&[name.to_owned()], &mut problems);
            assert_eq!(problems.into_vec().len(), 1, "{name:?}");
        }
    }
}
