//! Bodies that arrive in pieces: whatever the pieces, they are read as the whole is, and what is forwarded has the same bytes.

#![no_main]

use std::convert::Infallible;

use bytes::{Bytes, BytesMut};
use futures::executor::block_on;
use futures::stream;
use http::{HeaderMap, HeaderValue};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use postern_core::body::{self, BodyBudget, BodyNeeds};
use postern_core::json::Projection;
use postern_core::platform::{Body, BodyError};
use postern_fuzz::pieces;

const LIMIT: usize = 512;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    // The lengths of the pieces, over and over; a full stop; the body.
    let end = data.iter().position(|byte| *byte == b'.').unwrap_or(data.len());
    let (lengths, whole) = (&data[..end], data.get(end + 1..).unwrap_or_default());
    let in_pieces = || streamed(pieces(lengths, whole));
    let at_once = || Body::from(Bytes::copy_from_slice(whole));

    for authorization in [false, true] {
        let needs = BodyNeeds { text: true, map: Some(Projection::path(["model"])), authorization, limit: LIMIT, ..BodyNeeds::default() };
        assert_eq!(read(in_pieces(), &needs), read(at_once(), &needs), "a body is read the same however it arrives");
    }
    let buffered = |body: Body| block_on(body.buffer(LIMIT)).map(|(bytes, body)| (bytes, collect(body)));
    assert_eq!(buffered(in_pieces()), buffered(at_once()), "a body is kept the same however it arrives");
    if let Ok((bytes, again)) = buffered(in_pieces()) {
        assert_eq!((&bytes[..], &again[..]), (whole, whole));
    }
});

/// What is read of a body, and what is forwarded; or the status of a refusal.
fn read(body: Body, needs: &BodyNeeds) -> Result<(Bytes, Option<serde_json::Value>, Bytes), u16> {
    let mut headers = HeaderMap::new();
    headers.insert("content-type", HeaderValue::from_static("application/json"));
    let budget = BodyBudget::new(4 * LIMIT);
    let result = block_on(body::read(body, &headers, needs, &budget));
    result
        .map(|(body, read)| (read.bytes.clone().unwrap_or_default(), read.map.clone(), collect(body)))
        .map_err(|error| error.into_response().status().as_u16())
}

fn streamed(pieces: Vec<Bytes>) -> Body {
    let frames = stream::iter(pieces.into_iter().map(|piece| Ok::<_, Infallible>(Frame::data(piece))));
    Body::Stream(Box::pin(StreamBody::new(frames).map_err(|never| -> BodyError { match never {} })))
}

fn collect(mut body: Body) -> Bytes {
    let mut all = BytesMut::new();
    while let Some(frame) = block_on(body.frame()) {
        if let Ok(data) = frame.expect("the body is whole").into_data() {
            all.extend_from_slice(&data);
        }
    }
    all.freeze()
}
