use std::cell::Cell;

use regex_lite::{Regex, RegexBuilder};

use super::Refused;

/// A regular expression for a whole text, on an engine whose time is linear in the text.
#[derive(Debug)]
pub struct Pattern(Regex);

/// Bytes of a compiled pattern, which bound what a byte of text costs.
const MAX_SIZE: usize = 32 * 1024;
/// Bytes of text that all patterns together read for one request.
const MAX_TEXT: usize = 256 * 1024;

impl Pattern {
    /// # Errors
    /// The engine's own words, for the operator.
    pub fn compile(source: &str, ignore_case: bool) -> Result<Self, String> {
        // By itself first, so that no unbalanced parenthesis gets out of the group.
        build(source, ignore_case)?;
        build(&format!(r"\A(?:{source})\z"), ignore_case).map(Self)
    }

    /// An expression by itself, for parts of a text, with the same bounds.
    ///
    /// # Errors
    /// As [`Pattern::compile`].
    pub fn unanchored(source: &str) -> Result<Regex, String> {
        build(source, false)
    }

    /// # Errors
    /// When the patterns have read too much for this request.
    pub fn is_match(&self, text: &str, effort: &Effort) -> Result<bool, Refused> {
        effort.spend(text.len() + 1)?;
        Ok(self.0.is_match(text))
    }
}

/// What the patterns read for one request.
#[derive(Debug, Default)]
pub struct Effort(Cell<usize>);

impl Effort {
    fn spend(&self, bytes: usize) -> Result<(), Refused> {
        self.0.set(self.0.get().saturating_add(bytes));
        if self.0.get() > MAX_TEXT { Err(Refused::TooLong) } else { Ok(()) }
    }
}

fn build(source: &str, ignore_case: bool) -> Result<Regex, String> {
    RegexBuilder::new(source).case_insensitive(ignore_case).size_limit(MAX_SIZE).build().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    #[test]
    fn the_whole_text_is_matched() {
        for (source, ignore_case, text, expected) in [
            ("/a|/ab", false, "/ab", true),
            ("/a", false, "/ab", false),
            ("b", false, "abc", false),
            ("/a", false, "/a\n", false),
            ("(?m)^/a$", false, "/b\n/a", false),
            ("/A", true, "/a", true),
            ("/A", false, "/a", false),
        ] {
            let found = Pattern::compile(source, ignore_case).unwrap().is_match(text, &Effort::default());
            assert_eq!(found, Ok(expected), "{source} {text}");
        }
    }

    #[test]
    fn what_cannot_be_bounded_is_refused() {
        for source in ["(", "a)(b", r"(a)\1", "(?=a)", "(a{1000}){1000}", "(?x)a # "] {
            assert!(Pattern::compile(source, false).is_err(), "{source}");
        }
        let (pattern, effort) = (Pattern::compile("(a*)*b", false).unwrap(), Effort::default());
        let text = "a".repeat(60_000);
        let found: Vec<_> = (0..5).map(|_| pattern.is_match(&text, &effort)).collect();
        assert_eq!(found, [Ok(false), Ok(false), Ok(false), Ok(false), Err(Refused::TooLong)]);
    }
}
