//! Percent-encoding (RFC 3986 §2.1).

use crate::hex;

/// Writes every byte that `keep` does not keep as `%` and two digits in upper case.
pub fn encode(bytes: &[u8], keep: impl Fn(u8) -> bool) -> String {
    const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    let digit = |value: u8| DIGITS.get(usize::from(value & 15)).copied().unwrap_or_default();
    let mut text = String::with_capacity(bytes.len());
    for &byte in bytes {
        if byte.is_ascii() && keep(byte) {
            text.push(char::from(byte));
        } else {
            text.extend(['%', digit(byte >> 4), digit(byte)]);
        }
    }
    text
}

/// Undoes it; a `%` without two digits stands for itself.
pub fn decode(text: &str) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        let escaped = match (byte, tail) {
            (b'%', [high, low, after @ ..]) => hex::digit(*high).zip(hex::digit(*low)).map(|(high, low)| (high << 4 | low, after)),
            _ => None,
        };
        let (byte, after) = escaped.unwrap_or((byte, tail));
        decoded.push(byte);
        rest = after;
    }
    decoded
}

/// What never needs encoding (RFC 3986 §2.3).
pub fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    #[test]
    fn encodes_and_decodes() {
        for (plain, encoded) in [("", ""), ("aZ0-._~", "aZ0-._~"), ("a b+c/d%", "a%20b%2Bc%2Fd%25"), ("\u{e4}\n", "%C3%A4%0A")] {
            assert_eq!(encode(plain.as_bytes(), is_unreserved), encoded);
            assert_eq!(decode(encoded), plain.as_bytes());
        }
        for (broken, want) in [("%", "%"), ("%4", "%4"), ("%zz%41", "%zzA"), ("a+b", "a+b")] {
            assert_eq!(decode(broken), want.as_bytes(), "{broken}");
        }
    }
}
