use std::hash::Hasher;

use siphasher::sip::SipHasher13;

/// `math.random`: SplitMix64. Good enough for choosing, and not for secrets.
pub(crate) struct Random(u64);

impl Random {
    /// Starts from the run's seed, hashed: what scripts show of their random numbers tells nothing of the seed.
    pub(crate) fn new((first, second): (u64, u64)) -> Self {
        let mut hasher = SipHasher13::new_with_keys(first, second);
        hasher.write(b"math.random");
        Self(hasher.finish())
    }

    /// As `math.randomseed` does.
    pub(crate) fn reseed(&mut self, seed: f64) {
        self.0 = seed.to_bits();
    }

    /// From 0 up to, but not, 1.
    pub(crate) fn fraction(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        #[expect(clippy::cast_precision_loss, reason = "the 53 bits that an f64 holds")]
        let fraction = (z >> 11) as f64;
        fraction / 9_007_199_254_740_992.0
    }
}
