use std::error::Error;

use postern_core::platform::{BodyError, HttpError};

/// Tells the client's broken body from the upstream's broken connection.
pub(super) fn read_error(error: &hyper::Error) -> HttpError {
    let text = with_sources(error);
    match error.source().and_then(|source| source.downcast_ref::<BodyError>()) {
        Some(body) => HttpError::RequestBody(body.to_string()),
        None => HttpError::Broken(text),
    }
}

/// hyper's own texts leave out the cause.
pub(super) fn with_sources(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
