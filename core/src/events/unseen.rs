use std::rc::Rc;

use bytes::Bytes;

use crate::error::{ErrorKind, Shape, last_event};
use crate::platform::{BodyError, LocalBoxFuture, OpaqueBody};

/// Events that the host hands on without showing them.
pub struct Unseen {
    inner: Rc<dyn OpaqueBody>,
    shape: Shape,
}

impl Unseen {
    pub fn new(inner: Rc<dyn OpaqueBody>, shape: Shape) -> Self {
        Self { inner, shape }
    }
}

impl OpaqueBody for Unseen {
    fn read(&self, limit: usize) -> LocalBoxFuture<'_, Result<Bytes, BodyError>> {
        self.inner.read(limit)
    }

    fn next(&self) -> LocalBoxFuture<'_, Result<Option<Bytes>, BodyError>> {
        self.inner.next()
    }

    fn handle(&self) -> u64 {
        self.inner.handle()
    }

    /// A part of an event may have passed. Blank lines end it, and are nothing to a reader else.
    fn last_words(&self) -> Option<Bytes> {
        Some([b"\n\n", &*last_event(self.shape, ErrorKind::UpstreamBroken)].concat().into())
    }
}

#[cfg(test)]
mod tests {
    use http::Response;

    use super::*;
    use crate::events::{BrokeOff, Protocol, end_in_error};
    use crate::platform::Body;
    use crate::testing::test;

    struct Kept;

    impl OpaqueBody for Kept {
        fn read(&self, _: usize) -> LocalBoxFuture<'_, Result<Bytes, BodyError>> {
            Box::pin(async { Ok(Bytes::from_static(b"whole")) })
        }

        fn next(&self) -> LocalBoxFuture<'_, Result<Option<Bytes>, BodyError>> {
            Box::pin(async { Ok(Some(Bytes::from_static(b"piece"))) })
        }

        fn handle(&self) -> u64 {
            7
        }
    }

    fn passed(protocol: Option<Protocol>, headers: &[(&str, &str)]) -> Rc<dyn OpaqueBody> {
        let mut response = Response::builder();
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        let response = response.body(Body::Opaque(Rc::new(Kept))).unwrap();
        match end_in_error(response, Shape::Anthropic, protocol, BrokeOff::default()).into_body() {
            Body::Opaque(body) => body,
            _ => unreachable!("the host keeps it"),
        }
    }

    const PROVIDER: Option<Protocol> = Some(Protocol::Anthropic);

    #[test]
    fn only_events_of_providers_have_last_words() {
        let events = ("content-type", "text/event-stream");
        for (protocol, headers, has_some) in [
            (PROVIDER, &[events][..], true),
            (None, &[events], false),
            (PROVIDER, &[events, ("content-encoding", "gzip")], false),
            (PROVIDER, &[events, ("content-length", "5")], false),
            (PROVIDER, &[("content-type", "application/json")], false),
            (PROVIDER, &[], false),
        ] {
            assert_eq!(passed(protocol, headers).last_words().is_some(), has_some, "{protocol:?} {headers:?}");
        }
        let words = passed(PROVIDER, &[events]).last_words().unwrap();
        assert!(words.starts_with(b"\n\nevent: error\ndata: {") && words.ends_with(b"}\n\n"), "{words:?}");
    }

    #[test]
    fn the_body_is_the_one_that_the_host_keeps() {
        use futures::FutureExt;
        let body = passed(PROVIDER, &[("content-type", "text/event-stream")]);
        assert_eq!(body.read(9).now_or_never().unwrap().unwrap(), "whole");
        assert_eq!(body.next().now_or_never().unwrap().unwrap().unwrap(), "piece");
        assert_eq!(body.handle(), 7);
    }
}
