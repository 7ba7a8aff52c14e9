/// The shortest text that reads back as the same double. Whole numbers stay plain up to 21 digits, so that the text of an
/// identifier in a JSON body is the identifier.
pub(super) fn double_to_text(double: f64) -> String {
    if double.is_nan() {
        return "NaN".to_owned();
    }
    if double.is_infinite() {
        return if double > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    if double == 0.0 || (1e-4..1e21).contains(&double.abs()) {
        return double.to_string();
    }
    scientific(&format!("{double:e}"))
}

/// Rust writes `1e-5` where the world writes `1e-05`.
pub(super) fn scientific(text: &str) -> String {
    let Some((mantissa, exponent)) = text.split_once('e') else { return text.to_owned() };
    let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
    format!("{mantissa}e{sign}{digits:0>2}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_read_as_people_write_them() {
        let cases = [
            (5.0, "5"),
            (-0.5, "-0.5"),
            (1_234_567.0, "1234567"),
            (6.022_14e23, "6.02214e+23"),
            (1.38e-5, "1.38e-05"),
            (f64::INFINITY, "+Inf"),
            (-0.0, "-0"),
        ];
        for (double, text) in cases {
            assert_eq!(double_to_text(double), text);
        }
    }
}
