//! Header lines that operators write.

use http::{HeaderName, HeaderValue};

use crate::problem::Problems;

/// A field name (RFC 9110 §5.1).
pub fn name(text: &str, problems: &mut Problems) -> Option<HeaderName> {
    let name = HeaderName::try_from(text).ok();
    if name.is_none() {
        problems.error(format!("{text:?} is not the name of a header"));
    }
    name
}

/// A field value (RFC 9110 §5.5).
pub fn value(text: &str, problems: &mut Problems) -> Option<HeaderValue> {
    let value = HeaderValue::from_str(text).ok();
    if value.is_none() {
        problems.error("this has a character that a header cannot have");
    }
    value
}
