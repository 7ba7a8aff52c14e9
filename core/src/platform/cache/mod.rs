mod bounded;
mod head;
mod key;
mod slotted;

use std::fmt;
use std::rc::Rc;

use bytes::Bytes;

use super::{Body, LocalBoxFuture, OpaqueBody};

pub use bounded::BoundedResponses;
pub use head::KeptHead;
pub use key::CacheKey;
pub use slotted::SlottedResponses;

/// Responses that are kept for a while. Losing one is no failure, and nothing depends on how long one is kept: whoever asks checks the
/// time in its head.
pub trait ResponseCache {
    /// The response under a key.
    fn get<'a>(&'a self, key: &'a CacheKey) -> LocalBoxFuture<'a, Result<Option<Kept>, CacheError>>;

    /// Keeps a response that is there whole: at once, or by the work that it returns, which can be done after the answer.
    fn put(&self, key: CacheKey, head: KeptHead, body: Bytes) -> Option<Keeping>;

    /// Prepares to keep a response whose body stays with the host. The body can be sent on afterwards, as if nobody had asked. The work
    /// that is returned is done after the answer: it keeps nothing that breaks off, or has more than `most` bytes. A host that has no
    /// such bodies does nothing.
    fn keep<'a>(
        &'a self,
        _key: &'a CacheKey,
        _head: &'a KeptHead,
        _body: &'a Rc<dyn OpaqueBody>,
        _most: usize,
    ) -> LocalBoxFuture<'a, Result<Option<Keeping>, CacheError>> {
        Box::pin(async { Ok(None) })
    }

    /// Whether what [`keep`](Self::keep) keeps of a body is without this content encoding, as the host reads bodies decoded.
    fn decodes(&self, _encoding: &str) -> bool {
        false
    }

    /// Bytes of the largest body that the host keeps.
    fn max_size(&self) -> usize {
        usize::MAX
    }

    /// Waits while another request fetches the same, where requests of a host may wait for each other; for 5 s at most. A host where they
    /// may not lets everybody fetch.
    fn begin<'a>(&'a self, _key: &'a CacheKey) -> LocalBoxFuture<'a, Turn> {
        Box::pin(async { Turn::Fetch(Box::new(())) })
    }
}

/// What is still to be done until a response is kept.
pub type Keeping = LocalBoxFuture<'static, Result<(), CacheError>>;

/// A kept response.
#[derive(Debug)]
pub struct Kept {
    pub head: KeptHead,
    pub body: Body,
}

/// Whose turn it is to fetch.
pub enum Turn {
    /// The caller's: others wait until this is dropped.
    Fetch(Box<dyn Fetching>),
    /// Somebody else's, and that is over, or took too long.
    Waited,
}

/// Kept by whoever fetches for others, until the response has been kept or will not be.
pub trait Fetching {}

impl Fetching for () {}

/// The cache did not answer, or refused. The text is for the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheError(pub String);

impl fmt::Display for CacheError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the cache did not answer: {}", self.0)
    }
}

impl std::error::Error for CacheError {}
