use crate::context::Object;
use crate::expression::error::ExpressionError;
use crate::expression::names::did_you_mean;
use crate::expression::node::Node;

/// Refuses a key that `ctx`, `ctx.request` or `ctx.request.http` can never have: reading it would be false for ever, and a rule
/// that denies would silently allow.
pub(super) fn check_key(at: usize, of: &Node, key: &str) -> Result<(), ExpressionError> {
    if let Some(object) = object(of) {
        let known = || object.keys().iter().chain(object.unfilled_keys()).copied();
        if !known().any(|name| name == key) {
            let help = did_you_mean(key, known()).unwrap_or_else(|| format!("there are: {}", object.keys().join(", ")));
            return Err(ExpressionError::new(at, format!("`{}` has no `{key}`", name(object))).with_help(help));
        }
    }
    if is_headers(of) && key.bytes().any(|b| b.is_ascii_uppercase()) {
        return Err(ExpressionError::new(at, format!("no header is called `{key}` here"))
            .with_help(format!("header names are in lower case: `{}`", key.to_ascii_lowercase())));
    }
    Ok(())
}

fn object(node: &Node) -> Option<Object> {
    match node {
        Node::Context => Some(Object::Root),
        Node::Select(of, field) => match (object(of)?, &**field) {
            (Object::Root, "request") => Some(Object::Request),
            (Object::Request, "http") => Some(Object::Http),
            _ => None,
        },
        _ => None,
    }
}

fn is_headers(node: &Node) -> bool {
    matches!(node, Node::Select(of, field) if &**field == "headers" && object(of) == Some(Object::Http))
}

fn name(object: Object) -> &'static str {
    match object {
        Object::Root => "ctx",
        Object::Request => "ctx.request",
        Object::Http => "ctx.request.http",
    }
}
