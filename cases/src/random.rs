use postern_core::platform::SecureRandom;

/// Numbers that differ in every run, so that no case can come to depend on one. Not fit for keys that protect anything.
pub(crate) struct TestRandom;

impl SecureRandom for TestRandom {
    fn fill(&self, buffer: &mut [u8]) {
        use std::hash::{BuildHasher, Hasher, RandomState};
        for chunk in buffer.chunks_mut(8) {
            let number = RandomState::new().build_hasher().finish().to_le_bytes();
            for (byte, random) in chunk.iter_mut().zip(number) {
                *byte = random;
            }
        }
    }
}
