use std::fmt;

use http::StatusCode;

use super::MaterialError;
use crate::error::ErrorKind;
use crate::platform::StoreError;
use crate::secret::KeyError;

/// Why a request is not let in. [`fmt::Display`] is for the log; a caller sees the status and the challenge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuthFailure {
    /// No token at all, where one is needed.
    MissingCredentials,
    /// More than one way of sending a token was used (RFC 6750 §2), with different tokens.
    TwoTokens,
    InvalidToken(TokenFault),
    /// The token is good, but not for this Service (named `name.namespace`).
    InsufficientScope {
        service: String,
    },
    /// The gateway cannot tell. It never guesses.
    Unavailable(Outage),
}

/// What is wrong with a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenFault {
    TooLong,
    Malformed,
    Algorithm,
    Type,
    UnknownKey,
    Signature,
    Claims,
    Issuer,
    Audience,
    Expired,
    NotYetValid,
    /// It came in the cookie `octelium_auth`: there is no browser login, and a cookie is sent by whoever can make a browser call.
    InCookie,
    UnknownCredential,
    /// It is of another type, user or client than the token says.
    CredentialMismatch,
    CredentialRevoked,
    CredentialDisabled,
    CredentialExpired,
    /// The credential was made anew since.
    Superseded,
    Revoked,
    /// The credential's user, or a group of the user, does not exist.
    UserGone,
    UserDisabled,
    /// The Service takes keys of other credentials only.
    OtherLabels,
    /// The credential lacks an entry that the Service puts into a header.
    MissingEntry,
    /// A list of critical members that are not understood (RFC 7515 §4.1.11).
    Critical,
    /// No claim says who the caller is.
    Subject,
    Password,
}

/// What the gateway lacks to decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outage {
    Store(StoreError),
    Key(KeyError),
    /// The keys of a token's issuer cannot be had.
    Issuer(String),
    Record(MaterialError),
}

impl AuthFailure {
    pub fn status(&self) -> StatusCode {
        match self {
            AuthFailure::MissingCredentials | AuthFailure::InvalidToken(_) => StatusCode::UNAUTHORIZED,
            AuthFailure::TwoTokens => StatusCode::BAD_REQUEST,
            AuthFailure::InsufficientScope { .. } => StatusCode::FORBIDDEN,
            AuthFailure::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The value of `WWW-Authenticate` (RFC 6750 §3). Without credentials it names no error (§3.1); of a bad token it does not say
    /// what is bad. `None` when the caller cannot help it.
    pub fn challenge(&self, realm: &str) -> Option<String> {
        let rest = match self {
            AuthFailure::MissingCredentials => String::new(),
            AuthFailure::TwoTokens => String::from(", error=\"invalid_request\""),
            AuthFailure::InvalidToken(_) => String::from(", error=\"invalid_token\""),
            AuthFailure::InsufficientScope { service } => format!(", error=\"insufficient_scope\", scope=\"service:{service}\""),
            AuthFailure::Unavailable(_) => return None,
        };
        Some(format!("Bearer realm=\"{}\"{rest}", quotable(realm)))
    }

    /// The name of the reason in the access log, where Octelium has one.
    pub fn reason(&self) -> Option<&'static str> {
        match self {
            AuthFailure::InsufficientScope { .. } => Some("SCOPE_UNAUTHORIZED"),
            AuthFailure::InvalidToken(fault) => match fault {
                TokenFault::CredentialRevoked | TokenFault::CredentialDisabled => Some("SESSION_NOT_ACTIVE"),
                TokenFault::CredentialExpired => Some("SESSION_EXPIRED"),
                TokenFault::Expired | TokenFault::Revoked | TokenFault::Superseded => Some("ACCESS_TOKEN_EXPIRED"),
                TokenFault::UserGone | TokenFault::UserDisabled => Some("USER_DEACTIVATED"),
                _ => None,
            },
            _ => None,
        }
    }
}

/// The text as it can stand in a quoted string (RFC 9110 §5.6.4) without escapes.
pub(super) fn quotable(text: &str) -> String {
    text.chars().filter(|c| matches!(c, ' '..='~') && !matches!(c, '"' | '\\')).collect()
}

impl From<TokenFault> for AuthFailure {
    fn from(fault: TokenFault) -> Self {
        AuthFailure::InvalidToken(fault)
    }
}

impl Outage {
    pub fn kind(&self) -> ErrorKind {
        match self {
            Outage::Store(_) => ErrorKind::StoreUnavailable,
            Outage::Issuer(_) => ErrorKind::IssuerUnavailable,
            Outage::Key(_) | Outage::Record(_) => ErrorKind::Internal,
        }
    }
}

impl From<StoreError> for Outage {
    fn from(error: StoreError) -> Self {
        Outage::Store(error)
    }
}

impl From<KeyError> for Outage {
    fn from(error: KeyError) -> Self {
        Outage::Key(error)
    }
}

impl From<MaterialError> for Outage {
    fn from(error: MaterialError) -> Self {
        Outage::Record(error)
    }
}

impl<E: Into<Outage>> From<E> for AuthFailure {
    fn from(error: E) -> Self {
        AuthFailure::Unavailable(error.into())
    }
}

impl fmt::Display for AuthFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AuthFailure::MissingCredentials => f.write_str("no token was presented"),
            AuthFailure::TwoTokens => f.write_str("more than one token was presented"),
            AuthFailure::InvalidToken(fault) => fault.fmt(f),
            AuthFailure::InsufficientScope { service } => write!(f, "the token's scopes do not allow {service}"),
            AuthFailure::Unavailable(outage) => outage.fmt(f),
        }
    }
}

