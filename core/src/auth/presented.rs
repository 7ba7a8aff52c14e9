use http::header::{AUTHORIZATION, COOKIE};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::issue::{ACCESS_TOKEN_PREFIX, API_KEY_PREFIX, CLIENT_SECRET_PREFIX};
use super::{AuthFailure, TokenFault, jwt};

/// Carries a token and nothing else, so that `Authorization` is free for the upstream's own.
pub const X_OCTELIUM_AUTH: HeaderName = HeaderName::from_static("x-octelium-auth");
/// The same under Postern's own name.
pub const X_POSTERN_AUTH: HeaderName = HeaderName::from_static("x-postern-auth");

/// What an `Authorization` header means beside a token in a header of the gateway's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForeignAuthorization {
    /// It is a second token.
    Refuse,
    /// It is the upstream's (`authorizationMode: PASS`), unless it has the form of a token from this gateway.
    Allow,
}

/// The one token of a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Presented<'h> {
    pub(super) token: &'h str,
    /// The headers that carried it, in order of precedence.
    pub(super) headers: Vec<HeaderName>,
}

/// What everything begins with that this gateway hands out, but its signed tokens.
const PREFIXES: [&str; 3] = [ACCESS_TOKEN_PREFIX, API_KEY_PREFIX, CLIENT_SECRET_PREFIX];

/// Whether the text has the form of something that this gateway handed out, valid or not: a reason not to let it reach an upstream.
fn is_gateway_token(text: &str) -> bool {
    PREFIXES.iter().any(|prefix| text.starts_with(prefix)) || jwt::looks_like_ours(text)
}

/// Whether the text has the form of a token that callers of Services present, which no key of another kind has.
pub(super) fn is_access_token(text: &str) -> bool {
    text.starts_with(ACCESS_TOKEN_PREFIX) || jwt::looks_like_ours(text)
}

/// Whether such a text stands anywhere in a header's value.
pub fn holds_gateway_token(value: &[u8]) -> bool {
    let is_part_of_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(byte);
    value
        .split(|byte| !is_part_of_token(byte))
        .filter_map(|word| std::str::from_utf8(word).ok())
        .any(|word| PREFIXES.iter().any(|prefix| word.contains(prefix)) || jwt::looks_like_ours(word))
}

/// Finds the token in `X-Octelium-Auth`, `X-Postern-Auth` or `Authorization: Bearer`. `None` when there is none.
///
/// # Errors
/// [`AuthFailure::TwoTokens`], also when one header is repeated, as some hosts join its lines so that they cannot be told apart;
/// [`TokenFault::Malformed`]; [`TokenFault::InCookie`].
pub(super) fn presented(headers: &HeaderMap, foreign: ForeignAuthorization) -> Result<Option<Presented<'_>>, AuthFailure> {
    let mut found: Option<Presented<'_>> = None;
    for name in [X_OCTELIUM_AUTH, X_POSTERN_AUTH] {
        for value in headers.get_all(&name) {
            add(&mut found, token(text(value)?)?, &name)?;
        }
    }
    let by_own_header = found.as_ref().map(|found| found.token);
    for value in headers.get_all(AUTHORIZATION) {
        let Some(bearer) = value.to_str().ok().and_then(bearer) else { continue };
        // The caller's own token once more, of whatever issuer, is not the upstream's.
        let is_other = by_own_header.is_some_and(|token| token != bearer);
        if is_other && foreign == ForeignAuthorization::Allow && !is_gateway_token(bearer) {
            continue;
        }
        add(&mut found, token(bearer)?, &AUTHORIZATION)?;
    }
    if found.is_none() && headers.get_all(COOKIE).iter().any(has_token_cookie) {
        return Err(TokenFault::InCookie.into());
    }
    Ok(found)
}

fn add<'h>(found: &mut Option<Presented<'h>>, token: &'h str, name: &HeaderName) -> Result<(), AuthFailure> {
    match found {
        None => *found = Some(Presented { token, headers: vec![name.clone()] }),
        Some(first) if first.token == token && !first.headers.contains(name) => first.headers.push(name.clone()),
        Some(_) => return Err(AuthFailure::TwoTokens),
    }
    Ok(())
}

/// `b64token` of RFC 6750 §2.1. A comma is what joins two header lines.
fn token(text: &str) -> Result<&str, AuthFailure> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    if text.contains(',') {
        Err(AuthFailure::TwoTokens)
    } else if text.is_empty() || !text.bytes().all(allowed) {
        Err(TokenFault::Malformed.into())
    } else {
        Ok(text)
    }
}

fn text(value: &HeaderValue) -> Result<&str, AuthFailure> {
    Ok(value.to_str().map_err(|_| TokenFault::Malformed)?.trim())
}

