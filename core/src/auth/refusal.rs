//! What a caller who is not let in is told.

use super::{AuthFailure, Methods};
use crate::auth::failure::quotable;

/// How a refusal looks to the caller.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Challenge {
    /// Values of `WWW-Authenticate`, one a line.
    pub lines: Vec<String>,
    /// The answer has no body.
    pub bare: bool,
}

/// The same for every key that is not taken, so that nobody learns why. It is what clients of Gloo Gateway's know.
const API_KEY: &str = "API key is missing or invalid";

impl Challenge {
    /// Of a Service with these ways in; `None` for this gateway's own tokens alone. Nothing, where the caller cannot help it.
    pub fn new(failure: &AuthFailure, methods: Option<&Methods>, realm: &str) -> Self {
        let is_about_proof = matches!(failure, AuthFailure::MissingCredentials | AuthFailure::InvalidToken(_));
        let Some(methods) = methods.filter(|_| is_about_proof) else {
            return Self { lines: failure.challenge(realm).into_iter().collect(), bare: false };
        };
        if methods.only_api_keys() {
            return Self { lines: vec![API_KEY.to_owned()], bare: true };
        }
        let takes_bearer = methods.token || methods.api_key.is_some() || !methods.providers.is_empty();
        let bearer = failure.challenge(realm).filter(|_| takes_bearer);
        let basic = methods.passwords.as_ref().map(|passwords| format!("Basic realm=\"{}\"", quotable(&passwords.realm)));
        Self { lines: bearer.into_iter().chain(basic).collect(), bare: false }
    }
}
