//! Numbers as text, both ways, as Lua 5.1 and as JSON have them.

use std::io::Write;

/// The text of a number, without an allocation.
#[derive(Clone, Copy)]
pub(crate) struct NumberText {
    bytes: [u8; 32],
    length: usize,
}

impl NumberText {
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    fn new(write: impl FnOnce(&mut &mut [u8]) -> std::io::Result<()>) -> Self {
        let mut bytes = [0; 32];
        let mut rest = bytes.as_mut_slice();
        // The longest text has 22 bytes.
        let unused = if write(&mut rest).is_ok() { rest.len() } else { 32 };
        Self { length: 32_usize.saturating_sub(unused), bytes }
    }
}

/// As C's `%.14g` has it, and so Lua 5.1: what `tostring`, `print` and `..` show. NaN has no sign here, as WebAssembly leaves it open.
pub(crate) fn to_text(number: f64) -> NumberText {
    if number.is_nan() {
        return NumberText::new(|out| out.write_all(b"nan"));
    }
    if number.is_infinite() {
        return NumberText::new(|out| out.write_all(if number > 0.0 { b"inf" } else { b"-inf" }));
    }
    if number == number.trunc() && number.abs() < 1e14 {
        let sign = if number.is_sign_negative() { "-" } else { "" };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number below 1e14")]
        let whole = number.abs() as u64;
        return NumberText::new(|out| write!(out, "{sign}{whole}"));
    }
    // Fourteen significant digits, rounded once: "-1.2345678901234e-5".
    let scientific = NumberText::new(|out| write!(out, "{number:.13e}"));
    let text = std::str::from_utf8(scientific.as_bytes()).unwrap_or_default();
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let (sign, digits) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let digits = digits.trim_end_matches('0');
    let first = digits.get(..1).unwrap_or_default();
    let rest = digits.get(2..).unwrap_or_default();
    NumberText::new(|out| {
        out.write_all(sign.as_bytes())?;
        if !(-4..14).contains(&exponent) {
            let point = if rest.is_empty() { "" } else { "." };
            let sign = if exponent < 0 { '-' } else { '+' };
            return write!(out, "{first}{point}{rest}e{sign}{:02}", exponent.abs());
        }
        let before = usize::try_from(exponent).unwrap_or_default();
        match exponent {
            ..0 => write!(out, "0.{:0>width$}{first}{rest}", "", width = usize::try_from(-1 - exponent).unwrap_or_default()),
            _ => match rest.split_at_checked(before) {
                Some((whole, "")) => write!(out, "{first}{whole}"),
                Some((whole, part)) => write!(out, "{first}{whole}.{part}"),
                None => write!(out, "{first}{rest:0<before$}"),
            },
        }
    })
}

/// The shortest JSON text that reads back as the same number; `None` for what JSON cannot say (infinities, NaN).
pub fn to_json(number: f64) -> Option<String> {
    if !number.is_finite() {
        return None;
    }
    let size = number.abs();
    Some(if size != 0.0 && !(1e-6..1e21).contains(&size) { format!("{number:e}") } else { format!("{number}") })
}

/// A number in Lua's notation, with white space around it: decimal, or hexadecimal without a fraction. Unlike with PUC Lua on some
/// platforms, `inf`, `nan` and hexadecimal fractions are no numbers.
pub(crate) fn parse(text: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(text).ok()?.trim_matches(is_space);
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, text.get(1..)?),
        b'+' => (false, text.get(1..)?),
        _ => (false, text),
    };
    let number = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(hex) => parse_radix(hex, 16)?,
        None => parse_decimal(digits)?,
    };
    Some(if negative { -number } else { number })
}

/// Digits of a base from 2 to 36, in either case, without sign.
pub(crate) fn parse_radix(digits: &str, radix: u32) -> Option<f64> {
    if digits.is_empty() {
        return None;
    }
    let mut number = 0.0;
    for c in digits.chars() {
        number = number * f64::from(radix) + f64::from(c.to_digit(radix)?);
    }
    Some(number)
}

/// What C's `isspace` says of ASCII.
pub(crate) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t'..='\r')
}

/// Checks the form first: Rust would also take "inf" and "nan".
fn parse_decimal(text: &str) -> Option<f64> {
    let number = matches!(text.as_bytes().first()?, b'0'..=b'9' | b'.');
    if number && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-')) { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(number: f64) -> String {
        String::from_utf8(to_text(number).as_bytes().to_vec()).unwrap()
    }

    #[test]
    fn numbers_look_as_in_lua() {
        for (number, text) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.0, "1"),
            (-42.0, "-42"),
            (0.1, "0.1"),
            (1.5, "1.5"),
            (100.25, "100.25"),
            (1e13, "10000000000000"),
            (1e14, "1e+14"),
            (123_456_789_012_345.0, "1.2345678901234e+14"),
            (99_999_999_999_999.0, "99999999999999"),
            (99_999_999_999_999.9, "1e+14"),
            (99_999_999_999_999.4, "99999999999999"),
            (1e100, "1e+100"),
            (1e-4, "0.0001"),
            (1.25e-3, "0.00125"),
            (1e-5, "1e-05"),
            (-1.5e-7, "-1.5e-07"),
            (1.0 / 3.0, "0.33333333333333"),
            (2.0 / 3.0, "0.66666666666667"),
            (10.0 / 3.0, "3.3333333333333"),
            (f64::MAX, "1.7976931348623e+308"),
            (-f64::MIN_POSITIVE, "-2.2250738585072e-308"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
            (f64::NAN, "nan"),
        ] {
            assert_eq!(shown(number), text);
        }
    }

    #[test]
    fn text_is_a_number_as_in_lua() {
        for (text, number) in [
            ("10", Some(10.0)),
            ("  -3.5e2\n", Some(-350.0)),
            ("0x10", Some(16.0)),
            ("-0XfF", Some(-255.0)),
            (".5", Some(0.5)),
            ("5.", Some(5.0)),
            ("+1", Some(1.0)),
            ("1e+3", Some(1000.0)),
            ("", None),
            (" ", None),
            (".", None),
            ("-", None),
            ("--1", None),
            ("1e", None),
            ("1 2", None),
            ("0x", None),
            ("0xg", None),
            ("inf", None),
            ("nan", None),
            ("1_000", None),
        ] {
            assert_eq!(parse(text.as_bytes()), number, "{text:?}");
        }
        assert_eq!(parse(b"\xff1"), None);
    }

    #[test]
    fn json_text_is_the_shortest() {
        for (number, text) in [(0.7, "0.7"), (1.0, "1"), (1e20, "100000000000000000000"), (1e21, "1e21"), (1e-7, "1e-7"), (-0.0, "-0")] {
            assert_eq!(to_json(number).as_deref(), Some(text));
        }
        assert_eq!(to_json(f64::INFINITY), None);
    }
}
