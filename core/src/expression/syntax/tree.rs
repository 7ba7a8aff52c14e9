/// A node of the parsed text.
#[derive(Debug)]
pub(in crate::expression) struct Tree {
    /// Where it stands in the source, in bytes.
    pub at: usize,
    /// Of the tree below, this node included.
    pub height: usize,
    pub syntax: Syntax,
}

#[derive(Debug)]
pub(in crate::expression) enum Syntax {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    Text(String),
    Bytes(Vec<u8>),
    Name(String),
    Select(Box<Tree>, String),
    Index(Box<(Tree, Tree)>),
    /// A call, of a member when there is a target. Macros are calls here.
    Call(Option<Box<Tree>>, String, Vec<Tree>),
    List(Vec<Tree>),
    Map(Vec<(Tree, Tree)>),
    Not(Box<Tree>),
    Negate(Box<Tree>),
    /// Two or more, so that a long chain is not a tall tree.
    And(Vec<Tree>),
    Or(Vec<Tree>),
    Choose(Box<(Tree, Tree, Tree)>),
    Binary(BinaryOperator, Box<(Tree, Tree)>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::expression) enum BinaryOperator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

impl BinaryOperator {
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::In => "in",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Modulo => "%",
        }
    }
}
