use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::{Mismatches, json, matches, show};
use crate::format::BodyExpect;

/// Compares a body. `sent` is what the step's request carried.
pub(crate) fn bytes(place: &str, expected: &BodyExpect, actual: &[u8], sent: &[u8], out: &mut Mismatches) {
    match expected {
        BodyExpect::Text(text) => equal(place, text.as_bytes(), actual, out),
        BodyExpect::SameAsRequest(_) => equal(place, sent, actual, out),
        BodyExpect::Empty(true) => equal(place, b"", actual, out),
        BodyExpect::Empty(false) if actual.is_empty() => out.differ(place, "(not empty)", "(empty)"),
        BodyExpect::Empty(false) => {}
        BodyExpect::Base64(text) => match decode(text) {
            Ok(expected) => equal(place, &expected, actual, out),
            Err(wrong) => out.note(wrong),
        },
        BodyExpect::Size(size) => out.equal(&format!("{place} size"), size, &actual.len()),
        BodyExpect::Matches(pattern) => match matches(pattern, &String::from_utf8_lossy(actual)) {
            Ok(true) => {}
            Ok(false) => out.differ(place, format_args!("matches {pattern}"), show(actual)),
            Err(wrong) => out.note(wrong),
        },
        BodyExpect::Json(expected) => match serde_json::from_slice(actual) {
            Ok(actual) => json::subset(place, expected, &actual, out),
            Err(_) => out.differ(place, expected, format_args!("not JSON: {}", show(actual))),
        },
    }
}

/// Base64 of a case.
///
/// # Errors
/// The text is for the case's author.
pub(crate) fn decode(text: &str) -> Result<Vec<u8>, String> {
    BASE64_STANDARD.decode(text).map_err(|error| format!("the case's base64 {text:?} is wrong: {error}"))
}

fn equal(place: &str, expected: &[u8], actual: &[u8], out: &mut Mismatches) {
    if expected != actual {
        out.differ(place, show(expected), show(actual));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn table() {
        for (expected, actual, good) in [
            (BodyExpect::Text("a".into()), &b"a"[..], true),
            (BodyExpect::Text("a".into()), b"ab", false),
            (BodyExpect::Base64("AP8=".into()), &[0, 255], true),
            (BodyExpect::Base64("!".into()), b"", false),
            (BodyExpect::Empty(true), b"", true),
            (BodyExpect::Empty(true), b"x", false),
            (BodyExpect::Empty(false), b"", false),
            (BodyExpect::Size(2), b"ab", true),
            (BodyExpect::Size(2), b"a", false),
            (BodyExpect::Matches("^a".into()), b"ab", true),
            (BodyExpect::Matches("^b".into()), b"ab", false),
            (BodyExpect::Json(json!({"a": 1})), br#"{"a":1,"b":2}"#, true),
            (BodyExpect::Json(json!({"a": 1})), b"no json", false),
            (BodyExpect::SameAsRequest(true), b"sent", true),
            (BodyExpect::SameAsRequest(true), b"Sent", false),
        ] {
            let mut out = Mismatches::default();
            bytes("body", &expected, actual, b"sent", &mut out);
            assert_eq!(out.is_empty(), good, "{expected:?} against {}", show(actual));
        }
    }
}
