use std::collections::BTreeSet;

use http::Uri;

use super::Origin;
use crate::check::{at_most, each, name, url};
use crate::problem::Problems;

/// Origins, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origins(BTreeSet<Origin>);

/// Origins in `callouts.allow`.
const MAX_ALLOWED: usize = 1000;

impl Origins {
    /// Compiles a list of origins at a field; every problem is reported at its place.
    pub fn compile(field: &str, source: &[String], problems: &mut Problems) -> Self {
        at_most(problems, field, source.len(), MAX_ALLOWED, "origins");
        Self(each(problems, field, source, |problems, text| compile(text, problems)).into_iter().flatten().collect())
    }

    /// The origins of the strings in a script that are whole URLs. The others are no business of ours.
    pub fn from_literals<'t>(literals: impl IntoIterator<Item = &'t str>) -> Self {
        let urls = literals.into_iter().filter_map(|text| text.parse::<Uri>().ok());
        Self(urls.filter_map(|uri| Origin::of(&uri).ok()).collect())
    }

    pub fn contains(&self, origin: &Origin) -> bool {
        self.0.contains(origin)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// In order.
    pub fn iter(&self) -> impl Iterator<Item = &Origin> {
        self.0.iter()
    }
}

impl FromIterator<Origin> for Origins {
    fn from_iter<T: IntoIterator<Item = Origin>>(origins: T) -> Self {
        Self(origins.into_iter().collect())
    }
}

impl Extend<Origin> for Origins {
    fn extend<T: IntoIterator<Item = Origin>>(&mut self, origins: T) {
        self.0.extend(origins);
    }
}

impl IntoIterator for Origins {
    type Item = Origin;
    type IntoIter = std::collections::btree_set::IntoIter<Origin>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

fn compile(text: &str, problems: &mut Problems) -> Option<Origin> {
    if let Some(placeholder) = name::placeholder(text) {
        problems.error(format!("`{placeholder}` is a placeholder: put the real value in its place"));
        return None;
    }
    let help = "write an origin, as in `https://guardrail.example.com` or `http://127.0.0.1:9000`";
    let Ok(uri) = text.parse::<Uri>() else {
        problems.error_with_help(format!("`{text}` is not a URL"), help);
        return None;
    };
    if !url::is_origin(&uri) || text.contains('#') {
        problems.error_with_help(format!("`{text}` is more than an origin"), "leave the path away: all paths there may be called");
        return None;
    }
    Origin::of(&uri).map_err(|fault| problems.error_with_help(fault.to_string(), help)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    #[test]
    fn compiles_origins_only() {
        for (text, fault) in [
            ("https://a.example", None),
            ("http://127.0.0.1:9000/", None),
            ("http://169.254.169.254", None),
            ("https://a.example/v1", Some("more than an origin")),
            ("https://a.example?x", Some("more than an origin")),
            ("https://a.example#x", Some("more than an origin")),
            ("https://*.example", Some("not a host")),
            ("a.example", Some("https or http")),
            ("https://<HOST>", Some("placeholder")),
            ("http://2130706433", Some("another spelling of 127.0.0.1")),
            ("", Some("not a URL")),
        ] {
            let mut problems = Problems::new();
            let origins = Origins::compile("allow", &[text.to_owned()], &mut problems);
            assert_eq!(origins.is_empty(), fault.is_some(), "{text}");
            let told = problems.iter().next().map(ToString::to_string).unwrap_or_default();
            assert!(fault.is_none_or(|fault| told.contains(fault) && told.contains("allow[0]")), "{text}: {told}");
        }
    }

    #[test]
    fn literals_that_are_urls_count() {
        let literals = [
            "x",
            "http://",
            "/v1",
            "http://guard.svc/check",
            "https://a.example/x?y#z",
            "http://0x7f.1",
            "https://a.example:443",
            "mailto:a@b",
        ];
        let origins = Origins::from_literals(literals);
        let texts: Vec<String> = origins.iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["http://guard.svc", "https://a.example"]);
    }
}
