use std::rc::Rc;

use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::client::conn::{TrySendError, http1, http2};
use postern_core::platform::{Body, HttpError};

use super::body::{Upload, from_upstream};
use super::error::read_error;
use super::origin::Destination;
use super::pool::Pool;

/// A connection that can take one request now.
pub(super) enum Sender {
    Http1(http1::SendRequest<Body>),
    Http2(Shared),
}

/// An HTTP/2 connection; its clones share it.
#[derive(Clone)]
pub(super) struct Shared {
    sender: http2::SendRequest<Body>,
    /// Its count is the number of calls on the connection, and one more.
    calls: Rc<()>,
}

/// Why a call failed, and the request itself if none of it was sent.
pub(super) struct Failure {
    pub error: HttpError,
    pub unsent: Option<Box<Request<Body>>>,
}

/// RFC 9113 §6.5.2 recommends that servers allow at least 100 streams, and most allow just that. Further calls would wait for one of
/// these to end, which a stream of tokens may not do for minutes, so they get a connection of their own.
const CALLS_PER_CONNECTION: usize = 100;

impl Sender {
    pub fn http2(sender: http2::SendRequest<Body>) -> Self {
        Sender::Http2(Shared { sender, calls: Rc::new(()) })
    }

    pub async fn send(self, mut request: Request<Body>, to: &Destination, pool: &Rc<Pool>) -> Result<Response<Body>, Failure> {
        match self {
            Sender::Http1(mut sender) => {
                to.for_http1(&mut request);
                let upload = Upload::tie(&mut request);
                let (response, upload) = settle(sender.try_send_request(request).await, upload)?;
                // After a 101 the connection belongs to the upgrade.
                if response.status() != StatusCode::SWITCHING_PROTOCOLS {
                    pool.put_when_ready(to.origin.clone(), sender);
                }
                Ok(response.map(|incoming| from_upstream(incoming, upload, None)))
            }
            Sender::Http2(Shared { mut sender, calls }) => {
                to.for_http2(&mut request);
                let upload = Upload::tie(&mut request);
                let (response, upload) = settle(sender.try_send_request(request).await, upload)?;
                Ok(response.map(|incoming| from_upstream(incoming, upload, Some(calls))))
            }
        }
    }
}

fn settle(
    outcome: Result<Response<Incoming>, TrySendError<Request<Body>>>,
    upload: Upload,
) -> Result<(Response<Incoming>, Upload), Failure> {
    match outcome {
        Ok(response) => Ok((response, upload)),
        Err(mut failed) => {
            // The body may be sent again on another connection.
            upload.untie();
            let unsent = failed.take_message().map(Box::new);
            Err(Failure { error: read_error(&failed.into_error()), unsent })
        }
    }
}

impl Shared {
    pub fn has_room(&self) -> bool {
        Rc::strong_count(&self.calls) <= CALLS_PER_CONNECTION
    }

    pub fn is_open(&self) -> bool {
        !self.sender.is_closed()
    }
}
