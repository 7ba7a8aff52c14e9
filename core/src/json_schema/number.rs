//! Numbers as JSON Schema compares them: by their value, exactly, however they are written.

use std::cmp::Ordering;

use serde_json::Number;

/// Whether the number has no fraction: 1.0 is an integer.
pub fn is_integer(number: &Number) -> bool {
    !number.is_f64() || number.as_f64().is_some_and(|number| number.fract() == 0.0)
}

/// The number as an integer, where it is one that fits.
pub fn as_integer(number: &Number) -> Option<i128> {
    match (number.as_i64(), number.as_u64()) {
        (Some(number), _) => Some(number.into()),
        (None, Some(number)) => Some(number.into()),
        (None, None) => number.as_f64().filter(|number| number.fract() == 0.0 && number.abs() < MAX_EXACT).map(truncated),
    }
}

/// Beyond it a double no longer fits into 128 bits.
const MAX_EXACT: f64 = 1e38;

#[expect(clippy::cast_possible_truncation, reason = "callers have checked that it fits")]
fn truncated(number: f64) -> i128 {
    number as i128
}

/// Compares by value.
pub fn compare(left: &Number, right: &Number) -> Ordering {
    match (as_integer(left), as_integer(right)) {
        (Some(left), Some(right)) => left.cmp(&right),
        (Some(left), None) => with_double(left, right.as_f64().unwrap_or_default()),
        (None, Some(right)) => with_double(right, left.as_f64().unwrap_or_default()).reverse(),
        (None, None) => left.as_f64().partial_cmp(&right.as_f64()).unwrap_or(Ordering::Equal),
    }
}

/// An integer and a double that is none, or is too large for one.
fn with_double(integer: i128, double: f64) -> Ordering {
    if double.abs() >= MAX_EXACT {
        return if double > 0.0 { Ordering::Less } else { Ordering::Greater };
    }
    // It has a fraction, so it lies above its floor.
    integer.cmp(&truncated(double.floor())).then(Ordering::Less)
}

/// A number as it is written in decimal: `digits` × 10 ^ `exponent`, without its sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal {
    digits: u64,
    exponent: i32,
}

impl Decimal {
    /// `None` never, as every number of serde_json's has a decimal form of at most 20 digits.
    pub fn of(number: &Number) -> Option<Self> {
        if let Some(digits) = number.as_i64().map(i64::unsigned_abs).or_else(|| number.as_u64()) {
            return Some(Self { digits, exponent: 0 });
        }
        // The shortest text that reads as this double, such as `1.25e-7`.
        let text = format!("{:e}", number.as_f64()?.abs());
        let (mantissa, exponent) = text.split_once('e')?;
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{whole}{fraction}").parse().ok()?;
        Some(Self { digits, exponent: exponent.parse::<i32>().ok()? - i32::try_from(fraction.len()).ok()? })
    }

    pub fn is_zero(self) -> bool {
        self.digits == 0
    }

    /// Exact; false when the divisor is zero.
    pub fn is_multiple_of(self, divisor: Self) -> bool {
        if divisor.digits == 0 {
            return false;
        }
        let shift = self.exponent - divisor.exponent;
        if shift >= 0 {
            // digits × 10^shift mod divisor, step by step: at most some 650 of them.
            let divisor = u128::from(divisor.digits);
            let rest = (0..shift).fold(u128::from(self.digits) % divisor, |rest, _| rest * 10 % divisor);
            return rest == 0;
        }
        let scaled = 10u128.checked_pow(shift.unsigned_abs()).and_then(|scale| scale.checked_mul(divisor.digits.into()));
        scaled.map_or(self.digits == 0, |divisor| u128::from(self.digits).is_multiple_of(divisor))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::testing::test;

    fn number(text: &str) -> Number {
        match serde_json::from_str(text) {
            Ok(Value::Number(number)) => number,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn numbers_are_compared_by_value() {
        for (left, right, expected) in [
            ("1", "1.0", Ordering::Equal),
            ("0", "-0.0", Ordering::Equal),
            ("9007199254740993", "9007199254740992.0", Ordering::Greater),
            ("18446744073709551615", "18446744073709551615.0", Ordering::Less),
            ("1", "1.5", Ordering::Less),
            ("-1", "-1.5", Ordering::Greater),
            ("-2", "-1.5", Ordering::Less),
            ("1e300", "1", Ordering::Greater),
            ("-1e300", "1", Ordering::Less),
            ("1e300", "1e299", Ordering::Greater),
            ("0.5", "0.25", Ordering::Greater),
        ] {
            assert_eq!(compare(&number(left), &number(right)), expected, "{left} {right}");
            assert_eq!(compare(&number(right), &number(left)), expected.reverse(), "{right} {left}");
        }
    }

    #[test]
    fn multiples_are_exact() {
        for (value, divisor, expected) in [
            ("10", "2", true),
            ("7", "2", false),
            ("4.5", "1.5", true),
            ("0.0075", "0.0001", true),
            ("0.00751", "0.0001", false),
            ("1e308", "0.5", true),
            ("1e308", "0.123456789", false),
            ("12391239123", "1e-8", true),
            ("0", "1e300", true),
            ("5", "1e300", false),
            ("-9", "3", true),
            ("18446744073709551615", "5", true),
            ("19.99", "0.01", true),
        ] {
            let [value_decimal, divisor_decimal] = [value, divisor].map(|text| Decimal::of(&number(text)).unwrap());
            assert_eq!(value_decimal.is_multiple_of(divisor_decimal), expected, "{value} {divisor}");
        }
    }

    #[test]
    fn integers() {
        for (text, expected) in [("1", true), ("1.0", true), ("1.5", false), ("-0.0", true), ("1e300", true), ("1e-300", false)] {
            assert_eq!(is_integer(&number(text)), expected, "{text}");
        }
    }
}
