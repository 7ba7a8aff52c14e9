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

/// A field name that a configuration may set or remove: none that frames the message or names the host.
pub fn settable(text: &str, problems: &mut Problems) -> Option<HeaderName> {
    const FRAMING: [&str; 6] = ["connection", "content-length", "keep-alive", "te", "transfer-encoding", "upgrade"];
    let name = name(text, problems)?;
    if name == http::header::HOST {
        problems.error_with_help("`Host` cannot be set here", "use `http.header.host`");
    } else if FRAMING.contains(&name.as_str()) {
        problems.error(format!("`{name}` belongs to the connection and cannot be changed"));
    } else {
        return Some(name);
    }
    None
}

/// A field value (RFC 9110 §5.5).
pub fn value(text: &str, problems: &mut Problems) -> Option<HeaderValue> {
    let value = HeaderValue::from_str(text).ok();
    if value.is_none() {
        problems.error("this has a character that a header cannot have");
    }
    value
}
