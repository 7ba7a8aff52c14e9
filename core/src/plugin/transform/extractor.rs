use regex_lite::Captures;

use super::head::Head;
use crate::check::exactly_one;
use crate::pattern::Pattern;
use crate::problem::Problems;
use crate::resource::service as resource;
use crate::resource::service::ExtractMode;
use crate::template::{Budget, RenderError};

/// A variable that is taken from a header or the body.
#[derive(Debug)]
pub struct Extractor {
    pub name: String,
    /// `None` for the body.
    header: Option<String>,
    pattern: Pattern,
    group: usize,
    replacement: Option<Replacement>,
}

#[derive(Debug)]
enum Replacement {
    /// Of the group, in a text that matches whole.
    One(String),
    /// Of everything that matches.
    All(Vec<Part>),
}

/// A part of a replacement.
#[derive(Debug)]
enum Part {
    Text(String),
    Group(usize),
}

impl Extractor {
    /// Compiles; every problem is reported at its place. `available` is what the patterns of the plugin may still take, in bytes.
    pub fn compile(name: &str, source: &resource::Extractor, available: &mut usize, problems: &mut Problems) -> Option<Self> {
        exactly_one(problems, &[("header", source.header.is_some()), ("body", source.body.is_some())]);
        let all = source.mode == ExtractMode::ReplaceAll;
        let anchored = if all { source.regex.clone() } else { format!(r"\A(?:{})\z", source.regex) };
        let pattern = match Pattern::compile(&anchored, available) {
            Ok(pattern) => pattern,
            Err(error) => {
                let help = "the engine is linear: it has no look-around and no back-references, and bounds the size of a pattern";
                problems.at("regex", |p| p.error_with_help(format!("this is not a pattern: {error}"), help));
                return None;
            }
        };
        let group = usize::try_from(source.subgroup).unwrap_or(usize::MAX);
        let groups = pattern.regex().captures_len() - 1;
        if group > groups {
            problems.at("subgroup", |p| p.error(format!("the pattern has {groups} groups, and this is group {group}")));
            return None;
        }
        let text = source.replacement_text.as_deref();
        let replacement = match (source.mode, text) {
            (ExtractMode::Extract, None | Some("")) => None,
            (ExtractMode::Extract, Some(_)) => {
                let help = "write `mode: SINGLE_REPLACE` or `mode: REPLACE_ALL`";
                problems.at("replacementText", |p| p.error_with_help("`EXTRACT` replaces nothing", help));
                return None;
            }
            (mode, None) => {
                problems.error(format!("`{}` needs a `replacementText`", mode.as_str()));
                return None;
            }
            (ExtractMode::SingleReplace, Some(text)) => Some(Replacement::One(text.to_owned())),
            (ExtractMode::ReplaceAll, Some(text)) => Some(Replacement::All(parts(text))),
        };
        if all && group != 0 {
            problems.at("subgroup", |p| p.error("`REPLACE_ALL` replaces all of what matches: `subgroup` is 0"));
            return None;
        }
        Some(Self { name: name.to_owned(), header: source.header.clone(), pattern, group, replacement })
    }

    pub fn reads_body(&self) -> bool {
        self.header.is_none()
    }

    /// What it gives. A header that is not there gives nothing.
    ///
    /// # Errors
    /// A spent budget; a body that is not text.
    pub fn run(&self, head: &Head<'_>, body: &[u8], budget: &Budget) -> Result<String, RenderError> {
        let header;
        let text = match &self.header {
            Some(name) => {
                let Some(value) = head.get(name) else { return Ok(String::new()) };
                header = value;
                header.as_str()
            }
            None => std::str::from_utf8(body).map_err(|_| RenderError("the body is not text".to_owned()))?,
        };
        // A step of a template is worth some of the engine's.
        budget.spend(self.pattern.cost(text) / 4)?;
        budget.pay(text.len())?;
        match &self.replacement {
            None => {
                let found = self.pattern.regex().captures(text).and_then(|found| found.get(self.group));
                Ok(found.map_or("", |found| found.as_str()).to_owned())
            }
            Some(Replacement::One(with)) => {
                let found = self.pattern.regex().captures(text).and_then(|found| found.get(self.group));
                let Some(found) = found else { return Ok(text.to_owned()) };
                budget.pay(with.len())?;
                let (before, after) = (text.get(..found.start()).unwrap_or_default(), text.get(found.end()..).unwrap_or_default());
                Ok(format!("{before}{with}{after}"))
            }
            Some(Replacement::All(parts)) => self.replace_all(text, parts, budget),
        }
    }

    fn replace_all(&self, text: &str, parts: &[Part], budget: &Budget) -> Result<String, RenderError> {
        let (mut out, mut last) = (String::new(), 0);
        for found in self.pattern.regex().captures_iter(text) {
            let Some(whole) = found.get(0).filter(|whole| !whole.is_empty()) else { continue };
            out.push_str(text.get(last..whole.start()).unwrap_or_default());
            for part in parts {
                let part = part.of(&found);
                budget.pay(part.len())?;
                out.push_str(part);
            }
            last = whole.end();
        }
        out.push_str(text.get(last..).unwrap_or_default());
        Ok(out)
    }
}

