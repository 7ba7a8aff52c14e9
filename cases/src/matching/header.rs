use std::collections::BTreeMap;

use bytes::Bytes;

use super::{Mismatches, matches};
use crate::format::HeaderExpect;

/// Compares headers by name. `lines_stay` is false on a host that joins repeated lines by a comma.
pub(crate) fn headers(
    place: &str,
    expected: &BTreeMap<String, Option<HeaderExpect>>,
    actual: &[(String, Bytes)],
    lines_stay: bool,
    out: &mut Mismatches,
) {
    for (name, expected) in expected {
        let place = format!("{place} {name}");
        let name = name.to_ascii_lowercase();
        let values: Vec<String> =
            actual.iter().filter(|(n, _)| *n == name).map(|(_, value)| String::from_utf8_lossy(value).into_owned()).collect();
        match expected {
            None if values.is_empty() => {}
            None => out.differ(&place, "(absent)", values.join(" | ")),
            Some(_) if values.is_empty() => out.differ(&place, describe(expected.as_ref()), "(absent)"),
            Some(HeaderExpect::Exact(value)) if values.len() == 1 && values.first() == Some(value) => {}
            Some(HeaderExpect::All(all)) if *all == values || !lines_stay && values.join(", ") == all.join(", ") => {}
            Some(HeaderExpect::Pattern(pattern)) => match matches(&pattern.matches, &values.join(", ")) {
                Ok(true) => {}
                Ok(false) => out.differ(&place, format_args!("matches {}", pattern.matches), values.join(" | ")),
                Err(wrong) => out.note(wrong),
            },
            Some(_) => out.differ(&place, describe(expected.as_ref()), values.join(" | ")),
        }
    }
}

fn describe(expected: Option<&HeaderExpect>) -> String {
    match expected {
        None => "(absent)".into(),
        Some(HeaderExpect::Exact(value)) => value.clone(),
        Some(HeaderExpect::All(values)) => values.join(" | "),
        Some(HeaderExpect::Pattern(pattern)) => format!("matches {}", pattern.matches),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::Pattern;

    #[test]
    fn table() {
        let exact = |text: &str| Some(HeaderExpect::Exact(text.into()));
        let all = |texts: &[&str]| Some(HeaderExpect::All(texts.iter().map(ToString::to_string).collect()));
        let pattern = |text: &str| Some(HeaderExpect::Pattern(Pattern { matches: text.into() }));
        for (expected, actual, lines_stay, good) in [
            (exact("a"), &["a"][..], true, true),
            (exact("a"), &["b"], true, false),
            (exact("a"), &["a", "a"], true, false),
            (exact("a"), &[], true, false),
            (None, &[], true, true),
            (None, &["a"], true, false),
            (all(&["a", "b"]), &["a", "b"], true, true),
            (all(&["a", "b"]), &["b", "a"], true, false),
            (all(&["a", "b"]), &["a, b"], true, false),
            (all(&["a", "b"]), &["a, b"], false, true),
            (pattern("^a+$"), &["aa"], true, true),
            (pattern("^a+$"), &["b"], true, false),
            (pattern("("), &["b"], true, false),
        ] {
            let mut out = Mismatches::default();
            let values: Vec<_> = actual.iter().map(|value| ("x".to_owned(), Bytes::from_static(value.as_bytes()))).collect();
            headers("header", &BTreeMap::from([("X".to_owned(), expected.clone())]), &values, lines_stay, &mut out);
            assert_eq!(out.is_empty(), good, "{expected:?} against {actual:?}");
        }
    }
}
