//! Checks of single values, for what compiles them: limits, alternatives, names, addresses, headers.

pub mod header;
pub mod name;
pub mod url;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::problem::Problems;

/// Bytes of a request's body that anybody can allow rules to read.
const MAX_BODY: u64 = 64 << 20;

/// Runs a check on each item of a list, at its path.
pub fn each<'a, T, R>(problems: &mut Problems, field: &str, items: &'a [T], mut check: impl FnMut(&mut Problems, &'a T) -> R) -> Vec<R> {
    problems.at(field, |p| items.iter().enumerate().map(|(index, item)| p.at_index(index, |p| check(p, item))).collect())
}

/// Reports a list or text that is too long.
pub fn at_most(problems: &mut Problems, field: &str, length: usize, limit: usize, unit: &str) {
    if length > limit {
        problems.at(field, |p| p.error(format!("at most {limit} {unit}, found {length}")));
    }
}

/// Reports unless exactly one of the fields is set.
pub fn exactly_one(problems: &mut Problems, fields: &[(&str, bool)]) {
    let set: Vec<&str> = fields.iter().filter(|(_, set)| *set).map(|(name, _)| *name).collect();
    if set.len() != 1 {
        let names: Vec<String> = fields.iter().map(|(name, _)| format!("`{name}`")).collect();
        let found =
            if set.is_empty() { "none".to_owned() } else { set.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" and ") };
        problems.error(format!("exactly one of {} is needed, found {found}", names.join(", ")));
    }
}

/// Reads base64 (RFC 4648 §4).
pub fn base64(text: &str, problems: &mut Problems) -> Option<Vec<u8>> {
    let decoded = STANDARD.decode(text).ok();
    if decoded.is_none() {
        problems.error("this is not base64 (RFC 4648 §4, with padding)");
    }
    decoded
}

/// Reports a field that is read but has no effect yet, so that nobody relies on it.
pub fn unsupported(problems: &mut Problems, field: &str) {
    problems.at(field, |p| p.error(format!("`{field}` is not supported yet")));
}

/// Reports a `maxRequestSize` that is none.
pub fn max_request_size(problems: &mut Problems, size: Option<u64>) {
    if size.is_some_and(|size| size == 0 || size > MAX_BODY) {
        problems.at("maxRequestSize", |p| p.error(format!("this is 1 to {MAX_BODY} bytes")));
    }
}
