use std::cell::RefCell;
use std::rc::Rc;

use bytes::{Bytes, BytesMut};
use http::request::Parts;

/// What an upstream received.
#[derive(Debug, Clone, Default)]
pub struct Received {
    pub upstream: String,
    pub method: String,
    /// Path and query as received.
    pub target: String,
    /// Names in lower case, values as bytes, repeats as repeats, `host` included.
    pub headers: Vec<(String, Bytes)>,
    pub body: Bytes,
    pub trailers: Vec<(String, Bytes)>,
    /// Why the body broke off, if it did.
    pub broken: Option<String>,
    /// Whether its body is still being read.
    pub reading: bool,
    /// Whether it is being answered.
    pub open: bool,
    /// Whether the caller went away before the reply had ended.
    pub cancelled: bool,
}

/// Everything that the upstreams of a case received, in order of arrival.
#[derive(Default)]
pub struct Recorder {
    calls: RefCell<Vec<Rc<RefCell<Received>>>>,
}

impl Recorder {
    pub fn len(&self) -> usize {
        self.calls.borrow().len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What arrived after the first `skip` requests.
    pub fn since(&self, skip: usize) -> Vec<Received> {
        self.calls.borrow().iter().skip(skip).map(|call| call.borrow().clone()).collect()
    }

    /// Adds a request whose head has arrived.
    pub fn begin(&self, upstream: &str, head: &Parts) -> Slot {
        let mut headers = copy(&head.headers);
        if let Some(authority) = head.uri.authority()
            && !head.headers.contains_key(http::header::HOST)
        {
            headers.insert(0, ("host".into(), Bytes::copy_from_slice(authority.as_str().as_bytes())));
        }
        let received = Rc::new(RefCell::new(Received {
            upstream: upstream.to_owned(),
            method: head.method.to_string(),
            target: head.uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string),
            headers,
            open: true,
            ..Received::default()
        }));
        self.calls.borrow_mut().push(received.clone());
        Slot { received, body: RefCell::default(), finished: false }
    }
}

/// The entry of a request that is being answered. Dropped before [`Slot::finish`], the call counts as cancelled.
pub struct Slot {
    received: Rc<RefCell<Received>>,
    /// What has been read of the body, until that ends.
    body: RefCell<BytesMut>,
    finished: bool,
}

impl Slot {
    /// Adds to the body. Gives its length so far.
    pub(super) fn read(&self, part: &[u8]) -> usize {
        let mut body = self.body.borrow_mut();
        body.extend_from_slice(part);
        body.len()
    }

    /// The body has ended, or nobody reads on.
    pub(super) fn end_body(&self) -> Bytes {
        let mut received = self.received.borrow_mut();
        if received.reading {
            received.reading = false;
            received.body = self.body.take().freeze();
        }
        received.body.clone()
    }

    pub(super) fn trailers(&self, trailers: &http::HeaderMap) {
        self.received.borrow_mut().trailers = copy(trailers);
    }

    pub(super) fn begin_body(&self) {
        self.received.borrow_mut().reading = true;
    }

    pub(super) fn broken(&self, why: &str) {
        self.received.borrow_mut().broken = Some(why.to_owned());
    }

    /// The call has ended as the script wants.
    pub fn finish(mut self) {
        self.finished = true;
    }

    pub(super) fn mark_finished(&mut self) {
        self.finished = true;
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.end_body();
        let mut received = self.received.borrow_mut();
        received.open = false;
        received.cancelled = !self.finished;
    }
}

fn copy(headers: &http::HeaderMap) -> Vec<(String, Bytes)> {
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), Bytes::copy_from_slice(value.as_bytes()))).collect()
}
