//! Versions (semver.org 2.0.0).

use std::cmp::Ordering;

use regorus::Value;

use super::{Function, Outcome, arguments, paid_text};

pub(super) const FUNCTIONS: &[Function] =
    &[Function { name: "semver.compare", arity: 2, run: compare }, Function { name: "semver.is_valid", arity: 1, run: is_valid }];

fn compare(values: &[Value]) -> Outcome {
    let [a, b] = arguments(values)?;
    let (a, b) = (paid_text(a)?, paid_text(b)?);
    let (Some(a), Some(b)) = (Version::parse(a), Version::parse(b)) else { return Err("the text is no version".into()) };
    Ok(Value::from(match a.precedence(&b) {
        Ordering::Less => -1i64,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    }))
}

fn is_valid(values: &[Value]) -> Outcome {
    let [text] = arguments(values)?;
    let Value::String(_) = text else { return Ok(Value::Bool(false)) };
    Ok(Value::Bool(Version::parse(paid_text(text)?).is_some()))
}

struct Version<'t> {
    numbers: [u64; 3],
    before_release: Vec<&'t str>,
}

impl<'t> Version<'t> {
    fn parse(text: &'t str) -> Option<Self> {
        let (text, build) = text.split_once('+').map_or((text, None), |(text, build)| (text, Some(build)));
        let (core, before) = text.split_once('-').map_or((text, None), |(core, before)| (core, Some(before)));
        let numbers: Vec<u64> = core.split('.').map(number).collect::<Option<_>>()?;
        let before_release: Vec<&str> = before.map(|before| before.split('.').collect()).unwrap_or_default();
        let is_sound = before_release.iter().all(|part| is_identifier(part) && (!is_numeric(part) || number(part).is_some()))
            && build.is_none_or(|build| build.split('.').all(is_identifier));
        is_sound.then_some(Self { numbers: numbers.try_into().ok()?, before_release })
    }

    /// §11: a version before a release comes before it, and numbers come before words.
    fn precedence(&self, other: &Self) -> Ordering {
        let numbers = self.numbers.cmp(&other.numbers);
        if numbers.is_ne() {
            return numbers;
        }
        match (self.before_release.is_empty(), other.before_release.is_empty()) {
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            _ => {
                let key = |part: &&'t str| (!is_numeric(part), number(part).unwrap_or(0), (*part).to_owned());
                self.before_release.iter().map(key).cmp(other.before_release.iter().map(key))
            }
        }
    }
}

fn is_identifier(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn is_numeric(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())
}

/// Without leading zeros.
fn number(part: &str) -> Option<u64> {
    if !is_numeric(part) || part.len() > 1 && part.starts_with('0') { None } else { part.parse().ok() }
}
