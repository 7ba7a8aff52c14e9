use std::collections::BTreeMap;

use http::header::CONTENT_TYPE;
use http::request::Parts;
use zeroize::Zeroizing;

use super::{MAX_FORM, Refusal};
use crate::hex;
use crate::platform::{Body, BodyError};

/// The parameters of a request, each once (RFC 6749 §3.2). Values are wiped when dropped, as one of them is a secret.
pub(super) struct Form(BTreeMap<String, Zeroizing<String>>);

/// Parameters that must not be in a URL, which logs and caches keep (RFC 6749 §2.3.1).
const NEVER_IN_QUERY: [&str; 5] = ["client_id", "client_secret", "client_assertion", "token", "access_token"];

impl Form {
    /// Reads the body of a request as `application/x-www-form-urlencoded`.
    pub(super) async fn read(parts: &Parts, body: Body) -> Result<Self, Refusal> {
        let query = Self::parse(parts.uri.query().unwrap_or_default().as_bytes());
        if query.is_none_or(|query| NEVER_IN_QUERY.iter().any(|name| query.0.contains_key(*name))) {
            return Err(Refusal::Request("credentials and tokens belong into the body, never into the URL"));
        }
        if !is_form(parts) {
            return Err(Refusal::Request("the body must be application/x-www-form-urlencoded"));
        }
        let (bytes, _) = body.buffer(MAX_FORM).await.map_err(|error| match error {
            BodyError::TooLarge { .. } => Refusal::Request("the body is too large"),
            BodyError::Broken(_) | BodyError::Timeout(_) => Refusal::Request("the body broke off"),
        })?;
        Self::parse(&bytes).ok_or(Refusal::Request("the body is malformed, or has a parameter twice"))
    }

    /// The value of a parameter; one without a value counts as absent (RFC 6749 §3.2).
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| value.as_str()).filter(|value| !value.is_empty())
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let mut parameters = BTreeMap::new();
        for pair in bytes.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            let mut parts = pair.splitn(2, |byte| *byte == b'=');
            let name = decode(parts.next().unwrap_or_default())?;
            let value = decode(parts.next().unwrap_or_default())?;
            if parameters.insert(name.to_string(), value).is_some() {
                return None;
            }
        }
        Some(Self(parameters))
    }
}

/// Undoes form encoding (RFC 6749 Appendix B); `None` for a broken escape or what is not UTF-8.
pub(super) fn decode(bytes: &[u8]) -> Option<Zeroizing<String>> {
    let mut decoded = Zeroizing::new(Vec::with_capacity(bytes.len()));
    let mut rest = bytes.iter();
    while let Some(byte) = rest.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => hex::digit(*rest.next()?)? << 4 | hex::digit(*rest.next()?)?,
            other => *other,
        });
    }
    std::str::from_utf8(&decoded).ok().map(|text| Zeroizing::new(text.to_owned()))
}

fn is_form(parts: &Parts) -> bool {
    let mut values = parts.headers.get_all(CONTENT_TYPE).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return false };
    let media_type = value.to_str().ok().and_then(|text| text.split(';').next());
    media_type.is_some_and(|text| text.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    #[test]
    fn parses_strictly() {
        let good: [(&str, &[(&str, &str)]); 5] = [
            ("", &[]),
            ("a=1&b=2", &[("a", "1"), ("b", "2")]),
            ("a=%41+b%3D&c", &[("a", "A b="), ("c", "")]),
            ("&&a==&", &[("a", "=")]),
            ("%61=%C3%A4", &[("a", "\u{e4}")]),
        ];
        for (text, want) in good {
            let form = Form::parse(text.as_bytes()).unwrap();
            let got: Vec<_> = form.0.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            assert_eq!(got, want, "{text}");
        }
        for bad in ["a=1&a=1", "a=1&%61=2", "a=%", "a=%4", "a=%4g", "a=%+1", "a=%ff", "a&a"] {
            assert!(Form::parse(bad.as_bytes()).is_none(), "{bad}");
        }
    }
}
