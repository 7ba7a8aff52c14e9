//! References that can be told without evaluating anything: `input.ctx.user["spec"].email`.

use regorus::Value;
use regorus::unstable::{Expr, Span};

/// A name, and the literal keys that follow it.
#[derive(Clone)]
pub(super) struct Path<'m> {
    pub root: &'m Span,
    pub keys: Vec<(&'m str, &'m Span)>,
}

impl<'m> Path<'m> {
    /// `None` where a key is not a literal text, or something else than a name is at the root.
    pub fn of(tree: &'m Expr) -> Option<Self> {
        match tree {
            Expr::Var { span, .. } => Some(Self { root: span, keys: Vec::new() }),
            Expr::RefDot { refr, field: (span, _), .. } => Self::of(refr)?.with(span.text(), span),
            Expr::RefBrack { refr, index, .. } => Self::of(refr)?.with(literal(index)?, index.span()),
            _ => None,
        }
    }

    /// Root and keys with dots in between, as functions are named.
    pub fn dotted(&self) -> String {
        std::iter::once(self.root.text()).chain(self.keys()).collect::<Vec<_>>().join(".")
    }

    pub fn keys(&self) -> impl Iterator<Item = &'m str> {
        self.keys.iter().map(|(key, _)| *key)
    }

    fn with(mut self, key: &'m str, span: &'m Span) -> Option<Self> {
        self.keys.push((key, span));
        Some(self)
    }
}

/// The text of a literal.
pub(super) fn literal(tree: &Expr) -> Option<&str> {
    match tree {
        Expr::String { value: Value::String(text), .. } | Expr::RawString { value: Value::String(text), .. } => Some(text),
        _ => None,
    }
}
