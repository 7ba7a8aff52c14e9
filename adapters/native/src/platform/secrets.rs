use postern_core::platform::{LocalBoxFuture, PlatformSecret, SecretStore};
use zeroize::Zeroizing;

use crate::data::KEY_VARIABLE;

/// Environment variables, and the master key wherever it came from.
pub struct EnvironmentSecrets {
    key: PlatformSecret,
}

impl EnvironmentSecrets {
    /// `key` is what [`crate::data::master_key`] found.
    pub fn new(key: PlatformSecret) -> Self {
        Self { key }
    }
}

impl SecretStore for EnvironmentSecrets {
    fn get<'a>(&'a self, name: &'a str) -> LocalBoxFuture<'a, Option<PlatformSecret>> {
        let found = if name == KEY_VARIABLE { Some(self.key.clone()) } else { std::env::var(name).ok().map(Zeroizing::new) };
        Box::pin(async move { found })
    }
}
