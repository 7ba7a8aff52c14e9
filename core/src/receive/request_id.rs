use std::fmt;

use http::{HeaderMap, HeaderValue};

use super::REQUEST_ID;
use crate::auth::holds_gateway_token;
use crate::hex;
use crate::platform::SecureRandom;

/// Names one request in the response and in the log. It decides nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(Box<str>);

impl RequestId {
    /// The caller's own id when it has 1 to 128 characters of `[A-Za-z0-9._-]` and is no token, as it is logged; else a new one of
    /// 128 random bits.
    pub fn accept_or_make(headers: &HeaderMap, random: &dyn SecureRandom) -> Self {
        let given = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok());
        match given {
            Some(id) if is_acceptable(id) => Self(id.into()),
            _ => Self::make(random),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// For `X-Request-Id`.
    pub fn to_header(&self) -> HeaderValue {
        HeaderValue::from_str(&self.0).unwrap_or(HeaderValue::from_static("invalid"))
    }

    fn make(random: &dyn SecureRandom) -> Self {
        let mut bytes = [0; 16];
        random.fill(&mut bytes);
        Self(format!("req_{}", hex::encode(&bytes)).into())
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_acceptable(id: &str) -> bool {
    (1..=128).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
        && !holds_gateway_token(id.as_bytes())
}

#[cfg(test)]
mod tests {
    use crate::testing::{Sevens, test};

    use super::*;

    #[test]
    fn accepts_only_a_bounded_alphabet() {
        let made = "req_07070707070707070707070707070707";
        let long = "a".repeat(129);
        for (given, expected) in
            [("pst_at_x", made), ("abc-1.2_3", "abc-1.2_3"), ("a b", made), ("a\"b", made), ("", made), (long.as_str(), made)]
        {
            let headers = [(REQUEST_ID, HeaderValue::from_str(given).unwrap())].into_iter().collect();
            assert_eq!(RequestId::accept_or_make(&headers, &Sevens).as_str(), expected, "{given}");
        }
    }
}
