use std::fmt;
use std::rc::Rc;

use http::HeaderValue;
use zeroize::Zeroizing;

/// A secret in memory. It cannot be printed, compared or serialized, and is wiped when its last clone is dropped.
#[derive(Clone)]
pub struct SecretValue(Rc<Zeroizing<Vec<u8>>>);

/// The value cannot stand in a header: it is empty, or has a control character (a newline at its end, most often).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unusable;

impl SecretValue {
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Rc::new(Zeroizing::new(bytes)))
    }

    /// The value itself. Whoever calls this answers for where it goes.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// A header value of `prefix` (as in `Bearer `) and the secret, marked sensitive so that HTTP libraries neither print nor index it.
    ///
    /// # Errors
    /// [`Unusable`] when the bytes are not allowed in a field value (RFC 9110 §5.5). Nothing is cut or escaped: a changed
    /// credential would only fail later and less clearly.
    pub fn header_value(&self, prefix: &str) -> Result<HeaderValue, Unusable> {
        if self.0.is_empty() {
            return Err(Unusable);
        }
        let mut bytes = Zeroizing::new(Vec::with_capacity(prefix.len() + self.0.len()));
        bytes.extend_from_slice(prefix.as_bytes());
        bytes.extend_from_slice(&self.0);
        let mut value = HeaderValue::from_bytes(&bytes).map_err(|_| Unusable)?;
        value.set_sensitive(true);
        Ok(value)
    }
}

impl From<String> for SecretValue {
    fn from(text: String) -> Self {
        Self::new(text.into_bytes())
    }
}

impl fmt::Debug for SecretValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretValue(redacted)")
    }
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the secret cannot stand in a header: it is empty or has a control character, perhaps a newline at its end")
    }
}

impl std::error::Error for Unusable {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    #[test]
    fn is_never_printed() {
        let value = SecretValue::from(String::from("canary"));
        assert!(!format!("{value:?}").contains("canary"));
        assert!(!format!("{:?}", value.header_value("Bearer ")).contains("canary"));
    }

    #[test]
    fn header_values() {
        let table: [(&[u8], Option<&[u8]>); 8] = [
            (b"sk-1", Some(b"Bearer sk-1")),
            (b"with space", Some(b"Bearer with space")),
            (b"", None),
            (b"sk-1\n", None),
            (b"sk-1\r\nX-Evil: 1", None),
            (b"sk\0", None),
            (b"sk\x7f", None),
            (b"\x1bsk", None),
        ];
        for (secret, want) in table {
            let got = SecretValue::new(secret.to_vec()).header_value("Bearer ");
            assert_eq!(got.ok().as_ref().map(HeaderValue::as_bytes), want, "{secret:?}");
        }
    }
}
