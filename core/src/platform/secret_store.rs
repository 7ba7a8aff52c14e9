use zeroize::Zeroizing;

use super::LocalBoxFuture;

/// Secrets that the platform itself keeps: environment variables, Workers bindings, Spin variables.
pub trait SecretStore {
    /// The value under the name in its canonical form (`POSTERN_SECRET_GEMINI_API_KEY`, `POSTERN_KEY`);
    /// a host whose names are lower case maps it. `None` when it is not set.
    fn get<'a>(&'a self, name: &'a str) -> LocalBoxFuture<'a, Option<PlatformSecret>>;
}

/// A secret as the platform gave it, wiped when dropped.
pub type PlatformSecret = Zeroizing<String>;
