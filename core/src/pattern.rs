//! Regular expressions, on an engine whose time is linear in the text.

use regex_lite::{Error, Regex, RegexBuilder};

/// Bytes of one compiled pattern. A match takes as long as the text times this, at worst.
const MAX_SIZE: usize = 64 * 1024;

/// The smallest size that is told apart.
const LEAST: usize = 512;

#[derive(Debug)]
pub struct Pattern {
    regex: Regex,
    /// What a byte of text costs, in quarters of a step.
    weight: usize,
}

impl Pattern {
    /// `available` is what all patterns of the schema may still take, in bytes; what this one takes is subtracted.
    pub fn compile(source: &str, available: &mut usize) -> Result<Self, Error> {
        let most = MAX_SIZE.min(*available);
        let mut size = LEAST.min(most);
        loop {
            match RegexBuilder::new(source).size_limit(size).build() {
                Ok(regex) => {
                    *available = available.saturating_sub(size);
                    return Ok(Self { regex, weight: size.div_ceil(LEAST) });
                }
                // The engine does not tell sizes, so the first one that is enough is taken for it.
                Err(_) if size < most => size = (size * 2).min(most),
                Err(error) => return Err(error),
            }
        }
    }

    /// What a match costs, in steps.
    pub fn cost(&self, text: &str) -> usize {
        1 + text.len().saturating_mul(self.weight) / 4
    }

    pub fn is_match(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    pub fn as_str(&self) -> &str {
        self.regex.as_str()
    }

    /// For what more there is to find out than whether it matches.
    pub fn regex(&self) -> &Regex {
        &self.regex
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    #[test]
    fn larger_patterns_cost_more_and_huge_ones_are_refused() {
        let cost = |source: &str| Pattern::compile(source, &mut usize::MAX.clone()).map(|pattern| pattern.cost(&"a".repeat(400)));
        let (small, large) = (cost("^[a-z]+$").unwrap(), cost("^[a-z]{1,400}$").unwrap());
        assert!(small <= 201 && large > 10 * small, "{small} {large}");
        assert!(cost("(a{1000}){1000}").is_err());
        let mut available = 3 * LEAST;
        assert!(Pattern::compile("a", &mut available).is_ok() && Pattern::compile("b", &mut available).is_ok());
        assert_eq!(available, LEAST);
        assert!(Pattern::compile("^[a-z]{1,400}$", &mut available).is_err());
    }

    /// Written as ECMA-262 has it.
    #[test]
    fn what_the_engine_takes() {
        let compile = |source: &str| Pattern::compile(source, &mut usize::MAX.clone());
        for (source, text, expected) in [
            (r"^\d{4}-\d{2}$", "2026-11", true),
            (r"^\d$", "\u{0661}", false),
            (r"^\/v1\/[\w\-.]+$", "/v1/a-b.c", true),
            (r"^A$", "A", true),
            ("^(?:a|b)$", "b", true),
            ("^a$", "a\n", false),
            ("b", "abc", true),
        ] {
            assert_eq!(compile(source).unwrap().is_match(text), expected, "{source}");
        }
        for source in [r"(?=a)", r"(a)\1", r"\p{L}", "[a&&b]", "a{,3", "("] {
            assert!(compile(source).is_err(), "{source}");
        }
    }
}
