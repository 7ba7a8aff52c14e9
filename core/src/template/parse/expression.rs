use serde_json::Value;

use super::{MAX_OPERATIONS, Parser, Token};
use crate::template::CompileError;
use crate::template::functions::Function;
use crate::template::node::{Expression, Name, Operator};

/// An expression, and how deep it is.
type Deep = (Expression, usize);

/// That of `not`: it holds for what stands right of it, powers included.
const AFTER_NOT: u8 = 5;

impl Parser<'_> {
    pub(super) fn expression(&mut self) -> Result<Expression, CompileError> {
        Ok(self.binary(0)?.0)
    }

    /// Operands with operators between them that bind at least so tightly.
    fn binary(&mut self, least: u8) -> Result<Deep, CompileError> {
        let mut left = self.operand()?;
        while let Some(operator) = self.operator().filter(|operator| operator.precedence() >= least) {
            self.at += 1;
            let right_binds = if operator == Operator::Power { operator.precedence() } else { operator.precedence() + 1 };
            let right = self.nested_expression(|parser| parser.binary(right_binds))?;
            let depth = left.1.max(right.1) + 1;
            left = self.bounded(Expression::Binary(operator, Box::new(left.0), Box::new(right.0)), depth)?;
        }
        Ok(left)
    }

    fn operator(&self) -> Option<Operator> {
        let word = match self.peek()? {
            Token::Word(word) => word.as_str(),
            Token::Symbol(symbol) => symbol,
            _ => return None,
        };
        const ALL: [Operator; 15] = [
            Operator::And,
            Operator::Or,
            Operator::In,
            Operator::Equal,
            Operator::NotEqual,
            Operator::Less,
            Operator::LessOrEqual,
            Operator::Greater,
            Operator::GreaterOrEqual,
            Operator::Add,
            Operator::Subtract,
            Operator::Multiply,
            Operator::Divide,
            Operator::Remainder,
            Operator::Power,
        ];
        ALL.into_iter().find(|operator| operator.as_str() == word)
    }

    fn operand(&mut self) -> Result<Deep, CompileError> {
        let mut operand = match self.peek().cloned() {
            Some(Token::Value(value)) => {
                self.at += 1;
                (Expression::Literal(value), 1)
            }
            Some(Token::Symbol("(")) => {
                self.at += 1;
                let inner = self.nested_expression(|parser| parser.binary(0))?;
                self.closing_parenthesis()?;
                inner
            }
            Some(Token::Word(word)) => {
                self.at += 1;
                self.after_word(word)?
            }
            Some(Token::Symbol("-")) => return self.error("a minus stands before a number, or between two values"),
            Some(Token::Close) | None => return self.error("a value is needed here"),
            Some(token) => return self.error(format!("a value is needed here, not {token}")),
        };
        while self.takes_symbol(".") {
            let Some(Token::Word(word)) = self.peek().cloned() else { return self.error("a name is needed after the dot") };
            self.at += 1;
            let name = self.name(word)?;
            operand = self.bounded(Expression::Member(Box::new(operand.0), name), operand.1 + 1)?;
        }
        Ok(operand)
    }

    fn after_word(&mut self, word: String) -> Result<Deep, CompileError> {
        let literal = |value: Value| Ok((Expression::Literal(value), 1));
        match word.as_str() {
            "true" => literal(Value::Bool(true)),
            "false" => literal(Value::Bool(false)),
            "null" => literal(Value::Null),
            "not" => {
                let inner = self.nested_expression(|parser| parser.binary(AFTER_NOT))?;
                self.bounded(Expression::Not(Box::new(inner.0)), inner.1 + 1)
            }
            "and" | "or" | "in" => self.error_before(format!("a value is needed before `{word}`")),
            _ if self.takes_symbol("(") => self.call(&word),
            _ => {
                let name = self.name(word)?;
                self.note(&name);
                Ok((Expression::Variable(name), 1))
            }
        }
    }

    fn call(&mut self, word: &str) -> Result<Deep, CompileError> {
        let at = self.at.saturating_sub(2);
        let (mut arguments, mut depth) = (Vec::new(), 0);
        if !self.is_symbol(")") {
            loop {
                let argument = self.nested_expression(|parser| parser.binary(0))?;
                depth = depth.max(argument.1);
                arguments.push(argument.0);
                if !self.takes_symbol(",") {
                    break;
                }
            }
        }
        self.closing_parenthesis()?;
        let function = match Function::find(word, arguments.len()) {
            Ok(function) => function,
            Err(message) => {
                let place = self.tokens.get(at).map_or(0, |(place, _)| *place);
                return Err(CompileError::new(self.source, place, message));
            }
        };
        self.note_call(function, &arguments);
        self.bounded(Expression::Call(function, arguments), depth + 1)
    }

    fn closing_parenthesis(&mut self) -> Result<(), CompileError> {
        if self.takes_symbol(")") { Ok(()) } else { self.error("`)` is needed here") }
    }

    /// Splits a name into its parts.
    pub(super) fn name(&self, text: String) -> Result<Name, CompileError> {
        let mut parts = self.parts(&text).into_iter();
        let (first, rest) = (parts.next().unwrap_or_default(), parts.collect::<Vec<_>>());
        if first.is_empty() || rest.iter().any(String::is_empty) {
            return self.error_before(format!("`{text}` has an empty part"));
        }
        Ok(Name { text, first, rest })
    }

    fn parts(&self, text: &str) -> Vec<String> {
        let is_separator = |character: char| character == '/' || character == '.' && self.options.dots;
        text.split(is_separator).map(str::to_owned).collect()
    }

    /// Notes that a variable is read, unless the template makes it.
    fn note(&mut self, name: &Name) {
        if self.loops.contains(&name.first) || self.set.contains(&name.first) {
            return;
        }
        // These are functions too, which may be named without parentheses.
        self.reads.body |= name.text == "body";
        self.reads.context |= name.text == "context";
        self.reads.names.insert([&name.first].into_iter().chain(&name.rest).cloned().collect());
    }

    fn note_call(&mut self, function: Function, arguments: &[Expression]) {
        match (function, arguments) {
            (Function::Body, _) => self.reads.body = true,
            (Function::Context, _) => self.reads.context = true,
            (Function::RequestHeader, _) => self.reads.request_headers = true,
            (Function::Exists, [Expression::Literal(Value::String(path))]) => {
                self.reads.names.insert(path.split(['.', '/']).map(str::to_owned).collect());
            }
            (Function::Exists, _) => self.reads.context = true,
            _ => {}
        }
    }

    fn nested_expression(&mut self, inner: impl FnOnce(&mut Self) -> Result<Deep, CompileError>) -> Result<Deep, CompileError> {
        self.nesting += 1;
        let result = if self.nesting > MAX_OPERATIONS { self.too_deep() } else { inner(self) };
        self.nesting -= 1;
        result
    }

    fn bounded(&self, expression: Expression, depth: usize) -> Result<Deep, CompileError> {
        if depth > MAX_OPERATIONS { self.too_deep() } else { Ok((expression, depth)) }
    }

    fn too_deep(&self) -> Result<Deep, CompileError> {
        self.error(format!("operations are nested more than {MAX_OPERATIONS} deep"))
    }
}
