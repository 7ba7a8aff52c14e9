//! The places of a request in which callers can put a credential.

use http::{HeaderMap, HeaderName};

use super::{AuthFailure, TokenFault};
use crate::context::Query;

/// A place that is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Carrier {
    /// A header, with what stands before the credential in it, in lower case; empty for nothing.
    Header { name: HeaderName, prefix: String },
    /// A parameter of the query.
    Query(String),
}

impl Carrier {
    /// `Authorization: Bearer` (RFC 6750 §2.1).
    pub(super) fn bearer() -> Self {
        Self::Header { name: http::header::AUTHORIZATION, prefix: "bearer ".to_owned() }
    }

    /// What the request carries there.
    ///
    /// # Errors
    /// [`AuthFailure::TwoTokens`], also when the same stands there twice: some hosts join the lines of a header, so that they cannot be
    /// told from one. [`TokenFault::Malformed`] for what no credential can be.
    pub(super) fn read(&self, headers: &HeaderMap, query: Option<&str>) -> Result<Option<String>, AuthFailure> {
        let found: Vec<String> = match self {
            Self::Header { name, prefix } => {
                let lines = headers.get_all(name).iter();
                lines.filter_map(|line| after(prefix, &String::from_utf8_lossy(line.as_bytes()))).collect()
            }
            Self::Query(name) => {
                let pairs = Query(query.unwrap_or_default()).pairs();
                pairs.filter(|(key, _)| key == name).map(|(_, value)| value.into_owned()).collect()
            }
        };
        match <[String; 1]>::try_from(found) {
            Ok([text]) if text.contains(',') => Err(AuthFailure::TwoTokens),
            Ok([text]) if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) => Err(TokenFault::Malformed.into()),
            Ok([text]) => Ok(Some(text)),
            Err(none) if none.is_empty() => Ok(None),
            Err(_) => Err(AuthFailure::TwoTokens),
        }
    }

    /// Whether it is that header.
    pub(super) fn is_header(&self, header: &HeaderName) -> bool {
        matches!(self, Self::Header { name, .. } if name == header)
    }

    /// Takes it out of the request.
    pub(super) fn remove(&self, headers: &mut HeaderMap, query: &mut Option<String>) {
        match self {
            Self::Header { name, .. } => drop(headers.remove(name)),
            Self::Query(name) => {
                let is_other = |pair: &&str| Query(pair).pairs().all(|(key, _)| key != *name);
                let rest = query.iter().flat_map(|query| query.split('&')).filter(is_other).collect::<Vec<_>>().join("&");
                *query = Some(rest).filter(|rest| !rest.is_empty());
            }
        }
    }
}

/// What follows the prefix, which has no case as the name of a scheme has none (RFC 9110 §11.1).
fn after(prefix: &str, line: &str) -> Option<String> {
    let line = line.trim();
    let bare = prefix.trim_end();
    let start = line.get(..bare.len())?;
    let rest = line.get(bare.len()..)?;
    let ends = bare.len() == prefix.len() || rest.is_empty() || rest.starts_with(' ');
    (start.eq_ignore_ascii_case(bare) && ends).then(|| rest.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;
    use crate::testing::test;

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        headers
    }

    #[test]
    fn headers_are_read_and_removed() {
        let key = || Carrier::Header { name: HeaderName::from_static("api-key"), prefix: String::new() };
        let found = |text: &str| Ok(Some(text.to_owned()));
        let malformed = || Err(TokenFault::Malformed.into());
        for (carrier, lines, want) in [
            (key(), &[("api-key", " k1 ")][..], found("k1")),
            (key(), &[("x-api-key", "k1")], Ok(None)),
            (key(), &[("api-key", "k1"), ("api-key", "k1")], Err(AuthFailure::TwoTokens)),
            (key(), &[("api-key", "k1, k1")], Err(AuthFailure::TwoTokens)),
            (key(), &[("api-key", "")], malformed()),
            (key(), &[("api-key", "a b")], malformed()),
            (key(), &[("api-key", "\u{e4}")], malformed()),
            (Carrier::bearer(), &[("authorization", "bEARER  k1")], found("k1")),
            (Carrier::bearer(), &[("authorization", "Basic k1")], Ok(None)),
            (Carrier::bearer(), &[("authorization", "Bearerk1")], Ok(None)),
            (Carrier::bearer(), &[("authorization", "Bearer")], malformed()),
            (Carrier::bearer(), &[("authorization", "\u{e4}\u{e4}\u{e4}\u{e4}")], Ok(None)),
        ] {
            assert_eq!(carrier.read(&headers(lines), None), want, "{lines:?}");
        }
        let mut both = headers(&[("api-key", "a"), ("x", "b")]);
        key().remove(&mut both, &mut None);
        assert_eq!(both, headers(&[("x", "b")]));
    }

    #[test]
    fn parameters_are_read_and_removed() {
        for (query, want, rest) in [
            ("key=k1", Ok(Some("k1")), None),
            ("a=1&%6Bey=k%31&b=%20", Ok(Some("k1")), Some("a=1&b=%20")),
            ("a=1&keys=2", Ok(None), Some("a=1&keys=2")),
            ("key=k1&key=k1", Err(AuthFailure::TwoTokens), None),
            ("key", Err(TokenFault::Malformed.into()), None),
            ("key=a+b", Err(TokenFault::Malformed.into()), None),
            ("", Ok(None), None),
        ] {
            let carrier = Carrier::Query("key".to_owned());
            assert_eq!(carrier.read(&HeaderMap::new(), Some(query)), want.map(|found| found.map(str::to_owned)), "{query}");
            let mut left = Some(query.to_owned());
            carrier.remove(&mut HeaderMap::new(), &mut left);
            assert_eq!(left.as_deref(), rest, "{query}");
        }
    }
}
