use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::oauth2::Used;
use crate::platform::Timestamp;
use crate::secret::SecretValue;

/// What was put into one request, for what comes back of it.
#[derive(Clone, Default)]
pub struct Injected {
    secrets: Vec<SecretValue>,
    token: Option<Used>,
}

/// A shorter text is found by chance.
const MIN_LENGTH: usize = 8;

impl Injected {
    pub(super) fn of(secret: SecretValue) -> Self {
        Self { secrets: vec![secret], token: None }
    }

    pub(super) fn of_token(token: Used) -> Self {
        Self { secrets: vec![token.value()], token: Some(token) }
    }

    /// Another form in which it is secret.
    pub(super) fn and(mut self, secret: SecretValue) -> Self {
        self.secrets.push(secret);
        self
    }

    /// What the gateway has put into the headers already: entries of the caller's key.
    pub fn already(headers: &HeaderMap) -> Self {
        let sensitive = headers.iter().filter(|(_, value)| value.is_sensitive());
        let secret = |(name, value): (&HeaderName, &HeaderValue)| {
            let bytes = value.as_bytes();
            // What follows the scheme (RFC 9110 §11.4) is what an upstream would quote.
            let scheme = if *name == AUTHORIZATION { bytes.iter().position(|byte| *byte == b' ') } else { None };
            SecretValue::new(scheme.and_then(|at| bytes.get(at + 1..)).unwrap_or(bytes).to_vec())
        };
        Self { secrets: sensitive.map(secret).collect(), token: None }
    }

    /// With what was put in before it.
    #[must_use]
    pub fn after(mut self, earlier: Self) -> Self {
        self.secrets.extend(earlier.secrets);
        self
    }

    /// The upstream answered 401. True when the next attempt would be made with another credential, as the one that was refused has
    /// been dropped. To be asked once for a request.
    pub fn refused(&self, now: Timestamp) -> bool {
        self.token.as_ref().is_some_and(|token| token.refuse(now))
    }

    /// Removes the headers of a response that show the credential, as a redirect to the same query does.
    pub fn conceal(&self, headers: &mut HeaderMap) {
        let shows = |value: &[u8]| self.needles().any(|needle| contains(value, needle));
        let showing: Vec<HeaderName> = headers.iter().filter(|(_, value)| shows(value.as_bytes())).map(|(name, _)| name.clone()).collect();
        for name in showing {
            headers.remove(name);
        }
    }

    /// A text for the log that does not show the credential. Hosts quote the URL when a call fails.
    pub fn without_secrets(&self, text: String) -> String {
        let shows = self.needles().any(|needle| contains(text.as_bytes(), needle));
        if shows { "the host's own words are left out, as they show the credential".to_owned() } else { text }
    }

    /// What must be shown to nobody.
    pub fn secrets(&self) -> &[SecretValue] {
        &self.secrets
    }

    fn needles(&self) -> impl Iterator<Item = &[u8]> {
        self.secrets.iter().map(SecretValue::expose).filter(|secret| secret.len() >= MIN_LENGTH)
    }
}

fn contains(text: &[u8], needle: &[u8]) -> bool {
    text.windows(needle.len()).any(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    #[test]
    fn what_shows_it_is_removed() {
        let injected = Injected::of(SecretValue::from("canary%2Bkey".to_owned())).and(SecretValue::from("canary+key".to_owned()));
        let mut headers = HeaderMap::new();
        for (name, value) in
            [("location", "https://a.example/?key=canary%2Bkey"), ("x-echo", "canary+key"), ("link", "</a>"), ("x-other", "canary")]
        {
            headers.append(name, HeaderValue::from_static(value));
        }
        injected.conceal(&mut headers);
        assert!(headers.len() == 2 && headers.contains_key("link") && headers.contains_key("x-other"), "{headers:?}");
        assert!(!injected.without_secrets("cannot fetch /?key=canary%2Bkey".to_owned()).contains("canary"));
        assert_eq!(injected.without_secrets("refused".to_owned()), "refused");
    }

    #[test]
    fn what_is_sensitive_was_put_in_by_the_gateway() {
        let header = |name, value: &'static str, is_sensitive| {
            let mut value = HeaderValue::from_static(value);
            value.set_sensitive(is_sensitive);
            (HeaderName::from_static(name), value)
        };
        let sent = HeaderMap::from_iter([
            header("authorization", "Bearer canary-entry", true),
            header("x-tenant", "canary tenant", true),
            header("x-own", "harmless", false),
        ]);
        let injected = Injected::of(SecretValue::from("canary-key".to_owned())).after(Injected::already(&sent));
        let mut headers = HeaderMap::from_iter([
            header("x-a", "no canary-entry", false),
            header("x-b", "canary tenant", false),
            header("x-c", "canary-key", false),
            header("x-d", "harmless", false),
        ]);
        injected.conceal(&mut headers);
        assert!(headers.len() == 1 && headers.contains_key("x-d"), "{headers:?}");
    }

    #[test]
    fn a_short_one_is_not_searched_for() {
        let mut headers = HeaderMap::from_iter([(HeaderName::from_static("x"), HeaderValue::from_static("abc"))]);
        Injected::of(SecretValue::from("b".to_owned())).conceal(&mut headers);
        assert_eq!(headers.len(), 1);
    }
}
