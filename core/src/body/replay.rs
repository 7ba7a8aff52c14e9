use bytes::Bytes;

use crate::platform::Body;

/// A body that was read whole, to be sent as often as it takes.
#[derive(Debug)]
pub struct Replay {
    bytes: Bytes,
    body: Body,
}

impl Replay {
    /// `body` is what reading gave back with the bytes.
    pub fn new(bytes: Bytes, body: Body) -> Self {
        Self { bytes, body }
    }

    /// The body, once more. One that the host keeps on its side is told by the same handle: the host sends what it has read.
    pub fn body(&self) -> Body {
        match &self.body {
            Body::Opaque(opaque) => Body::Opaque(opaque.clone()),
            Body::Empty | Body::Bytes(_) | Body::Stream(_) => Body::from(self.bytes.clone()),
        }
    }
}
