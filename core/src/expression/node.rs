use std::sync::Arc;

use regex_lite::Regex;

use super::functions::Function;
use super::syntax::BinaryOperator;
use super::value::Type;

/// A checked expression: every name is resolved, so nothing is looked up by name at run time but fields.
#[derive(Debug)]
pub(super) enum Node {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    Text(Arc<str>),
    Bytes(Arc<[u8]>),
    Type(Type),
    /// The variable `ctx`.
    Context,
    /// The variable `attrs`.
    Attributes,
    /// A variable of a macro, by its place on the stack.
    Local(usize),
    Select(Box<Node>, Box<str>),
    Has(Box<Node>, Box<str>),
    Index(Box<(Node, Node)>),
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
    Not(Box<Node>),
    Negate(Box<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
    Choose(Box<(Node, Node, Node)>),
    Binary(BinaryOperator, Box<(Node, Node)>),
    Call(&'static Function, Vec<Node>),
    /// `matches` with a literal pattern.
    Matches(Box<Node>, Regex),
    /// `cel.bind`: the value of the new local, and the expression that sees it.
    Bind(Box<(Node, Node)>),
    Fold(Box<Fold>),
}

/// A macro that walks a list, or the keys of a map. The element is the newest local in `test` and `transform`.
#[derive(Debug)]
pub(super) struct Fold {
    pub kind: FoldKind,
    pub range: Node,
    /// The predicate; absent in `map` with two arguments.
    pub test: Option<Node>,
    /// What `map` makes of the element.
    pub transform: Option<Node>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FoldKind {
    All,
    Exists,
    ExistsOne,
    /// `map` and `filter`.
    Collect,
}

impl Node {
    /// Visits the node's children.
    pub fn children(&self) -> Vec<&Node> {
        match self {
            Self::Null
            | Self::Bool(_)
            | Self::Int(_)
            | Self::Uint(_)
            | Self::Double(_)
            | Self::Text(_)
            | Self::Bytes(_)
            | Self::Type(_)
            | Self::Context
            | Self::Attributes
            | Self::Local(_) => Vec::new(),
            Self::Select(of, _) | Self::Has(of, _) | Self::Not(of) | Self::Negate(of) | Self::Matches(of, _) => vec![of],
            Self::Index(pair) | Self::Binary(_, pair) | Self::Bind(pair) => vec![&pair.0, &pair.1],
            Self::Choose(three) => vec![&three.0, &three.1, &three.2],
            Self::List(nodes) | Self::And(nodes) | Self::Or(nodes) | Self::Call(_, nodes) => nodes.iter().collect(),
            Self::Map(entries) => entries.iter().flat_map(|(key, value)| [key, value]).collect(),
            Self::Fold(fold) => std::iter::once(&fold.range).chain(&fold.test).chain(&fold.transform).collect(),
        }
    }
}
