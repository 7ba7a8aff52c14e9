use cel::common::ast::{Expr, IdedExpr, LiteralValue, operators};

use super::parse::children;
use crate::json::Projection;

/// What an expression may read of a request. From it follows whether the body is buffered and parsed at all. In every doubt it
/// says more: a dynamic key, or `ctx` as a value, reads everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reads {
    /// `ctx.request.http.body`.
    pub body: bool,
    /// What is read of `ctx.request.http.bodyMap`.
    pub body_map: Projection,
    /// `ctx.request.http.size`.
    pub size: bool,
    /// Who calls: `ctx.user`, `ctx.groups` or `ctx.session`.
    pub caller: bool,
}

impl Reads {
    /// Whether the body must be there before evaluation.
    pub fn needs_body(&self) -> bool {
        self.body || !self.body_map.is_empty()
    }

    /// Reads what the other one reads as well.
    pub fn merge(&mut self, other: &Self) {
        self.body |= other.body;
        self.body_map.merge(&other.body_map);
        self.size |= other.size;
        self.caller |= other.caller;
    }

    /// No variable of a macro can be called `ctx`, so that name is always the request.
    pub(super) fn of(tree: &IdedExpr) -> Self {
        let mut reads = Self::default();
        reads.add(tree);
        reads
    }

    fn add(&mut self, tree: &IdedExpr) {
        if let Some(path) = path(tree) {
            self.add_path(&path);
            return;
        }
        for child in children(tree) {
            self.add(child);
        }
    }

    /// A path from `ctx` that is read as a value.
    fn add_path(&mut self, path: &[&str]) {
        match path {
            [] | ["request"] | ["request", "http" | "grpc"] => {
                self.body = true;
                self.body_map = Projection::whole();
                self.size = true;
            }
            ["user" | "groups" | "session", ..] => self.caller = true,
            ["request", "http", "size", ..] => self.size = true,
            ["request", "http", "body", ..] => self.body = true,
            ["request", "http", "bodyMap", keys @ ..] => self.body_map.add(keys.iter().copied()),
            _ => {}
        }
    }
}

/// The keys from `ctx` down to what a node reads; `None` when the node is not a chain of literal keys. An index that is not a
/// literal text ends no chain: what it is applied to is then a child that is read as a whole.
/// What a call of gRPC has of HTTP is what the request has.
pub(super) fn path(tree: &IdedExpr) -> Option<Vec<&str>> {
    let mut path = path_from("ctx", tree)?;
    if path.starts_with(&["request", "grpc", "http"]) {
        path.remove(1);
    }
    Some(path)
}

/// As [`path`], from another variable.
pub(super) fn path_from<'t>(variable: &str, tree: &'t IdedExpr) -> Option<Vec<&'t str>> {
    let (of, key) = match &tree.expr {
        Expr::Ident(name) => return (name == variable).then(Vec::new),
        Expr::Select(select) => (&*select.operand, select.field.as_str()),
        Expr::Call(call) if call.func_name == operators::INDEX => match call.args.as_slice() {
            [of, IdedExpr { expr: Expr::Literal(LiteralValue::String(key)), .. }] => (of, key.inner()),
            _ => return None,
        },
        _ => return None,
    };
    let mut path = path_from(variable, of)?;
    path.push(key);
    Some(path)
}
