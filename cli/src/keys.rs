//! The master keys that a target's entries are protected with.

use anyhow::{Context, Result};
use postern_core::platform::SecureRandom;
use postern_core::secret::{KEY, KEY_PREVIOUS, KeyRing, MasterKey};
use postern_native::OperatingSystemRandom;
use zeroize::Zeroizing;

/// The current key and, while a rotation lasts, the one before it.
pub struct MasterKeys {
    pub current: MasterKey,
    pub previous: Option<MasterKey>,
}

impl MasterKeys {
    /// Reads the keys' texts. `place` is where they came from, for errors.
    ///
    /// # Errors
    /// When one of them is not a key.
    pub fn parse(current: &str, previous: Option<&str>, place: &str) -> Result<Self> {
        let parse = |text: &str, variable| MasterKey::parse(text, variable).with_context(|| format!("the key in {place} is unusable"));
        let current = parse(current, KEY)?;
        let previous = previous.filter(|text| !text.is_empty()).map(|text| parse(text, KEY_PREVIOUS)).transpose()?;
        Ok(Self { current, previous })
    }

    /// A new current key, with this one as the previous.
    pub fn next(self) -> Self {
        Self { current: generate(), previous: Some(self.current) }
    }

    /// The keys derived for a domain.
    pub fn ring(&self, domain: &str) -> KeyRing {
        KeyRing::new(domain, self.current.clone(), self.previous.clone())
    }
}

/// A key that nobody has seen before.
pub fn generate() -> MasterKey {
    let mut bytes = Zeroizing::new([0; 32]);
    OperatingSystemRandom::default().fill(bytes.as_mut_slice());
    MasterKey::from_bytes(bytes)
}
