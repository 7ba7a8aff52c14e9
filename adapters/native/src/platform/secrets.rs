use postern_core::platform::{LocalBoxFuture, PlatformSecret, SecretStore};
use postern_core::secret::{KEY, KEY_PREVIOUS};
use zeroize::Zeroizing;

/// Environment variables, and the master keys wherever they came from.
pub struct EnvironmentSecrets {
    key: PlatformSecret,
    previous_key: Option<PlatformSecret>,
}

impl EnvironmentSecrets {
    /// The keys are what [`crate::data::master_key`] and [`crate::data::previous_key`] found.
    pub fn new(key: PlatformSecret, previous_key: Option<PlatformSecret>) -> Self {
        Self { key, previous_key }
    }
}

impl SecretStore for EnvironmentSecrets {
    fn get<'a>(&'a self, name: &'a str) -> LocalBoxFuture<'a, Option<PlatformSecret>> {
        let found = match name {
            KEY => Some(self.key.clone()),
            KEY_PREVIOUS => self.previous_key.clone(),
            _ => std::env::var(name).ok().map(Zeroizing::new),
        };
        Box::pin(async move { found })
    }
}
