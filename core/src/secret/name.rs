use std::fmt;

/// The name of a secret, safe in a store's key and in a variable's name: lower-case letters, digits and hyphens, a letter first,
/// at most 64 characters. No two names share a variable, as none has an underscore.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SecretName(String);

/// The text is not a secret's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidName;

impl SecretName {
    /// # Errors
    /// [`InvalidName`].
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        if is_simple_name(text) { Ok(Self(text.to_owned())) } else { Err(InvalidName) }
    }

    /// That of a value that is no Secret: it has a full stop, so that no Secret has it.
    pub(crate) fn of_entry(digest: &str) -> Self {
        Self(format!("entry.{digest}"))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where the store keeps the sealed value: `secret/<name>`.
    pub fn store_key(&self) -> String {
        format!("secret/{}", self.0)
    }

    /// The platform's own secret: `POSTERN_SECRET_GEMINI_API_KEY` for `gemini-api-key`.
    pub fn variable(&self) -> String {
        format!("POSTERN_SECRET_{}", self.0.to_ascii_uppercase().replace('-', "_"))
    }
}

/// Whether the text may stand in a store's key as it is.
pub(crate) fn is_simple_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    text.len() <= 64 && text.starts_with(|first: char| first.is_ascii_lowercase()) && text.bytes().all(allowed)
}

impl fmt::Display for InvalidName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name takes lower-case letters, digits and hyphens, a letter first, at most 64")
    }
}

impl std::error::Error for InvalidName {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    #[test]
    fn names() {
        for bad in ["", "-a", "1a", "A", "a_b", "a/b", "a.b", "a b", "ä", "a\n", "../a", &"a".repeat(65)] {
            assert_eq!(SecretName::parse(bad), Err(InvalidName), "{bad:?}");
        }
        let name = SecretName::parse("gemini-api-key2").unwrap();
        assert_eq!(name.store_key(), "secret/gemini-api-key2");
        assert_eq!(name.variable(), "POSTERN_SECRET_GEMINI_API_KEY2");
    }
}