/// The credentials of the scheme Bearer, whose name has no case (RFC 9110 §11.1).
fn bearer(value: &str) -> Option<&str> {
    let (scheme, rest) = value.trim().split_once(' ').unwrap_or((value.trim(), ""));
    scheme.eq_ignore_ascii_case("bearer").then_some(rest.trim())
}

fn has_token_cookie(value: &HeaderValue) -> bool {
    value.as_bytes().split(|byte| *byte == b';').any(|pair| pair.trim_ascii().starts_with(b"octelium_auth="))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    const OURS: &str = "pst_at_x";

    type Lines<'a> = &'a [(&'a str, &'a str)];
    /// The token, and the names of the headers that carried it.
    type Found = Result<Option<(String, Vec<String>)>, AuthFailure>;

    fn read(lines: Lines<'_>, foreign: ForeignAuthorization) -> Found {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(name.parse::<HeaderName>().unwrap(), HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        let found = presented(&headers, foreign)?;
        Ok(found.map(|found| (found.token.to_owned(), found.headers.iter().map(ToString::to_string).collect())))
    }

    #[test]
    fn one_token_from_three_headers() {
        let found = |token: &str, names: &[&str]| Ok(Some((token.to_owned(), names.iter().map(ToString::to_string).collect())));
        let malformed = || Err(TokenFault::Malformed.into());
        let (octelium, postern, authorization) = ("x-octelium-auth", "x-postern-auth", "authorization");
        let table: [(Lines<'_>, Found); 20] = [
            (&[], Ok(None)),
            (&[(octelium, "t")], found("t", &[octelium])),
            (&[(postern, " t ")], found("t", &[postern])),
            (&[(authorization, "Bearer t")], found("t", &[authorization])),
            (&[(authorization, "bEARER   t")], found("t", &[authorization])),
            (&[(authorization, "Basic dDp0")], Ok(None)),
            (&[(authorization, "t")], Ok(None)),
            (&[(authorization, "Bearert")], Ok(None)),
            (&[(authorization, "Bearer")], malformed()),
            (&[(octelium, "")], malformed()),
            (&[(octelium, "a b")], malformed()),
            (&[(octelium, "\u{e4}")], malformed()),
            (&[(octelium, "t"), (authorization, "Bearer t")], found("t", &[octelium, authorization])),
            (&[(octelium, "t"), (postern, "u")], Err(AuthFailure::TwoTokens)),
            (&[(octelium, "t"), (authorization, "Bearer u")], Err(AuthFailure::TwoTokens)),
            (&[(authorization, "Bearer t"), (authorization, "Bearer u")], Err(AuthFailure::TwoTokens)),
            (&[(authorization, "Bearer t, Bearer u")], Err(AuthFailure::TwoTokens)),
            (&[(octelium, "t"), (octelium, "t")], Err(AuthFailure::TwoTokens)),
            (&[("cookie", "a=b; octelium_auth=t")], Err(TokenFault::InCookie.into())),
            (&[("cookie", "octelium_auth=u"), (octelium, "t")], found("t", &[octelium])),
        ];
        for (lines, want) in table {
            assert_eq!(read(lines, ForeignAuthorization::Refuse), want, "{lines:?}");
        }
    }

    #[test]
    fn a_token_is_seen_wherever_it_stands() {
        let jwt = "eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCIsImtpZCI6IjEuYSJ9.e30.x";
        for value in [
            OURS,
            "pst_ak_x",
            "key=pst_ak_x",
            "Bearer\tpst_at_x",
            "realtime, key.pst_at_x",
            "a=pst_cs_x;b",
            jwt,
            &format!("key={jwt}"),
            "\u{e4}, pst_at_x",
        ] {
            assert!(holds_gateway_token(value.as_bytes()), "{value}");
        }
        for value in ["", "Bearer sk-upstream", "pst_", "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.x", "a.b.c"] {
            assert!(!holds_gateway_token(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn an_authorization_of_the_upstreams_own() {
        let with = |value: &str| read(&[("x-postern-auth", "t"), ("authorization", value)], ForeignAuthorization::Allow);
        assert_eq!(with("Bearer sk-upstream").unwrap().unwrap().1, ["x-postern-auth"]);
        assert_eq!(with("Bearer t, u").unwrap().unwrap().1, ["x-postern-auth"]);
        assert_eq!(with("Bearer t").unwrap().unwrap().1, ["x-postern-auth", "authorization"], "the caller's, twice");
        assert_eq!(with(&format!("Bearer {OURS}")), Err(AuthFailure::TwoTokens));
        let alone = read(&[("authorization", "Bearer t")], ForeignAuthorization::Allow);
        assert_eq!(alone.unwrap().unwrap().0, "t", "without a header of our own it is the caller's token");
    }
}
