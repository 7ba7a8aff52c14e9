//! Lengths of time as Kubernetes writes them: `30s`, `1m30s`, `500ms`, `1.5h`.

use serde_json::{Value, json};

/// The gateway's own way to say it; nothing for zero, which means no bound.
///
/// # Errors
/// It is no length of time, or longer than 49 days.
pub fn duration(text: &str) -> Result<Option<Value>, String> {
    let milliseconds = milliseconds(text).ok_or_else(|| format!("`{text}` is no length of time: write it as in `30s`"))?;
    Ok(match milliseconds {
        0 => None,
        n if n % 60_000 == 0 => Some(json!({ "minutes": n / 60_000 })),
        n if n % 1000 == 0 => Some(json!({ "seconds": n / 1000 })),
        n => Some(json!({ "milliseconds": n })),
    })
}

fn milliseconds(text: &str) -> Option<u32> {
    let mut rest = text.trim();
    if rest == "0" {
        return Some(0);
    }
    let mut total = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, unit) = rest.split_at_checked(digits)?;
        let end = unit.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(unit.len());
        let (unit, after) = unit.split_at_checked(end)?;
        let factor = match unit {
            "ms" => 1.0,
            "s" => 1000.0,
            "m" => 60_000.0,
            "h" => 3_600_000.0,
            _ => return None,
        };
        total += number.parse::<f64>().ok()? * factor;
        rest = after;
    }
    let is_in_range = !text.trim().is_empty() && total <= f64::from(u32::MAX);
    // The range was looked at, and a fraction of a millisecond is none.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    is_in_range.then_some(total as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, expected) in [
            ("30s", Ok(Some(json!({ "seconds": 30 })))),
            ("1m30s", Ok(Some(json!({ "seconds": 90 })))),
            ("2m", Ok(Some(json!({ "minutes": 2 })))),
            ("1.5h", Ok(Some(json!({ "minutes": 90 })))),
            ("500ms", Ok(Some(json!({ "milliseconds": 500 })))),
            ("0.25s", Ok(Some(json!({ "milliseconds": 250 })))),
            ("0s", Ok(None)),
            ("0", Ok(None)),
            ("", Err(())),
            ("30", Err(())),
            ("s", Err(())),
            ("1d", Err(())),
            ("-1s", Err(())),
            ("999999999h", Err(())),
        ] {
            assert_eq!(duration(text).map_err(|_| ()), expected, "{text:?}");
        }
    }
}
