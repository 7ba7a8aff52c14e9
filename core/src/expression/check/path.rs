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
        let object = match path.as_slice() {
            [] => Object::Root,
            ["request"] => Object::Request,
            ["request", "http"] => Object::Http,
            ["request", "grpc"] => Object::Grpc,
            ["request", "http", "headers"] => return self.check_header(key, at),
            _ => return Ok(()),
        };
        let known = || object.keys().iter().chain(object.unfilled_keys()).copied();
        if known().any(|name| name == key) {
            return Ok(());
        }
        let help = did_you_mean(key, known()).unwrap_or_else(|| format!("there are: {}", object.keys().join(", ")));
        let name = ["ctx"].into_iter().chain(path).collect::<Vec<_>>().join(".");
        Err(self.error(at, format!("`{name}` has no `{key}`")).with_help(help))
    }

    pub(super) fn check_header(&self, key: &str, at: Sought<'_>) -> Checked {
        if !key.bytes().any(|b| b.is_ascii_uppercase()) {
            return Ok(());
        }
        let help = format!("header names are in lower case: `{}`", key.to_ascii_lowercase());
        Err(self.error(at, format!("no header is called `{key}` here")).with_help(help))
    }
}
