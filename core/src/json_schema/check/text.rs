use super::{Place, Run};
use crate::json_schema::failure::shortened;
use crate::json_schema::node::TextRules;
use crate::pattern::Pattern;

impl<'s> Run<'s> {
    pub(super) fn text(&mut self, rules: &'s TextRules, text: &str, place: &Place<'_>) -> bool {
        if rules.min_length.is_some() || rules.max_length.is_some() {
            if !self.spend(text.len() / 64) {
                return false;
            }
            let length = text.chars().count() as u64;
            if let Some(limit) = rules.max_length.filter(|limit| length > *limit) {
                return self.fail(place, || format!("must have at most {limit} characters"));
            }
            if let Some(limit) = rules.min_length.filter(|limit| length < *limit) {
                return self.fail(place, || format!("must have at least {limit} characters"));
            }
        }
        let Some(pattern) = &rules.pattern else { return true };
        self.matches(pattern, text) || self.fail(place, || format!("must match the pattern {}", shortened(pattern.as_str())))
    }

    pub(super) fn matches(&mut self, pattern: &Pattern, text: &str) -> bool {
        self.spend(pattern.cost(text)) && pattern.is_match(text)
    }
}
