use std::fmt;

/// Why a value does not conform. It holds no value, but keys of objects, as they say where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// JSON Pointer (RFC 6901), cut where it is long; empty for the whole value.
    pub pointer: String,
    /// What must hold there, such as `must be a string`.
    pub reason: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.pointer.is_empty() { "it" } else { &self.pointer };
        write!(f, "{place} {}", self.reason)
    }
}

/// Characters of a text in a message.
const MAX_SHOWN: usize = 120;

/// The text as it may stand in a message.
pub fn shortened(text: &str) -> String {
    match text.char_indices().nth(MAX_SHOWN) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
    }
}