impl fmt::Display for TokenFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TokenFault::TooLong => "the token is too long",
            TokenFault::Malformed => "the token is malformed",
            TokenFault::Algorithm => "the token's algorithm is not one that is taken, or not its key's",
            TokenFault::Type => "the token's type is not at+jwt",
            TokenFault::UnknownKey => "the token was signed with a key that is no longer accepted, or never was",
            TokenFault::Signature => "the token's signature does not hold",
            TokenFault::Claims => "the token's claims are not those of an access token",
            TokenFault::Issuer => "the token has another issuer",
            TokenFault::Audience => "the token is for another audience",
            TokenFault::Expired => "the token has expired",
            TokenFault::NotYetValid => "the token is not valid yet",
            TokenFault::InCookie => "the token came in a cookie",
            TokenFault::UnknownCredential => "no credential is behind the token",
            TokenFault::CredentialMismatch => "the credential is not of the type, user or client that the token says",
            TokenFault::CredentialRevoked => "the credential is revoked",
            TokenFault::CredentialDisabled => "the credential is disabled",
            TokenFault::CredentialExpired => "the credential has expired",
            TokenFault::Superseded => "the credential was made anew after the token was issued",
            TokenFault::Revoked => "the token is revoked",
            TokenFault::UserGone => "the user, or a group of the user, does not exist",
            TokenFault::UserDisabled => "the user is disabled",
            TokenFault::OtherLabels => "the credential does not have the labels that the Service asks for",
            TokenFault::MissingEntry => "the credential lacks an entry that the Service needs",
            TokenFault::Critical => "the token has critical header members",
            TokenFault::Subject => "the token has no `sub`, or one that is too long",
            TokenFault::Password => "the name or the password is wrong",
        })
    }
}

impl fmt::Display for Outage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outage::Store(error) => error.fmt(f),
            Outage::Key(error) => error.fmt(f),
            Outage::Record(error) => error.fmt(f),
            Outage::Issuer(why) => write!(f, "the keys of the token's issuer cannot be had: {why}"),
        }
    }
}

impl std::error::Error for AuthFailure {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    #[test]
    fn statuses_and_challenges() {
        let realm = "Bearer realm=\"localhost\"";
        let table = [
            (AuthFailure::MissingCredentials, 401, Some(realm.to_owned())),
            (AuthFailure::TwoTokens, 400, Some(format!("{realm}, error=\"invalid_request\""))),
            (AuthFailure::InvalidToken(TokenFault::Expired), 401, Some(format!("{realm}, error=\"invalid_token\""))),
            (
                AuthFailure::InsufficientScope { service: "a.default".into() },
                403,
                Some(format!("{realm}, error=\"insufficient_scope\", scope=\"service:a.default\"")),
            ),
            (AuthFailure::Unavailable(Outage::Key(KeyError::Missing)), 503, None),
        ];
        for (failure, status, challenge) in table {
            assert_eq!((failure.status().as_u16(), failure.challenge("local\"host\r\n\\")), (status, challenge), "{failure}");
        }
    }
}
