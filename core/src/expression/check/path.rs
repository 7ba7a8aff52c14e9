use cel::common::ast::IdedExpr;

use super::{Checked, Checker};
use crate::context::Object;
use crate::expression::names::did_you_mean;
use crate::expression::reads::path;
use crate::expression::tokens::Sought;

impl Checker<'_> {
    /// Refuses a key that `ctx`, `ctx.request`, its `http` or its `grpc` can never have: reading it would be false for ever, and a
    /// rule that denies would silently allow.
    pub(super) fn check_key(&self, of: &IdedExpr, key: &str, at: Sought<'_>) -> Checked {
        let Some(path) = path(of) else { return Ok(()) };
        missing_key(&path, key).map_or(Ok(()), |(message, help)| Err(self.error(at, message).with_help(help)))
    }

    pub(super) fn check_header(&self, key: &str, at: Sought<'_>) -> Checked {
        wrong_header(key).map_or(Ok(()), |(message, help)| Err(self.error(at, message).with_help(help)))
    }
}

/// What is wrong with a key behind these keys of `ctx`, and what to write instead; `None` where a request may have it.
pub(crate) fn missing_key(path: &[&str], key: &str) -> Option<(String, String)> {
    let object = match path {
        [] => Object::Root,
        ["request"] => Object::Request,
        ["request", "http"] => Object::Http,
        ["request", "grpc"] => Object::Grpc,
        ["request", "http", "headers"] => return wrong_header(key),
        _ => return None,
    };
    let known = || object.keys().iter().chain(object.unfilled_keys()).copied();
    if known().any(|name| name == key) {
        return None;
    }
    let help = did_you_mean(key, known()).unwrap_or_else(|| format!("there are: {}", object.keys().join(", ")));
    let name = ["ctx"].into_iter().chain(path.iter().copied()).collect::<Vec<_>>().join(".");
    Some((format!("`{name}` has no `{key}`"), help))
}

fn wrong_header(key: &str) -> Option<(String, String)> {
    let help = || format!("header names are in lower case: `{}`", key.to_ascii_lowercase());
    key.bytes().any(|b| b.is_ascii_uppercase()).then(|| (format!("no header is called `{key}` here"), help()))
}
