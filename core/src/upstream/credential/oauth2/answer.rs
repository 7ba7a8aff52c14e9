use std::time::Duration;

use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use super::client::TokenError;
use crate::platform::Timestamp;
use crate::secret::SecretValue;

/// An access token of an upstream's.
pub struct Token {
    pub value: SecretValue,
    pub obtained_at: Timestamp,
    pub expires_at: Timestamp,
}

/// How long a token is used whose answer does not say (RFC 6749 §5.1 only recommends it). A 401 ends it sooner.
const UNKNOWN_LIFETIME: Duration = Duration::from_secs(300);

/// The most that is believed.
const MAX_LIFETIME: Duration = Duration::from_secs(24 * 3600);

/// A token is renewed when this is left of it, or a tenth of its life if that is less.
const AHEAD: Duration = Duration::from_secs(60);

impl Token {
    pub fn is_valid(&self, now: Timestamp) -> bool {
        now < self.expires_at
    }

    /// Whether it is time to get the next one.
    pub fn is_due(&self, now: Timestamp) -> bool {
        let life = self.expires_at.since(self.obtained_at);
        self.expires_at.since(now) <= AHEAD.min(life / 10)
    }

    pub fn is_same(&self, other: &Self) -> bool {
        self.value.expose() == other.value.expose()
    }
}

/// RFC 6749 §5.1 and §5.2.
#[derive(Deserialize)]
struct Answer {
    access_token: Option<String>,
    token_type: Option<String>,
    expires_in: Option<Value>,
    error: Option<String>,
}

/// Reads what a token endpoint answered.
///
/// # Errors
/// [`TokenError::Refused`] and [`TokenError::Malformed`].
pub fn read(status: StatusCode, body: &[u8], asked_at: Timestamp) -> Result<Token, TokenError> {
    let answer = serde_json::from_slice::<Answer>(body);
    if !status.is_success() {
        let code = answer.ok().and_then(|answer| answer.error).and_then(|code| known_code(&code));
        return Err(TokenError::Refused { status: status.as_u16(), code });
    }
    let answer = answer.map_err(|_| TokenError::Malformed("is not the JSON of a token response"))?;
    if !answer.token_type.is_some_and(|kind| kind.eq_ignore_ascii_case("bearer")) {
        return Err(TokenError::Malformed("has a `token_type` other than `Bearer`"));
    }
    let text = answer.access_token.ok_or(TokenError::Malformed("has no `access_token`"))?;
    // `b64token` of RFC 6750 §2.1 is narrower, and some issuers do not keep to it.
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(TokenError::Malformed("has an `access_token` that cannot stand in a header"));
    }
    let lifetime = answer.expires_in.as_ref().and_then(seconds).map_or(UNKNOWN_LIFETIME, Duration::from_secs);
    Ok(Token { value: SecretValue::from(text), obtained_at: asked_at, expires_at: asked_at.plus(lifetime.min(MAX_LIFETIME)) })
}

/// Some issuers write the number as text.
fn seconds(value: &Value) -> Option<u64> {
    match value {
        Value::String(text) => text.parse().ok(),
        other => other.as_u64(),
    }
}

/// Only a code that is known is told, as a text of the endpoint's might quote what it was sent.
fn known_code(code: &str) -> Option<&'static str> {
    const CODES: [&str; 9] = [
        "invalid_request",
        "invalid_client",
        "invalid_grant",
        "unauthorized_client",
        "unsupported_grant_type",
        "invalid_scope",
        "access_denied",
        "server_error",
        "temporarily_unavailable",
    ];
    CODES.into_iter().find(|known| *known == code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    const ASKED: Timestamp = Timestamp::from_seconds(1000);

    #[test]
    fn answers() {
        let malformed = |body: &str| (200, body.to_owned(), Err("its answer"));
        let table = [
            (200, r#"{"access_token":"a.b","token_type":"Bearer","expires_in":3600}"#.to_owned(), Ok(3600)),
            (201, r#"{"access_token":"a/+=","token_type":"bEARER","expires_in":"60","scope":"x"}"#.to_owned(), Ok(60)),
            (200, r#"{"access_token":"a","token_type":"bearer"}"#.to_owned(), Ok(300)),
            (200, r#"{"access_token":"a","token_type":"bearer","expires_in":null}"#.to_owned(), Ok(300)),
            (200, r#"{"access_token":"a","token_type":"bearer","expires_in":-1}"#.to_owned(), Ok(300)),
            (200, r#"{"access_token":"a","token_type":"bearer","expires_in":0}"#.to_owned(), Ok(0)),
            (200, r#"{"access_token":"a","token_type":"bearer","expires_in":18446744073709551615}"#.to_owned(), Ok(86_400)),
            malformed(r#"{"access_token":"a","token_type":"mac"}"#),
            malformed(r#"{"access_token":"a"}"#),
            malformed(r#"{"token_type":"bearer"}"#),
            malformed(r#"{"access_token":"","token_type":"bearer"}"#),
            malformed(r#"{"access_token":"a b","token_type":"bearer"}"#),
            malformed(r#"{"access_token":"a\r\nx: y","token_type":"bearer"}"#),
            malformed(r#"{"access_token":["a"],"token_type":"bearer"}"#),
            malformed("access_token=a&token_type=bearer"),
            malformed(""),
            malformed("[]"),
            (302, String::new(), Err("redirects are not followed")),
            (401, r#"{"error":"invalid_client","error_description":"canary"}"#.to_owned(), Err("it answered 401 (invalid_client)")),
            (400, r#"{"error":"canary"}"#.to_owned(), Err("it answered 400")),
            (500, "<html>".to_owned(), Err("it answered 500")),
        ];
        for (status, body, want) in table {
            let got = read(StatusCode::from_u16(status).unwrap(), body.as_bytes(), ASKED);
            match (got, want) {
                (Ok(token), Ok(seconds)) => assert_eq!(token.expires_at, Timestamp::from_seconds(1000 + seconds), "{body}"),
                (Err(error), Err(want)) => {
                    let error = error.to_string();
                    assert!(error.contains(want) && !error.contains("canary"), "{body}: {error}");
                }
                (got, want) => panic!("{status} {body}: {:?} instead of {want:?}", got.err()),
            }
        }
    }

    #[test]
    fn due_a_minute_or_a_tenth_before_the_end() {
        for (lifetime, due_after) in [(3600, 3540), (600, 540), (100, 90), (0, 0)] {
            let token =
                Token { value: SecretValue::new(Vec::new()), obtained_at: ASKED, expires_at: ASKED.plus(Duration::from_secs(lifetime)) };
            let at = |seconds: u64| ASKED.plus(Duration::from_secs(seconds));
            assert!(token.is_due(at(due_after)), "{lifetime}");
            assert!(due_after == 0 || !token.is_due(at(due_after - 1)), "{lifetime}");
            assert!(!token.is_valid(at(lifetime)), "{lifetime}");
        }
    }
}
