use postern_core::platform::SecureRandom;
use ring::rand::{SecureRandom as _, SystemRandom};

/// The operating system's cryptographic source.
#[derive(Debug, Clone)]
pub struct OperatingSystemRandom(SystemRandom);

impl Default for OperatingSystemRandom {
    fn default() -> Self {
        Self(SystemRandom::new())
    }
}

impl SecureRandom for OperatingSystemRandom {
    fn fill(&self, buffer: &mut [u8]) {
        if self.0.fill(buffer).is_err() {
            // The caller is about to make a key or a nonce of this buffer. There is no safe way on.
            eprintln!("the operating system gives no random bytes");
            std::process::abort();
        }
    }
}
