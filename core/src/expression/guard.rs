//! What an expression compares with texts, so that one value says of many expressions that they are false.

use std::borrow::Cow;
use std::slice;

use cel::common::ast::{CallExpr, Expr, IdedExpr, operators};

use super::Expression;
use super::functions::CONTAINS;
use super::literals::text;
use super::reads::path_from;
use super::value::{Element, Source};
use crate::context::{Context, Object};

/// A comparison without which the expression is false: where the value at the path is a text and none of these, evaluating gives
/// false, whatever else the expression has, as long as the budget lasts.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Guard {
    pub path: Path,
    pub texts: Vec<String>,
    /// Where the path leads to nothing, the expression is false or misses a key as well, and cannot fail.
    pub or_missing: bool,
}

/// Keys from `ctx` down to a value; at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Path(Vec<String>);

/// What is at a path.
pub(crate) enum Found<'c> {
    Text(Cow<'c, str>),
    Missing,
    /// What is no text, or a path through what has no keys.
    Other,
}

impl Expression {
    /// The comparisons without which it is false.
    pub(crate) fn guards(&self) -> Vec<Guard> {
        guards(&self.tree)
    }
}

impl Guard {
    /// Of two that stand for each other: where the value is none of the texts of both.
    pub fn either(left: Vec<Self>, right: &[Self]) -> Vec<Self> {
        let both = left.into_iter().filter_map(|mut guard| {
            let other = right.iter().find(|other| other.path == guard.path)?;
            guard.texts.extend(other.texts.iter().cloned());
            guard.or_missing &= other.or_missing;
            Some(guard)
        });
        both.collect()
    }
}

impl Path {
    /// Finds what an expression would find. It takes nothing from the budget: whoever asks saves the same read many times.
    pub fn find<'c>(&self, context: &'c Context<'c>) -> Found<'c> {
        let mut map = Source::Context(context, Object::Root);
        let mut keys = self.0.iter();
        while let Some(key) = keys.next() {
            match map.get(key) {
                None => return Found::Missing,
                Some(Element::Map(inner)) => map = inner.into_source(),
                Some(Element::Text(text)) if keys.as_slice().is_empty() => {
                    return Found::Text(text.as_borrowed().map_or_else(|| Cow::Owned(text.inner().to_owned()), Cow::Borrowed));
                }
                Some(_) => return Found::Other,
            }
        }
        Found::Other
    }
}

fn guards(tree: &IdedExpr) -> Vec<Guard> {
    let Expr::Call(CallExpr { func_name, args, .. }) = &tree.expr else { return Vec::new() };
    let [left, right] = args.as_slice() else { return Vec::new() };
    match (func_name.as_str(), &right.expr) {
        // False wins on either side, also over a failure on the other. But where this one misses a key, the other may fail.
        (operators::LOGICAL_AND, _) => {
            let mut all = guards(left);
            all.append(&mut guards(right));
            all.iter_mut().for_each(|guard| guard.or_missing = false);
            all
        }
        (operators::LOGICAL_OR, _) => Guard::either(guards(left), &guards(right)),
        (operators::EQUALS, Expr::Literal(_)) => comparison(left, slice::from_ref(right)),
        (operators::EQUALS, _) => comparison(right, slice::from_ref(left)),
        (CONTAINS, Expr::List(list)) => comparison(left, &list.elements),
        _ => Vec::new(),
    }
}

fn comparison(of: &IdedExpr, with: &[IdedExpr]) -> Vec<Guard> {
    let texts: Option<Vec<String>> = with.iter().map(|node| text(node).map(str::to_owned)).collect();
    let (Some(texts), Some(keys)) = (texts, path_from("ctx", of)) else { return Vec::new() };
    if texts.is_empty() || keys.is_empty() || asks_for_presence(of) {
        return Vec::new();
    }
    vec![Guard { path: Path(keys.into_iter().map(str::to_owned).collect()), texts, or_missing: true }]
}

/// Whether there is a `has` in the chain, which makes a boolean of it.
fn asks_for_presence(chain: &IdedExpr) -> bool {
    match &chain.expr {
        Expr::Select(select) => select.test || asks_for_presence(&select.operand),
        Expr::Call(call) => call.args.first().is_some_and(asks_for_presence),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    /// Written short: the keys, the texts, and a question mark where a missing key is false too.
    fn written(source: &str) -> Vec<String> {
        let written =
            |guard: &Guard| format!("{}={}{}", guard.path.0.join("."), guard.texts.join("|"), if guard.or_missing { "?" } else { "" });
        Expression::compile(source).unwrap().guards().iter().map(written).collect()
    }

    #[test]
    fn comparisons_that_must_hold() {
        let table: [(&str, &[&str]); 18] = [
            ("ctx.region == 'a'", &["region=a?"]),
            ("'a' == ctx.region", &["region=a?"]),
            ("ctx.request.http.headers['x-a'] == 'a'", &["request.http.headers.x-a=a?"]),
            ("ctx.region in ['a', 'b']", &["region=a|b?"]),
            ("ctx.region in []", &[]),
            ("ctx.region in ['a', ctx.request.ip]", &[]),
            ("'a' in ctx.user.spec.groups", &[]),
            ("ctx.region == ctx.request.ip", &[]),
            ("ctx.region == 1", &[]),
            ("ctx.region != 'a'", &[]),
            ("!(ctx.region == 'a')", &[]),
            ("attrs.region == 'a'", &[]),
            ("has(ctx.user.name) == 'a'", &[]),
            ("ctx.region == 'a' && ctx.request.ip == 'b' && true", &["region=a", "request.ip=b"]),
            ("ctx.region == 'a' || ctx.region == 'b'", &["region=a|b?"]),
            ("ctx.region == 'a' || ctx.region == 'b' && true", &["region=a|b"]),
            ("ctx.region == 'a' || ctx.request.ip == 'b'", &[]),
            ("ctx.region == 'a' ? true : false", &[]),
        ];
        for (source, expected) in table {
            assert_eq!(written(source), expected, "{source}");
        }
    }
}
