//! Comparison of what was expected with what was seen, as text that shows both.

mod body;
mod header;
mod json;
mod sigv4;

pub(crate) use body::{bytes as compare_body, decode};
pub(crate) use header::headers as compare_headers;
pub(crate) use json::subset;
pub(crate) use sigv4::check as check_sigv4;

/// What did not match.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mismatches(Vec<String>);

impl Mismatches {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    pub(crate) fn note(&mut self, text: impl Into<String>) {
        self.0.push(text.into());
    }

    pub(crate) fn differ(&mut self, place: &str, expected: impl std::fmt::Display, actual: impl std::fmt::Display) {
        self.0.push(format!("{place}\n    expected: {expected}\n    actual:   {actual}"));
    }

    pub(crate) fn equal<T: PartialEq + std::fmt::Display>(&mut self, place: &str, expected: &T, actual: &T) {
        if expected != actual {
            self.differ(place, expected, actual);
        }
    }
}

/// Bytes for a person: text where they are text, cut where they are long.
pub(crate) fn show(bytes: &[u8]) -> String {
    const LIMIT: usize = 600;
    match std::str::from_utf8(bytes) {
        Ok(text) if text.len() <= LIMIT => format!("{text:?}"),
        Ok(text) => format!("{:?}… ({} bytes)", text.chars().take(LIMIT).collect::<String>(), text.len()),
        Err(_) => format!("{} bytes that are not text: {:02x?}…", bytes.len(), bytes.iter().take(32).collect::<Vec<_>>()),
    }
}

/// A regular expression of a case, found anywhere in the text. One that does not parse matches nothing and says so.
pub(crate) fn matches(pattern: &str, text: &str) -> Result<bool, String> {
    regex_lite::Regex::new(pattern).map(|regex| regex.is_match(text)).map_err(|error| format!("the pattern {pattern:?} is wrong: {error}"))
}
