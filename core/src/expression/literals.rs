//! What is written out in an expression.

use cel::common::ast::{EntryExpr, Expr, IdedExpr, LiteralValue, operators};

use super::Expression;
use super::parse::children;

impl Expression {
    /// The texts that are written in the expression.
    pub fn literals(&self) -> Vec<&str> {
        let mut found = Vec::new();
        add(&self.tree, &mut found);
        found
    }

    /// Which of these keys have a value in a map of the expression that is computed, and not chosen among literals.
    pub fn computes<'k>(&self, keys: &[&'k str]) -> Vec<&'k str> {
        keys.iter().copied().filter(|key| computes(&self.tree, key)).collect()
    }
}

fn add<'t>(tree: &'t IdedExpr, found: &mut Vec<&'t str>) {
    found.extend(text(tree));
    children(tree).into_iter().for_each(|child| add(child, found));
}

fn computes(tree: &IdedExpr, key: &str) -> bool {
    let is_entry = |entry: &EntryExpr| match entry {
        EntryExpr::MapEntry(entry) => text(&entry.key) == Some(key) && !is_literal(&entry.value),
        EntryExpr::StructField(_) => false,
    };
    let here = matches!(&tree.expr, Expr::Map(map) if map.entries.iter().any(|entry| is_entry(&entry.expr)));
    here || children(tree).into_iter().any(|child| computes(child, key))
}

fn is_literal(value: &IdedExpr) -> bool {
    match &value.expr {
        Expr::Literal(_) => true,
        Expr::Call(call) if call.func_name == operators::CONDITIONAL => call.args.iter().skip(1).all(is_literal),
        _ => false,
    }
}

/// The text that a node is.
pub(super) fn text(tree: &IdedExpr) -> Option<&str> {
    match &tree.expr {
        Expr::Literal(LiteralValue::String(text)) => Some(text.inner()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    #[test]
    fn what_is_written_and_what_is_computed() {
        let source = r#"{"url": ctx.region == "eu" ? "https://a" : "https://b", "x": [{"fromSecret": "k-" + ctx.region}]}"#;
        let expression = Expression::compile(source).unwrap();
        assert!(["https://a", "https://b", "k-", "eu"].iter().all(|text| expression.literals().contains(text)));
        assert_eq!(expression.computes(&["url", "fromSecret"]), ["fromSecret"]);
    }
}
