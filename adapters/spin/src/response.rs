//! The way back to the client.

use std::future::poll_fn;
use std::pin::pin;
use std::time::Duration;

use futures::future::{Either, select};
use http::{Response, StatusCode};
use http_body::Body as _;
use postern_core::platform::Body;
use spin_sdk::http::Error;
use spin_sdk::time::sleep;
use spin_sdk::wasip3;
use spin_sdk::wasip3::http::types;
use spin_sdk::wasip3::http_compat::BodyWriter;
use spin_sdk::wasip3::wit_bindgen::StreamResult;

use crate::body::declare_length;

/// How often a client is looked for while the upstream is silent.
const PROBE: Duration = Duration::from_secs(1);

/// Hands a response over to Spin. Its body is streamed while the client takes it.
///
/// # Errors
/// A header that `wasi:http` refuses. Spin answers 500 then.
pub fn send(response: Response<Body>, is_head: bool) -> Result<types::Response, Error> {
    let (mut parts, body) = response.into_parts();
    // What these declare is not the length of what is sent (RFC 9110 §8.6).
    if !is_head && !matches!(parts.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) {
        declare_length(&mut parts.headers, &body);
    }
    let headers = types::Headers::try_from(parts.headers).map_err(|error| Error::other(error.to_string()))?;
    let (writer, contents, trailers) = BodyWriter::new();
    let (response, _transmitted) = types::Response::new(headers, (!body.is_empty()).then_some(contents), trailers);
    response.set_status_code(parts.status.as_u16()).map_err(|()| Error::other("not a status"))?;
    wasip3::spawn(copy(body, writer));
    Ok(response)
}

/// Copies frame by frame. Spin shows that the client has left only to who writes, so that a silent upstream would be kept waiting
/// for nobody: an empty write, which the client never sees, asks.
async fn copy(body: Body, mut writer: BodyWriter) {
    let mut body = pin!(body);
    // One timer lasts over many frames, as starting one is a call to the host.
    let mut probe = pin!(sleep(PROBE));
    loop {
        let frame = match select(poll_fn(|cx| body.as_mut().poll_frame(cx)), probe.as_mut()).await {
            Either::Left((frame, _)) => frame,
            Either::Right(((), _)) => {
                if writer.stream_writer.write(Vec::new()).await.0 == StreamResult::Dropped {
                    return;
                }
                probe.set(sleep(PROBE));
                continue;
            }
        };
        match frame {
            Some(Ok(frame)) => {
                if writer.send_frame(frame).await.is_err() {
                    return;
                }
            }
            // A writer that is dropped before its result breaks the connection off: the client sees that something is missing.
            Some(Err(_)) => return,
            None => break,
        }
    }
    drop(writer.stream_writer);
    let trailers = if writer.trailers.is_empty() { None } else { types::Trailers::try_from(writer.trailers).ok() };
    // A client that has left no longer wants the trailers.
    let _ = writer.result_writer.write(Ok(trailers)).await;
}
