use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, Response};

use crate::error::ErrorKind;
use crate::percent;
use crate::platform::Body;

const GRPC_STATUS: HeaderName = HeaderName::from_static("grpc-status");
const GRPC_MESSAGE: HeaderName = HeaderName::from_static("grpc-message");

/// An answer that has ended with its head, as the protocol calls it: `Trailers-Only`. Its HTTP status is 200 whatever went wrong.
pub fn refusal(kind: ErrorKind, message: &str, others: HeaderMap) -> Response<Body> {
    let mut response = Response::new(Body::Empty);
    let headers = response.headers_mut();
    *headers = others;
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    headers.insert(GRPC_STATUS, HeaderValue::from(code(kind)));
    let message = percent::encode(message.as_bytes(), |byte| matches!(byte, b' '..=b'~') && byte != b'%');
    if let Ok(message) = HeaderValue::from_str(&message) {
        headers.insert(GRPC_MESSAGE, message);
    }
    response
}

/// The status codes of gRPC by their numbers.
fn code(kind: ErrorKind) -> u16 {
    match kind {
        // INVALID_ARGUMENT
        ErrorKind::BadRequest | ErrorKind::InvalidBody => 3,
        // DEADLINE_EXCEEDED
        ErrorKind::UpstreamTimeout => 4,
        // NOT_FOUND
        ErrorKind::NotFound => 5,
        // PERMISSION_DENIED
        ErrorKind::Forbidden => 7,
        // RESOURCE_EXHAUSTED
        ErrorKind::BodyTooLarge | ErrorKind::TooManyRequests => 8,
        // UNIMPLEMENTED
        ErrorKind::NotImplemented => 12,
        // INTERNAL
        ErrorKind::Evaluation | ErrorKind::Internal | ErrorKind::Credential | ErrorKind::Transformation => 13,
        // UNAUTHENTICATED
        ErrorKind::Unauthenticated => 16,
        // UNAVAILABLE
        _ => 14,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    #[test]
    fn refusals_have_a_status_and_a_message() {
        for (kind, message, status, shown) in [
            (ErrorKind::Unauthenticated, "A token is needed.", "16", "A token is needed."),
            (ErrorKind::Forbidden, "100 %\n\u{e4}", "7", "100 %25%0A%C3%A4"),
            (ErrorKind::UpstreamUnreachable, "", "14", ""),
        ] {
            let response = refusal(kind, message, HeaderMap::new());
            assert_eq!(response.status(), 200);
            assert_eq!(response.headers().get("grpc-status").unwrap(), status);
            assert_eq!(response.headers().get("grpc-message").unwrap(), shown);
        }
    }
}
