use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::header::{SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY};
use http::{HeaderMap, Response, StatusCode};
use postern_core::platform::HttpError;
use ring::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY};

/// RFC 6455 §1.3.
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// What an upstream must answer to this handshake (RFC 6455 §4.2.2). `None` for a request without exactly one key.
pub(super) fn accept_of(headers: &HeaderMap) -> Option<String> {
    let mut lines = headers.get_all(SEC_WEBSOCKET_KEY).iter();
    let key = lines.next().filter(|_| lines.next().is_none())?;
    let mut digest = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
    digest.update(key.as_bytes());
    digest.update(GUID);
    Some(BASE64_STANDARD.encode(digest.finish()))
}

/// Takes a 101 from a server only that speaks WebSocket and means this handshake: a status that a caller had some upstream repeat
/// would otherwise join the caller with it, past all rules about requests.
///
/// # Errors
/// [`HttpError::Broken`].
pub(super) fn check<B>(expected: Option<&str>, response: &Response<B>) -> Result<(), HttpError> {
    let accept = response.headers().get(SEC_WEBSOCKET_ACCEPT);
    let agrees = expected.is_some_and(|expected| accept.is_some_and(|accept| accept.as_bytes() == expected.as_bytes()));
    if response.status() == StatusCode::SWITCHING_PROTOCOLS && !agrees {
        return Err(HttpError::Broken("its 101 does not answer a WebSocket's handshake".to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: http::HeaderName, values: &[&str]) -> HeaderMap {
        values.iter().map(|value| (name.clone(), value.parse().unwrap())).collect()
    }

    #[test]
    fn only_a_101_that_proves_itself_is_taken() {
        // RFC 6455 §1.3.
        let (key, accept) = ("dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        for (keys, status, accepts, taken) in [
            (&[key][..], 101, &[accept][..], true),
            (&[key], 101, &[], false),
            (&[key], 101, &["s3pPLMBiTxaQ9kYGzzhZRbK+xOo"], false),
            (&[], 101, &[accept], false),
            (&[], 101, &[], false),
            (&[key, key], 101, &[accept], false),
            (&[key], 200, &[], true),
            (&[], 426, &[], true),
        ] {
            let expected = accept_of(&headers(SEC_WEBSOCKET_KEY, keys));
            let mut response = Response::new(());
            *response.status_mut() = StatusCode::from_u16(status).unwrap();
            *response.headers_mut() = headers(SEC_WEBSOCKET_ACCEPT, accepts);
            assert_eq!(check(expected.as_deref(), &response).is_ok(), taken, "{keys:?} {status} {accepts:?}");
        }
    }
}
