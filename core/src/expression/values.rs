//! What an expression reads, for showing it to people.

use cel::common::ast::IdedExpr;

use super::parse::{children, parse};
use super::reads::path_from;

/// The chains of literal keys from `ctx` and `attrs`, each once, in the order in which they are written.
pub(super) fn chains(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    if let Ok(tree) = parse(source) {
        add(&tree, &mut found);
    }
    found
}

fn add(tree: &IdedExpr, found: &mut Vec<String>) {
    let chain = ["ctx", "attrs"].into_iter().find_map(|variable| Some(written(variable, &path_from(variable, tree)?)));
    match chain {
        // The whole of `ctx` is no value to show.
        Some(chain) if chain.contains(['.', '[']) && !found.contains(&chain) => found.push(chain),
        Some(_) => {}
        None => children(tree).into_iter().for_each(|child| add(child, found)),
    }
}

fn written(variable: &str, keys: &[&str]) -> String {
    let mut text = variable.to_owned();
    for key in keys {
        let is_name =
            !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && !key.starts_with(|c: char| c.is_ascii_digit());
        if is_name {
            text.push('.');
            text.push_str(key);
        } else {
            text.push_str(&format!("[{}]", serde_json::Value::from(*key)));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    #[test]
    fn chains_are_shown_as_they_can_be_written() {
        for (source, expected) in [
            ("ctx.user.metadata.name == \"a\" || ctx.user.metadata.name == attrs.b", &["ctx.user.metadata.name", "attrs.b"][..]),
            ("ctx.request.http.headers[\"x-y\"] in [\"a\"]", &["ctx.request.http.headers[\"x-y\"]"]),
            ("ctx.groups.exists(g, g.metadata.name == ctx.user.spec.email)", &["ctx.groups", "ctx.user.spec.email"]),
            ("has(ctx.request.http.bodyMap.model)", &["ctx.request.http.bodyMap.model"]),
            ("true", &[]),
        ] {
            assert_eq!(chains(source), expected, "{source}");
        }
    }
}
