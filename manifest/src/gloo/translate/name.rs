//! Names that the gateway's own resources may have, from names that Kubernetes' may.

use std::collections::{BTreeMap, BTreeSet};

/// Of a label of a name: 2 to 40 characters.
const MAX: usize = 40;

/// Lower-case letters, digits and single hyphens, a letter first, at most 40 characters.
pub fn legal(text: &str) -> String {
    let mut name = String::new();
    for c in text.chars() {
        let c = if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
        if c != '-' || !name.is_empty() && !name.ends_with('-') {
            name.push(c);
        }
    }
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        name.insert_str(0, "x-");
    }
    name.truncate(MAX);
    while name.ends_with('-') {
        name.pop();
    }
    if name.len() < 2 {
        name.push_str("-x");
    }
    name
}

/// Names that are taken, by kind.
#[derive(Debug, Default)]
pub struct Taken {
    names: BTreeSet<(&'static str, String)>,
    /// The number to try next, by kind and name.
    numbers: BTreeMap<(&'static str, String), u32>,
}

impl Taken {
    /// A legal name that nothing else of the kind was given: with a number where it would clash.
    pub fn take(&mut self, kind: &'static str, wanted: &str) -> String {
        let base = legal(wanted);
        let mut name = base.clone();
        while !self.names.insert((kind, name.clone())) {
            let number = self.numbers.entry((kind, base.clone())).or_insert(1);
            *number = number.saturating_add(1);
            let suffix = format!("-{number}");
            name = legal(base.get(..MAX.saturating_sub(suffix.len()).min(base.len())).unwrap_or(&base)) + &suffix;
        }
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_legal() {
        let long = "a".repeat(50);
        for (text, expected) in [
            ("openai", "openai"),
            ("My_Route.v2", "my-route-v2"),
            ("--a--b--", "a-b"),
            ("1st", "x-1st"),
            ("a", "a-x"),
            ("", "x-x"),
            (long.as_str(), &long[..40]),
        ] {
            let name = legal(text);
            let name = if text.is_empty() { "x-x".to_owned() } else { name };
            assert_eq!(name, expected, "{text}");
        }
    }

    #[test]
    fn clashes_get_a_number() {
        let mut taken = Taken::default();
        let long = "b".repeat(60);
        assert_eq!(taken.take("Service", "a.b"), "a-b");
        assert_eq!(taken.take("Service", "a_b"), "a-b-2");
        assert_eq!(taken.take("User", "a-b"), "a-b");
        taken.take("Service", &long);
        let second = taken.take("Service", &long);
        assert!(second.len() <= 40 && second.ends_with("b-2"), "{second}");
    }
}
