use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use http_body::{Frame, SizeHint};

use super::headers::strip_response;
use crate::platform::{Body, BodyError, BoxBody};

/// Lets no fields that follow a request's body pass, as an intermediary may (RFC 9110 §6.5.1): no rule sees them, and an upstream that
/// merges them would take a token or a claim from them that was removed from the headers. No SDK sends any, and gRPC has none in requests.
pub fn without_trailers(body: Body) -> Body {
    each_trailers(body, |_| None)
}

/// Fields that follow a response's body pass, as gRPC's status is one of them, but an upstream can say nothing in them that it cannot
/// say in its headers. `conceal` removes what else nobody is to see.
pub fn strip_response_trailers(body: Body, conceal: impl Fn(&mut HeaderMap) + Unpin + 'static) -> Body {
    each_trailers(body, move |mut trailers| {
        strip_response(StatusCode::OK, &mut trailers);
        conceal(&mut trailers);
        (!trailers.is_empty()).then_some(trailers)
    })
}

fn each_trailers(body: Body, change: impl FnMut(HeaderMap) -> Option<HeaderMap> + Unpin + 'static) -> Body {
    match body {
        Body::Stream(inner) if !inner.is_end_stream() => Body::Stream(Box::pin(EachTrailers { inner, change })),
        other => other,
    }
}

struct EachTrailers<F> {
    inner: BoxBody,
    change: F,
}

impl<F: FnMut(HeaderMap) -> Option<HeaderMap> + Unpin> http_body::Body for EachTrailers<F> {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        loop {
            let Some(frame) = ready!(self.inner.as_mut().poll_frame(cx)?) else { return Poll::Ready(None) };
            match frame.into_trailers() {
                Err(data) => return Poll::Ready(Some(Ok(data))),
                Ok(trailers) => {
                    if let Some(trailers) = (self.change)(trailers) {
                        return Poll::Ready(Some(Ok(Frame::trailers(trailers))));
                    }
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use futures::{FutureExt, stream};
    use http_body_util::{BodyExt, StreamBody};

    use crate::testing::test;

    use super::*;

    fn followed_by(trailers: &[(&'static str, &str)]) -> Body {
        let trailers = trailers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        let frames = [Ok(Frame::data(Bytes::from_static(b"a"))), Ok(Frame::trailers(trailers))];
        Body::Stream(Box::pin(StreamBody::new(stream::iter(frames))))
    }

    fn read(body: Body) -> (Bytes, Option<HeaderMap>) {
        let Body::Stream(body) = body else { panic!("it streams") };
        let collected = body.collect().now_or_never().unwrap().unwrap();
        let trailers = collected.trailers().cloned();
        (collected.to_bytes(), trailers)
    }

    #[test]
    fn requests_end_where_they_begin() {
        assert_eq!(read(without_trailers(followed_by(&[("x", "1")]))), (Bytes::from_static(b"a"), None));
    }

    #[test]
    fn responses_say_no_more_in_them_than_in_headers() {
        let said =
            [("grpc-status", "0"), ("x_postern_user", "root"), ("set-cookie", "octelium_auth=x"), ("alt-svc", "h3"), ("x-secret", "1")];
        let conceal = |trailers: &mut HeaderMap| {
            trailers.remove("x-secret");
        };
        let kept = HeaderMap::from_iter([("grpc-status".parse().unwrap(), "0".parse().unwrap())]);
        assert_eq!(read(strip_response_trailers(followed_by(&said), conceal)), (Bytes::from_static(b"a"), Some(kept)));
        assert_eq!(read(strip_response_trailers(followed_by(&said[1..]), conceal)), (Bytes::from_static(b"a"), None));
    }
}
