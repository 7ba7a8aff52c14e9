//! What fuzzing needs of the inside of authentication, so that none of it need be public.

use http::{HeaderMap, HeaderName};

use super::basic::Passwords;
use super::carrier::Carrier;
use super::presented::{ForeignAuthorization, presented};
use super::{AuthFailure, TokenFault, jwt};
use crate::platform::Timestamp;
use crate::problem::Problems;
use crate::resource::service::BasicAuthentication;
use crate::secret::KeyRing;

/// The token of a request, and the headers that carried it. `beside` lets `Authorization` hold what is none of the gateway's.
///
/// # Errors
/// As for any request.
pub fn token(headers: &HeaderMap, beside: bool) -> Result<Option<(String, Vec<HeaderName>)>, AuthFailure> {
    let foreign = if beside { ForeignAuthorization::Allow } else { ForeignAuthorization::Refuse };
    Ok(presented(headers, foreign)?.map(|found| (found.token.to_owned(), found.headers)))
}

/// A credential in a header.
///
/// # Errors
/// As for any request.
pub fn in_header(name: HeaderName, prefix: &str, headers: &HeaderMap) -> Result<Option<String>, AuthFailure> {
    Carrier::Header { name, prefix: prefix.to_owned() }.read(headers, None)
}

/// A credential in a query, and the query without it.
///
/// # Errors
/// As for any request.
pub fn in_query(name: &str, query: &str) -> (Result<Option<String>, AuthFailure>, Option<String>) {
    let carrier = Carrier::Query(name.to_owned());
    let mut rest = Some(query.to_owned());
    let found = carrier.read(&HeaderMap::new(), Some(query));
    carrier.remove(&mut HeaderMap::new(), &mut rest);
    (found, rest)
}

/// An access token of an issuer.
pub fn sign(ring: &KeyRing, now: Timestamp, issuer: &str) -> String {
    let claims = jwt::Claims {
        iss: issuer.to_owned(),
        aud: issuer.to_owned(),
        sub: "user".to_owned(),
        client_id: "client".to_owned(),
        iat: now.seconds(),
        nbf: None,
        exp: now.seconds().saturating_add(3600),
        jti: "1".to_owned(),
        scope: None,
        cred: "credential".to_owned(),
        generation: 1,
    };
    jwt::sign(ring, now, &claims)
}

/// Whether an access token holds.
///
/// # Errors
/// Why not.
pub fn verify(ring: &KeyRing, now: Timestamp, issuer: &str, token: &str) -> Result<(), TokenFault> {
    jwt::verify(ring, now, issuer, token).map(|_| ())
}

/// Whether it has the form of such a token.
pub fn looks_like_ours(token: &str) -> bool {
    jwt::looks_like_ours(token)
}

/// Whose user name and password it is, as it follows `Basic`.
pub fn password(users: &BasicAuthentication, text: &str) -> Option<String> {
    Passwords::compile(users, &mut Problems::new()).verify(text).map(str::to_owned)
}
