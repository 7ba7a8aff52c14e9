use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Frame, SizeHint};

use crate::platform::{Body, BodyError, BoxBody};

/// Lets no fields that follow a request's body pass, as an intermediary may (RFC 9110 §6.5.1): no rule sees them, and an upstream that
/// merges them would take a token or a claim from them that was removed from the headers. No SDK sends any, and gRPC has none in requests.
pub fn without_trailers(body: Body) -> Body {
    match body {
        Body::Stream(inner) => Body::Stream(Box::pin(WithoutTrailers(inner))),
        other => other,
    }
}

struct WithoutTrailers(BoxBody);

impl http_body::Body for WithoutTrailers {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        loop {
            match ready!(self.0.as_mut().poll_frame(cx)) {
                Some(Ok(frame)) if frame.is_trailers() => {}
                other => return Poll::Ready(other),
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use futures::{FutureExt, stream};
    use http::HeaderMap;
    use http_body_util::{BodyExt, StreamBody};

    use crate::testing::test;

    use super::*;

    #[test]
    fn the_body_ends_where_they_begin() {
        let frames = [Ok(Frame::data(Bytes::from_static(b"a"))), Ok(Frame::trailers(HeaderMap::new()))];
        let body = without_trailers(Body::Stream(Box::pin(StreamBody::new(stream::iter(frames)))));
        let Body::Stream(mut body) = body else { panic!("it streams") };
        let mut next = || body.frame().now_or_never().unwrap().map(|frame| frame.unwrap().into_data().unwrap());
        assert_eq!([next(), next()], [Some(Bytes::from_static(b"a")), None]);
    }
}