impl Part {
    fn of<'t>(&'t self, found: &Captures<'t>) -> &'t str {
        match self {
            Self::Text(text) => text,
            Self::Group(group) => found.get(*group).map_or("", |group| group.as_str()),
        }
    }
}

/// `$1` to `$99` are groups, `$&` is all of it, `$$` a dollar; any other dollar stands for itself.
fn parts(text: &str) -> Vec<Part> {
    let (mut parts, mut plain, mut rest) = (Vec::new(), String::new(), text);
    while let Some((before, after)) = rest.split_once('$') {
        plain.push_str(before);
        let digits = after.bytes().take(2).take_while(u8::is_ascii_digit).count();
        let (group, length) = match after.as_bytes().first() {
            Some(b'$') => {
                plain.push('$');
                (None, 1)
            }
            Some(b'&') => (Some(0), 1),
            _ if digits > 0 => (after.get(..digits).and_then(|digits| digits.parse().ok()), digits),
            _ => {
                plain.push('$');
                (None, 0)
            }
        };
        if let Some(group) = group {
            parts.push(Part::Text(std::mem::take(&mut plain)));
            parts.push(Part::Group(group));
        }
        rest = after.get(length..).unwrap_or_default();
    }
    plain.push_str(rest);
    parts.push(Part::Text(plain));
    parts
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, Response};
    use serde_json::{Value, json};

    use super::*;
    use crate::platform::Body;
    use crate::testing::test;

    fn compile(source: Value) -> Result<Extractor, String> {
        let mut problems = Problems::new();
        let source = serde_json::from_value(source).unwrap();
        let extractor = Extractor::compile("a", &source, &mut (64 << 10), &mut problems);
        extractor.ok_or_else(|| problems.iter().map(ToString::to_string).collect())
    }

    fn run(source: Value, text: &str) -> String {
        let mut response = Response::new(Body::Empty);
        let mut headers = HeaderMap::new();
        headers.insert("x-a", HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("")));
        *response.headers_mut() = headers;
        compile(source).unwrap().run(&Head::of_response(&response), text.as_bytes(), &Budget::for_body(0)).unwrap()
    }

    #[test]
    fn takes_and_replaces() {
        for (source, text, expected) in [
            (json!({"header": "X-A", "regex": ".*"}), "abc", "abc"),
            (json!({"header": "x-a", "regex": "b"}), "abc", ""),
            (json!({"header": "x-b", "regex": ".*"}), "abc", ""),
            (json!({"header": ":status", "regex": ".*"}), "", "200"),
            (json!({"header": "x-a", "regex": "(a|ab)(c|bcd)", "subgroup": 2}), "abcd", "bcd"),
            (json!({"header": "x-a", "regex": "(x)?abc", "subgroup": 1}), "abc", ""),
            (json!({"body": {}, "regex": ".*"}), "a\nb", ""),
            (json!({"body": {}, "regex": "[\\s\\S]*"}), "a\nb", "a\nb"),
            (json!({"body": {}, "regex": "a(.*)c", "subgroup": 1, "mode": "SINGLE_REPLACE", "replacementText": "$1"}), "abc", "a$1c"),
            (json!({"body": {}, "regex": "a", "mode": "SINGLE_REPLACE", "replacementText": "x"}), "aa", "aa"),
            (json!({"body": {}, "regex": "a(.)", "mode": "REPLACE_ALL", "replacementText": "<$1$&$$$9$x>"}), "abac-", "<bab$$x><cac$$x>-"),
            (json!({"body": {}, "regex": "x*", "mode": "REPLACE_ALL", "replacementText": "-"}), "axxb", "a-b"),
        ] {
            assert_eq!(run(source.clone(), text), expected, "{source} {text}");
        }
    }

    #[test]
    fn what_is_refused() {
        for (source, expected) in [
            (json!({"regex": "a"}), "exactly one of `header`, `body`"),
            (json!({"header": "a", "regex": "("}), "this is not a pattern"),
            (json!({"header": "a", "regex": "(?=a)"}), "look-around"),
            (json!({"header": "a", "regex": "(a)\\1"}), "back-references"),
            (json!({"header": "a", "regex": "(a{1000}){1000}"}), "bounds the size"),
            (json!({"header": "a", "regex": "(a)", "subgroup": 2}), "the pattern has 1 groups, and this is group 2"),
            (json!({"header": "a", "regex": "(a)", "subgroup": 1, "mode": "REPLACE_ALL", "replacementText": ""}), "`subgroup` is 0"),
            (json!({"header": "a", "regex": "a", "mode": "SINGLE_REPLACE"}), "needs a `replacementText`"),
            (json!({"header": "a", "regex": "a", "replacementText": "b"}), "`EXTRACT` replaces nothing"),
        ] {
            let error = compile(source.clone()).map(|_| ()).err();
            // One of them is reported, and compiled all the same.
            let error = error.unwrap_or_else(|| {
                let mut problems = Problems::new();
                Extractor::compile("a", &serde_json::from_value(source.clone()).unwrap(), &mut 4096, &mut problems);
                problems.iter().map(ToString::to_string).collect()
            });
            assert!(error.contains(expected), "{source}: {error}");
        }
    }
}
