//! What the targets share.

use std::rc::Rc;

use bytes::Bytes;
use postern_core::platform::{SecureRandom, Timestamp};
use postern_core::secret::{KeyRing, MasterKey};
use zeroize::Zeroizing;

pub mod context;
pub mod gateway;
pub mod render;
pub mod sse;

/// Friday, 20 November 2026, 22:31 UTC.
pub const NOW: Timestamp = Timestamp(1_795_213_860_000);

/// The parts of an input of several, which lines of `%%` separate. What is not there is empty.
pub fn parts<const N: usize>(text: &str) -> [&str; N] {
    let mut rest = Some(text);
    std::array::from_fn(|_| {
        let (part, following) = match rest.unwrap_or_default().split_once("\n%%\n") {
            Some((part, following)) => (part, Some(following)),
            None => (rest.unwrap_or_default(), None),
        };
        rest = following;
        part
    })
}

/// A body in pieces of these lengths, over and over; in one where there are none.
pub fn pieces(lengths: &[u8], whole: &[u8]) -> Vec<Bytes> {
    let mut lengths = lengths.iter().map(|byte| usize::from(*byte)).cycle();
    let (mut rest, mut pieces) = (whole, Vec::new());
    // Pieces of nothing are frames as well, but they must not be all.
    while !rest.is_empty() && pieces.len() < 2 * whole.len() {
        let length = lengths.next().unwrap_or(rest.len()).min(rest.len());
        pieces.push(Bytes::copy_from_slice(&rest[..length]));
        rest = &rest[length..];
    }
    pieces.push(Bytes::copy_from_slice(rest));
    pieces
}

/// Keys of a deployment.
pub fn ring() -> Rc<KeyRing> {
    Rc::new(KeyRing::new("localhost", MasterKey::from_bytes(Zeroizing::new([1; 32])), None))
}

/// Randomness that is all sevens.
pub struct Sevens;

impl SecureRandom for Sevens {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(7);
    }
}
