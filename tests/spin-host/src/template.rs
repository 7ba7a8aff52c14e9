use std::collections::BTreeMap;

use anyhow::{Context, Result};

/// Replaces each `{{ name }}` by the variable's value.
///
/// # Errors
/// Unmatched braces, and names that are not among the variables.
pub fn resolve(template: &str, variables: &BTreeMap<String, String>) -> Result<String> {
    let mut resolved = String::new();
    let mut rest = template;
    while let Some((literal, expression)) = rest.split_once("{{") {
        let (name, tail) = expression.split_once("}}").with_context(|| format!("unmatched '{{{{' in {template:?}"))?;
        let name = name.trim();
        let value = variables.get(name).with_context(|| format!("no variable is named {name:?} (in {template:?})"))?;
        resolved.push_str(literal);
        resolved.push_str(value);
        rest = tail;
    }
    resolved.push_str(rest);
    Ok(resolved)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolves() {
        let variables = BTreeMap::from([("a".to_owned(), "1".to_owned()), ("b".to_owned(), String::new())]);
        for (template, expected) in
            [("", Some("")), ("x", Some("x")), ("{{ a }}", Some("1")), ("x{{a}}y{{ b }}z", Some("x1yz")), ("{{ c }}", None), ("{{ a", None)]
        {
            assert_eq!(resolve(template, &variables).ok().as_deref(), expected, "{template:?}");
        }
    }
}
