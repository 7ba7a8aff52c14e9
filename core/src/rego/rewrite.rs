//! Operators become calls, as calls can be made to pay for their work. Only the text around operands changes, and no line begins
//! elsewhere than before, so that a failure is told at its line.

use std::collections::BTreeSet;

use regorus::unstable::{Expr, Module, Ref, Span};

use super::error::ModuleError;
use super::functions::{PREFIX, of_arithmetic, of_comparison, of_membership, of_sets};
use super::outline::Outline;
use super::path::Path;
use super::walk;

/// A module that pays for its operators, and the names of the functions that it calls.
pub(super) struct Rewritten {
    pub text: String,
    pub called: BTreeSet<String>,
}

/// # Errors
/// Where the module uses names that only a rewritten one has, or an operator is not where it should be.
pub(super) fn rewrite(text: &str, module: &Module, outline: &Outline<'_>) -> Result<Rewritten, ModuleError> {
    if text.contains(PREFIX) {
        return Err(ModuleError::new(format!("names with `{PREFIX}` in them are the gateway's own")));
    }
    let mut rewriter = Rewriter { text, edits: Vec::new(), called: BTreeSet::new(), failed: None };
    for rule in &module.policy {
        walk::rule(rule, &mut |tree| {
            rewriter.visit(tree, outline);
            rewriter.failed.is_none()
        });
    }
    match rewriter.failed.take() {
        Some(error) => Err(error),
        None => Ok(rewriter.apply()),
    }
}

struct Rewriter<'t> {
    text: &'t str,
    edits: Vec<Edit>,
    called: BTreeSet<String>,
    failed: Option<ModuleError>,
}

struct Edit {
    /// In bytes.
    at: usize,
    /// How much of the text is replaced.
    length: usize,
    by: &'static str,
    /// An expression's own bracket is put outside of those of its operands, which may begin or end at the same place.
    order: usize,
}

impl Rewriter<'_> {
    fn visit(&mut self, tree: &Expr, outline: &Outline<'_>) {
        match tree {
            Expr::BoolExpr { span, op, lhs, rhs, .. } => self.replace(span, of_comparison(op), lhs, rhs),
            Expr::ArithExpr { span, op, lhs, rhs, .. } => self.replace(span, of_arithmetic(op), lhs, rhs),
            Expr::BinExpr { span, op, lhs, rhs, .. } => self.replace(span, of_sets(op), lhs, rhs),
            Expr::Membership { span, key, value, collection, .. } => self.replace(span, of_membership(key.is_some()), value, collection),
            Expr::Call { fcn, .. } => {
                let name = Path::of(fcn).map(|path| path.dotted()).filter(|name| !outline.functions.contains(name));
                self.called.extend(name);
            }
            _ => {}
        }
    }

    /// `a == b` becomes `name(a , b)`.
    fn replace(&mut self, span: &Span, (name, symbol): (&'static str, &'static str), left: &Ref<Expr>, right: &Ref<Expr>) {
        let (start, end) = (self.start(span), self.end(span));
        let Some(at) = self.operator(symbol, self.end_of(left), self.start(right.span())) else {
            self.failed =
                Some(ModuleError::at(span, format!("the operator `{symbol}` cannot be found: put brackets around what is beside it")));
            return;
        };
        let depth = self.edits.len();
        self.called.insert(name.to_owned());
        self.edits.push(Edit { at: start, length: 0, by: name, order: depth });
        self.edits.push(Edit { at: start, length: 0, by: "(", order: depth });
        self.edits.push(Edit { at, length: symbol.len(), by: if symbol == "in" { " ," } else { "," }, order: depth });
        // Of brackets at one end the inner one closes first.
        self.edits.push(Edit { at: end, length: 0, by: ")", order: usize::MAX - depth });
    }

    /// Where an operator stands between its operands: what else is there are brackets, white space and comments.
    fn operator(&self, symbol: &str, from: usize, to: usize) -> Option<usize> {
        let mut at = from;
        while at < to {
            let rest = self.text.get(at..)?;
            if rest.starts_with(symbol) {
                return Some(at);
            }
            let next = rest.chars().next()?;
            at += match next {
                '#' => rest.find('\n')?,
                '(' | ')' => 1,
                c if c.is_whitespace() => c.len_utf8(),
                _ => return None,
            };
        }
        None
    }

    /// Of texts only what is between the quotes is told, also where they are the first or last part of an expression.
    fn start(&self, span: &Span) -> usize {
        let start = place(span.start);
        start - usize::from(self.text.get(..start).is_some_and(|before| before.ends_with(['"', '`'])))
    }

    fn end(&self, span: &Span) -> usize {
        let end = place(span.end);
        end + usize::from(self.text.get(end..).is_some_and(|after| after.starts_with(['"', '`'])))
    }

    /// The end of an operand. That of the empty set is told wrongly, with the next word in it.
    fn end_of(&self, tree: &Expr) -> usize {
        let span = tree.span();
        match tree {
            Expr::Set { items, .. } if items.is_empty() => place(span.start) + span.text().find(')').map_or(0, |at| at + 1),
            _ => self.end(span),
        }
    }

    fn apply(mut self) -> Rewritten {
        self.edits.sort_by_key(|edit| (edit.at, edit.length, edit.order));
        let (mut text, mut done) = (String::with_capacity(self.text.len() * 2), 0);
        for edit in &self.edits {
            text.push_str(self.text.get(done..edit.at).unwrap_or_default());
            text.push_str(edit.by);
            done = edit.at + edit.length;
        }
        text.push_str(self.text.get(done..).unwrap_or_default());
        Rewritten { text, called: self.called }
    }
}

fn place(offset: u32) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}
