use std::fmt;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use http::StatusCode;
use http_body::Frame;
use http_body_util::BodyExt;

use super::LocalBoxFuture;
use crate::error::ErrorKind;

/// A streamed body that stays on its thread.
pub type BoxBody = Pin<Box<dyn http_body::Body<Data = Bytes, Error = BodyError>>>;

/// A message body, in the cheapest form that its producer has.
pub enum Body {
    Empty,
    Bytes(Bytes),
    /// Frames as they arrive, trailers included. Never collected unless a compiled rule reads the body.
    Stream(BoxBody),
    /// The host's own stream, held without its bytes entering the core.
    Opaque(Rc<dyn OpaqueBody>),
}

/// A body that the host keeps on its side.
pub trait OpaqueBody {
    /// Reads the whole body, at most `limit` bytes. The body can still be forwarded afterwards: the host keeps what it read.
    fn read(&self, limit: usize) -> LocalBoxFuture<'_, Result<Bytes, BodyError>>;
    /// The next piece, or `None` at the end. From the first piece on, the body is its reader's alone.
    fn next(&self) -> LocalBoxFuture<'_, Result<Option<Bytes>, BodyError>>;
    /// The host's handle, for the adapter that made it.
    fn handle(&self) -> u64;
    /// What the host sends to the caller before it ends a response with this body, where the body breaks off on its way.
    fn last_words(&self) -> Option<Bytes> {
        None
    }
}

/// Why a body could not be read to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BodyError {
    /// More bytes than the reader allows.
    TooLarge { limit: usize },
    /// The sender went away, or broke the framing. The text is for the log.
    Broken(String),
    /// It did not come in time. The text is for the log.
    Timeout(String),
}

/// A body that the host keeps on its side, piece by piece through the core. It costs many times what handing it on costs.
struct Pieces {
    body: Rc<dyn OpaqueBody>,
    next: Option<LocalBoxFuture<'static, Result<Option<Bytes>, BodyError>>>,
    ended: bool,
}

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let body = self.body.clone();
        let next = self.next.get_or_insert_with(|| Box::pin(async move { body.next().await }));
        let piece = ready!(next.as_mut().poll(cx)).transpose();
        self.next = None;
        self.ended = !matches!(piece, Some(Ok(_)));
        Poll::Ready(piece.map(|piece| piece.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.ended
    }
}

/// Whether a response has no body by its status alone (RFC 9110 §6.4.1; §15.3.6 for 205).
pub fn has_no_body(status: StatusCode) -> bool {
    status.is_informational() || matches!(status, StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT | StatusCode::NOT_MODIFIED)
}

/// Whether nothing is left. A server that has sent as many bytes as were declared asks no more, so that a body whose end comes as an
/// event of its own, as in HTTP/2, never gets to say so.
pub fn is_complete(body: &BoxBody) -> bool {
    body.is_end_stream() || body.size_hint().exact() == Some(0)
}

impl Body {
    /// Makes a stream of a body that the host keeps on its side, so that its end can be seen.
    #[must_use]
    pub fn streamed(self) -> Self {
        match self {
            Body::Opaque(body) => Body::Stream(Box::pin(Pieces { body, next: None, ended: false })),
            other => other,
        }
    }

    /// Reads the body whole. Returns the bytes and a body to forward that is byte for byte the same.
    ///
    /// # Errors
    /// [`BodyError::TooLarge`] as soon as `limit` bytes are exceeded, without reading further.
    pub async fn buffer(self, limit: usize) -> Result<(Bytes, Body), BodyError> {
        match self {
            Body::Empty => Ok((Bytes::new(), Body::Empty)),
            Body::Bytes(bytes) if bytes.len() > limit => Err(BodyError::TooLarge { limit }),
            Body::Bytes(bytes) => Ok((bytes.clone(), Body::Bytes(bytes))),
            Body::Stream(stream) => {
                let bytes = collect(stream, limit).await?;
                Ok((bytes.clone(), Body::from(bytes)))
            }
            Body::Opaque(opaque) => {
                let bytes = opaque.read(limit).await?;
                Ok((bytes, Body::Opaque(opaque)))
            }
        }
    }

    /// The length, where it is known without reading.
    pub fn known_length(&self) -> Option<u64> {
        match self {
            Body::Empty => Some(0),
            Body::Bytes(bytes) => Some(bytes.len() as u64),
            Body::Stream(stream) => stream.size_hint().exact(),
            Body::Opaque(_) => None,
        }
    }

    pub fn is_empty(&self) -> bool {
        match self {
            Body::Empty => true,
            Body::Bytes(bytes) => bytes.is_empty(),
            Body::Stream(stream) => stream.is_end_stream(),
            Body::Opaque(_) => false,
        }
    }
}

async fn collect(mut stream: BoxBody, limit: usize) -> Result<Bytes, BodyError> {
    if stream.size_hint().lower() > limit as u64 {
        return Err(BodyError::TooLarge { limit });
    }
    let mut all = BytesMut::new();
    while let Some(frame) = stream.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        if all.len() + data.len() > limit {
            return Err(BodyError::TooLarge { limit });
        }
        all.extend_from_slice(&data);
    }
    Ok(all.freeze())
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        if bytes.is_empty() { Body::Empty } else { Body::Bytes(bytes) }
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Body::from(Bytes::from(text))
    }
}

/// Hosts that speak `http_body` send a body as it is. An opaque body never reaches them: its host takes it by its handle.
impl http_body::Body for Body {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match &mut *self {
            Body::Empty => Poll::Ready(None),
            Body::Bytes(bytes) => {
                let bytes = std::mem::take(bytes);
                *self = Body::Empty;
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Body::Stream(stream) => stream.as_mut().poll_frame(cx),
            Body::Opaque(_) => Poll::Ready(Some(Err(BodyError::Broken("a body of another host cannot be streamed here".into())))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.is_empty()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        match self {
            Body::Stream(stream) => stream.size_hint(),
            other => other.known_length().map_or_else(http_body::SizeHint::default, http_body::SizeHint::with_exact),
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Body::Empty => f.write_str("Empty"),
            Body::Bytes(bytes) => write!(f, "Bytes({})", bytes.len()),
            Body::Stream(_) => f.write_str("Stream"),
            Body::Opaque(_) => f.write_str("Opaque"),
        }
    }
}

impl BodyError {
    /// What it means for the body of an upstream's response.
    pub fn of_upstream(&self) -> ErrorKind {
        match self {
            BodyError::TooLarge { .. } | BodyError::Broken(_) => ErrorKind::UpstreamBroken,
            BodyError::Timeout(_) => ErrorKind::UpstreamTimeout,
        }
    }
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BodyError::TooLarge { limit } => write!(f, "the body has more than {limit} bytes"),
            BodyError::Broken(why) => write!(f, "the body broke off: {why}"),
            BodyError::Timeout(why) => write!(f, "the body did not come in time: {why}"),
        }
    }
}

impl std::error::Error for BodyError {}
