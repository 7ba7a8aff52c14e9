use std::cmp::Ordering;

/// A number of any type. Numbers of different types compare by their exact mathematical value.
#[derive(Debug, Clone, Copy)]
pub(in crate::expression) enum Number {
    /// An int or uint.
    Int(i128),
    Double(f64),
}

impl Number {
    /// `None` when one of them is not a number.
    pub fn compare(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => Some(a.cmp(&b)),
            (Self::Double(a), Self::Double(b)) => a.partial_cmp(&b),
            (Self::Int(a), Self::Double(b)) => compare_mixed(a, b),
            (Self::Double(a), Self::Int(b)) => compare_mixed(b, a).map(Ordering::reverse),
        }
    }

    /// The value, if it is whole and fits.
    pub fn whole(self) -> Option<i128> {
        match self {
            Self::Int(i) => Some(i),
            Self::Double(d) if d.trunc() == d && d.abs() < LIMIT => Some(truncate(d)),
            Self::Double(_) => None,
        }
    }
}

/// Beyond every int and uint, and within what an `i128` holds.
const LIMIT: f64 = 1e30;

fn compare_mixed(int: i128, double: f64) -> Option<Ordering> {
    if double.is_nan() {
        return None;
    }
    if double.abs() >= LIMIT {
        return Some(if double > 0.0 { Ordering::Less } else { Ordering::Greater });
    }
    let whole = truncate(double);
    Some(int.cmp(&whole).then_with(|| 0.0.partial_cmp(&(double - double.trunc())).unwrap_or(Ordering::Equal)))
}

#[expect(clippy::cast_possible_truncation, reason = "callers keep it below LIMIT, and `as` drops the fraction as wanted")]
fn truncate(double: f64) -> i128 {
    double as i128
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mixed_numbers_compare_exactly() {
        let big = 9_007_199_254_740_993; // 2^53 + 1, which no double holds
        let cases = [
            (Number::Int(1), Number::Double(1.0), Some(Ordering::Equal)),
            (Number::Int(1), Number::Double(1.5), Some(Ordering::Less)),
            (Number::Int(-1), Number::Double(-1.5), Some(Ordering::Greater)),
            (Number::Int(big), Number::Double(9_007_199_254_740_992.0), Some(Ordering::Greater)),
            (Number::Int(i128::from(u64::MAX)), Number::Double(f64::INFINITY), Some(Ordering::Less)),
            (Number::Int(0), Number::Double(f64::NAN), None),
        ];
        for (a, b, expected) in cases {
            assert_eq!(a.compare(b), expected, "{a:?} {b:?}");
            assert_eq!(b.compare(a), expected.map(Ordering::reverse), "{b:?} {a:?}");
        }
    }
}
