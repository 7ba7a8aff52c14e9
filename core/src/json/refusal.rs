use std::fmt;

/// Why a text is not strict JSON. It never carries any of the text, so that it can be shown to the caller and logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsonRefusal {
    /// RFC 8259 §8.1 asks for UTF-8.
    NotUtf8,
    /// RFC 8259 §8.1 lets parsers refuse it, and some do.
    ByteOrderMark,
    /// The text is JSON, but not an object.
    NotAnObject,
    /// Arrays and objects are nested more than [`MAX_DEPTH`](super::MAX_DEPTH) deep.
    TooDeep,
    /// It holds more values than its reader allows.
    TooMany,
    /// RFC 8259 §4: which of the values counts is unpredictable.
    DuplicateKey,
    /// A key differs only in case from one that rules read, and upstreams disagree on whether it is the same.
    AmbiguousKey,
    /// Something follows the object.
    TrailingText,
    /// Not JSON at all, or a number that does not fit.
    Syntax {
        /// From 1.
        line: usize,
        /// In bytes, from 1.
        column: usize,
    },
}

impl fmt::Display for JsonRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotUtf8 => f.write_str("the JSON body is not UTF-8"),
            Self::ByteOrderMark => f.write_str("the JSON body starts with a byte-order mark"),
            Self::NotAnObject => f.write_str("the JSON body is not an object"),
            Self::TooDeep => write!(f, "the JSON body is nested more than {} deep", super::MAX_DEPTH),
            Self::TooMany => f.write_str("the JSON body has too many values"),
            Self::DuplicateKey => f.write_str("the JSON body has the same key twice in one object"),
            Self::AmbiguousKey => f.write_str("the JSON body has a key that differs only in case from one that rules read"),
            Self::TrailingText => f.write_str("text follows the JSON body"),
            Self::Syntax { line, column } => write!(f, "the body is not valid JSON at line {line}, column {column}"),
        }
    }
}

impl std::error::Error for JsonRefusal {}
