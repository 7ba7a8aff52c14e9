//! How a value looks where somebody encoded it.

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE};

/// What of a longer text tells that it holds this one: the value as it is, escaped as in URLs, JSON and Rust, in hexadecimal digits, and in
/// base64, by itself or as a part of anything.
#[must_use]
pub fn looks(value: &str) -> Vec<String> {
    let mut looks = vec![value.to_owned(), value.escape_default().to_string()];
    looks.extend(escapes().map(|escape| escaped(value, escape)));
    looks.push(value.bytes().map(|byte| format!("{byte:02x}")).collect());
    for engine in [BASE64_STANDARD, BASE64_URL_SAFE] {
        // What base64 makes of a text depends on how many bytes stand before it, and what it makes of an incomplete last group on
        // what follows.
        looks.extend(["", "?", "??"].iter().map(|before| {
            let encoded = engine.encode(format!("{before}{value}"));
            let inner = 4 * before.len().div_ceil(3)..(before.len() + value.len()) / 3 * 4;
            encoded.get(inner).unwrap_or_default().to_owned()
        }));
    }
    // What is shorter would be found by chance.
    looks.retain(|look| look.len() >= value.len().min(super::MIN_LENGTH));
    looks.sort();
    looks.dedup();
    looks
}

fn escapes() -> impl Iterator<Item = fn(u8) -> String> {
    [|byte| format!("%{byte:02X}"), |byte| format!("%{byte:02x}"), |byte| format!("\\u{byte:04x}"), |byte| format!("\\u{{{byte:x}}}")]
        .into_iter()
}

/// Escapes all but the unreserved characters (RFC 3986 §2.3).
fn escaped(text: &str, escape: fn(u8) -> String) -> String {
    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    text.bytes().map(|byte| if is_unreserved(byte) { char::from(byte).to_string() } else { escape(byte) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_in_whatever_encoding() {
        let value = "canary+0";
        let is_found = |text: &str| looks(value).iter().any(|look| text.contains(look.as_str()));
        for text in ["a canary+0 b", "key=canary%2B0", "key=canary%2b0", r#""canary\u002b0""#, r#""canary\u{2b}0""#, "63616e6172792b30"] {
            assert!(is_found(text), "{text}");
        }
        for before in ["", "u:", "app:", "user:", "some:"] {
            let text = format!("{before}{value}");
            assert!(is_found(&BASE64_STANDARD.encode(&text)) && is_found(&BASE64_URL_SAFE.encode(&text)), "{text}");
        }
        for text in ["canary-0", "canary+1", &BASE64_STANDARD.encode("canal+01")] {
            assert!(!is_found(text), "{text}");
        }
    }
}
