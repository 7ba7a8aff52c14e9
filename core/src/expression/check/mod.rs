//! From the parsed tree to a checked one: every name is resolved, every macro is built in, and what could only fail at run time
//! is refused here with its column.

mod call;
mod path;

use std::sync::Arc;

use super::error::ExpressionError;
use super::names::did_you_mean;
use super::node::Node;
use super::syntax::{Syntax, Tree};
use super::value::Type;

/// The variables of every expression.
const VARIABLES: [&str; 2] = ["attrs", "ctx"];

pub(super) fn check(tree: &Tree) -> Result<Node, ExpressionError> {
    Checker::default().node(tree)
}

type Checked = Result<Node, ExpressionError>;

#[derive(Default)]
struct Checker<'t> {
    /// The variables of the macros around this place, outermost first.
    locals: Vec<&'t str>,
    /// How many macros that walk lists are around this place.
    walks: usize,
}

impl<'t> Checker<'t> {
    fn node(&mut self, tree: &'t Tree) -> Checked {
        Ok(match &tree.syntax {
            Syntax::Null => Node::Null,
            Syntax::Bool(b) => Node::Bool(*b),
            Syntax::Int(i) => Node::Int(*i),
            Syntax::Uint(u) => Node::Uint(*u),
            Syntax::Double(d) => Node::Double(*d),
            Syntax::Text(text) => Node::Text(Arc::from(text.as_str())),
            Syntax::Bytes(bytes) => Node::Bytes(Arc::from(bytes.as_slice())),
            Syntax::Name(name) => self.name(tree, name)?,
            Syntax::Select(of, field) => match type_named(tree) {
                Some(t) => Node::Type(t),
                None => self.select(tree, of, field)?,
            },
            Syntax::Index(pair) => {
                let (of, key) = (self.node(&pair.0)?, self.node(&pair.1)?);
                if let Node::Text(key) = &key {
                    path::check_key(tree.at, &of, key)?;
                }
                Node::Index(Box::new((of, key)))
            }
            Syntax::Call(target, name, arguments) => self.call(tree, target.as_deref(), name, arguments)?,
            Syntax::List(elements) => Node::List(self.nodes(elements)?),
            Syntax::Map(entries) => {
                let entries = entries.iter().map(|(key, value)| Ok((self.node(key)?, self.node(value)?)));
                Node::Map(entries.collect::<Result<_, ExpressionError>>()?)
            }
            Syntax::Not(of) => Node::Not(Box::new(self.node(of)?)),
            Syntax::Negate(of) => Node::Negate(Box::new(self.node(of)?)),
            Syntax::And(terms) => Node::And(self.nodes(terms)?),
            Syntax::Or(terms) => Node::Or(self.nodes(terms)?),
            Syntax::Choose(three) => Node::Choose(Box::new((self.node(&three.0)?, self.node(&three.1)?, self.node(&three.2)?))),
            Syntax::Binary(operator, pair) => Node::Binary(*operator, Box::new((self.node(&pair.0)?, self.node(&pair.1)?))),
        })
    }

    fn nodes(&mut self, trees: &'t [Tree]) -> Result<Vec<Node>, ExpressionError> {
        trees.iter().map(|tree| self.node(tree)).collect()
    }

    fn name(&self, tree: &Tree, name: &str) -> Checked {
        if let Some(index) = self.locals.iter().rposition(|local| *local == name) {
            return Ok(Node::Local(index));
        }
        match name {
            "ctx" => Ok(Node::Context),
            "attrs" => Ok(Node::Attributes),
            _ => type_named(tree).map(Node::Type).ok_or_else(|| {
                let known = VARIABLES.into_iter().chain(self.locals.iter().copied());
                let help = did_you_mean(name, known).unwrap_or_else(|| "an expression sees `ctx` and, in a policy, `attrs`".to_owned());
                ExpressionError::new(tree.at, format!("unknown variable `{name}`")).with_help(help)
            }),
        }
    }

    fn select(&mut self, tree: &Tree, of: &'t Tree, field: &str) -> Checked {
        let of = self.node(of)?;
        path::check_key(tree.at, &of, field)?;
        Ok(Node::Select(Box::new(of), field.into()))
    }
}

/// The type that a name such as `int` or `google.protobuf.Timestamp` stands for.
fn type_named(tree: &Tree) -> Option<Type> {
    let name = dotted(tree)?;
    Type::ALL.into_iter().find(|t| t.name() == name)
}

/// The text of a dotted name.
fn dotted(tree: &Tree) -> Option<String> {
    match &tree.syntax {
        Syntax::Name(name) => Some(name.clone()),
        Syntax::Select(of, field) => Some(format!("{}.{field}", dotted(of)?)),
        _ => None,
    }
}
