//! A template as a tree.

use serde_json::Value;

use super::functions::Function;

/// A part of a template, in the order in which they are rendered.
#[derive(Debug)]
pub enum Node {
    Text(String),
    Print { expression: Expression, escaping: Escaping, at: usize },
    If { branches: Vec<(Expression, Vec<Node>)>, otherwise: Vec<Node>, at: usize },
    For { key: Option<String>, item: String, over: Expression, body: Vec<Node>, at: usize },
    Set { name: Name, value: Expression },
}

/// What is done to a printed value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Escaping {
    Raw,
    /// Strings are escaped as JSON has it (RFC 8259 §7), and nothing else.
    Strings,
    /// Whatever is printed is.
    Everything,
}

/// What has a value.
#[derive(Debug)]
pub enum Expression {
    Literal(Value),
    Variable(Name),
    Call(Function, Vec<Expression>),
    /// A member of what another expression gives, as in `first(messages).content`.
    Member(Box<Expression>, Name),
    Not(Box<Expression>),
    Binary(Operator, Box<Expression>, Box<Expression>),
}

/// A name, and what it consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// As it is written.
    pub text: String,
    pub first: String,
    pub rest: Vec<String>,
}

/// What stands between two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    And,
    Or,
    In,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Power,
}

impl Operator {
    /// What binds more tightly has the higher number. `and` and `or` bind alike, so the left one is done first.
    pub fn precedence(self) -> u8 {
        match self {
            Self::And | Self::Or => 1,
            Self::In | Self::Equal | Self::NotEqual | Self::Less | Self::LessOrEqual | Self::Greater | Self::GreaterOrEqual => 2,
            Self::Add | Self::Subtract => 3,
            Self::Multiply | Self::Divide | Self::Remainder => 4,
            Self::Power => 5,
        }
    }

    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::And => "and",
            Self::Or => "or",
            Self::In => "in",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
            Self::Power => "^",
        }
    }
}
