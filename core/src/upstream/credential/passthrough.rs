use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{HeaderName, HeaderValue};

use super::custom;
use crate::problem::Problems;
use crate::resource::service as resource;

/// `passthrough`: the caller's own `Authorization`. No token of the gateway's is in it any more.
#[derive(Debug)]
pub struct Passthrough {
    /// Where it goes instead.
    header: Option<HeaderName>,
}

impl Passthrough {
    pub(super) fn compile(source: &resource::Passthrough, problems: &mut Problems) -> Option<Self> {
        let Some(header) = &source.header else { return Some(Self { header: None }) };
        let header = problems.at("header", |problems| {
            let header = custom::credential_header(header, problems)?;
            if header == AUTHORIZATION {
                problems.error_with_help("`Authorization` is where it comes from", "leave `header` away");
                return None;
            }
            Some(header)
        });
        Some(Self { header: Some(header?) })
    }

    /// Moves it, unless the caller has filled that header already.
    pub(super) fn inject(&self, parts: &mut Parts) {
        let Some(header) = &self.header else { return };
        let Some(own) = parts.headers.remove(AUTHORIZATION) else { return };
        if let Some(value) = without_scheme(&own)
            && !parts.headers.contains_key(header)
        {
            parts.headers.insert(header.clone(), value);
        }
    }
}

/// What follows `Bearer`, whose name has no case (RFC 9110 §11.1); the whole value where it begins with something else.
fn without_scheme(value: &HeaderValue) -> Option<HeaderValue> {
    let bytes = value.as_bytes().trim_ascii();
    let bytes = match bytes.split_at_checked(7) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case(b"bearer ") => rest.trim_ascii(),
        _ => bytes,
    };
    let value = HeaderValue::from_bytes(bytes).ok().filter(|value| !value.is_empty())?;
    Some(value).filter(|value| !value.as_bytes().eq_ignore_ascii_case(b"bearer"))
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;
    use crate::testing::test;

    #[test]
    fn the_callers_token_moves() {
        let passthrough = Passthrough { header: Some(HeaderName::from_static("x-api-key")) };
        for (authorization, key, expected) in [
            (Some("Bearer sk-own"), None, Some("sk-own")),
            (Some("bEARER   sk-own "), None, Some("sk-own")),
            (Some("sk-own"), None, Some("sk-own")),
            (Some("Basic dDp0"), None, Some("Basic dDp0")),
            (Some("Bearer sk-own"), Some("sk-other"), Some("sk-other")),
            (Some("Bearer"), None, None),
            (Some("Bearer "), None, None),
            (Some(""), None, None),
            (None, None, None),
        ] {
            let mut request = Request::new(());
            for (name, value) in [("authorization", authorization), ("x-api-key", key)] {
                if let Some(value) = value {
                    request.headers_mut().insert(name, HeaderValue::from_static(value));
                }
            }
            let (mut parts, ()) = request.into_parts();
            passthrough.inject(&mut parts);
            let found = parts.headers.get("x-api-key").map(|value| value.to_str().unwrap());
            assert_eq!((found, parts.headers.contains_key(AUTHORIZATION)), (expected, false), "{authorization:?} {key:?}");
        }
    }

    #[test]
    fn without_a_header_it_stays() {
        let mut request = Request::new(());
        request.headers_mut().insert(AUTHORIZATION, HeaderValue::from_static("Bearer sk-own"));
        let (mut parts, ()) = request.into_parts();
        Passthrough { header: None }.inject(&mut parts);
        assert_eq!(parts.headers.get(AUTHORIZATION).unwrap(), "Bearer sk-own");
    }

    #[test]
    fn not_every_header_can_carry_it() {
        for (header, is_good) in [("x-api-key", true), ("X-Goog-Api-Key", true), ("authorization", false), ("host", false), ("a b", false)]
        {
            let source = resource::Passthrough { header: Some(header.to_owned()) };
            let mut problems = Problems::new();
            assert_eq!(Passthrough::compile(&source, &mut problems).is_some(), is_good, "{header}");
            assert_eq!(problems.iter().next().map(|problem| problem.path.as_str()), (!is_good).then_some("header"), "{header}");
        }
    }
}
