use super::lexer::{Spanned, Token, tokens};
use super::tree::{BinaryOperator, Syntax, Tree};
use crate::expression::error::ExpressionError;
use crate::expression::{MAX_DEPTH, MAX_NODES};

/// Parses a whole expression.
pub(in crate::expression) fn parse(source: &str) -> Result<Tree, ExpressionError> {
    let mut parser = Parser { tokens: tokens(source)?, next: 0, depth: 0, nodes: 0 };
    let tree = parser.expression()?;
    match parser.peek() {
        Token::End => Ok(tree),
        _ => Err(parser.unexpected("an operator or the end")),
    }
}

struct Parser<'s> {
    tokens: Vec<Spanned<'s>>,
    next: usize,
    /// Of the recursion.
    depth: usize,
    nodes: usize,
}

type Parsed = Result<Tree, ExpressionError>;

impl<'s> Parser<'s> {
    fn expression(&mut self) -> Parsed {
        let at = self.at();
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(too_deep(at));
        }
        let mut tree = self.disjunction()?;
        if let Some(at) = self.accept("?") {
            let yes = self.disjunction()?;
            self.expect(":")?;
            let no = self.expression()?;
            let height = tree.height.max(yes.height).max(no.height);
            tree = self.node(at, height, Syntax::Choose(Box::new((tree, yes, no))))?;
        }
        self.depth -= 1;
        Ok(tree)
    }

    fn disjunction(&mut self) -> Parsed {
        let at = self.at();
        let mut terms = vec![self.conjunction()?];
        while self.accept("||").is_some() {
            terms.push(self.conjunction()?);
        }
        self.chain(at, terms, Syntax::Or)
    }

    fn conjunction(&mut self) -> Parsed {
        let at = self.at();
        let mut terms = vec![self.binary(0)?];
        while self.accept("&&").is_some() {
            terms.push(self.binary(0)?);
        }
        self.chain(at, terms, Syntax::And)
    }

    fn chain(&mut self, at: usize, mut terms: Vec<Tree>, make: fn(Vec<Tree>) -> Syntax) -> Parsed {
        match terms.pop() {
            Some(only) if terms.is_empty() => Ok(only),
            last => {
                terms.extend(last);
                self.node(at, height(&terms), make(terms))
            }
        }
    }

    /// Operators that bind at least this tight: 0 compares, 1 adds, 2 multiplies.
    fn binary(&mut self, precedence: u8) -> Parsed {
        let mut left = if precedence == 2 { self.unary()? } else { self.binary(precedence + 1)? };
        while let Some((operator, at)) = self.accept_operator(precedence) {
            let right = if precedence == 2 { self.unary()? } else { self.binary(precedence + 1)? };
            let height = left.height.max(right.height);
            left = self.node(at, height, Syntax::Binary(operator, Box::new((left, right))))?;
        }
        Ok(left)
    }

    fn accept_operator(&mut self, precedence: u8) -> Option<(BinaryOperator, usize)> {
        let (operator, binds) = match self.peek() {
            Token::Symbol("==") => (BinaryOperator::Equal, 0),
            Token::Symbol("!=") => (BinaryOperator::NotEqual, 0),
            Token::Symbol("<") => (BinaryOperator::Less, 0),
            Token::Symbol("<=") => (BinaryOperator::LessOrEqual, 0),
            Token::Symbol(">") => (BinaryOperator::Greater, 0),
            Token::Symbol(">=") => (BinaryOperator::GreaterOrEqual, 0),
            Token::Name("in") => (BinaryOperator::In, 0),
            Token::Symbol("+") => (BinaryOperator::Add, 1),
            Token::Symbol("-") => (BinaryOperator::Subtract, 1),
            Token::Symbol("*") => (BinaryOperator::Multiply, 2),
            Token::Symbol("/") => (BinaryOperator::Divide, 2),
            Token::Symbol("%") => (BinaryOperator::Modulo, 2),
            _ => return None,
        };
        (binds == precedence).then(|| (operator, self.advance()))
    }

    fn unary(&mut self) -> Parsed {
        let mut operators = Vec::new();
        while let Token::Symbol(symbol @ ("!" | "-")) = *self.peek() {
            operators.push((symbol, self.advance()));
        }
        // The sign belongs to a number that follows it: the smallest int has no positive counterpart.
        let negative = matches!(self.peek(), Token::Int(_) | Token::Double(_)) && operators.pop_if(|(symbol, _)| *symbol == "-").is_some();
        let mut tree = self.member(negative)?;
        for (symbol, at) in operators.into_iter().rev() {
            let make = if symbol == "!" { Syntax::Not } else { Syntax::Negate };
            tree = self.node(at, tree.height, make(Box::new(tree)))?;
        }
        Ok(tree)
    }

    fn member(&mut self, negative: bool) -> Parsed {
        let mut tree = self.primary(negative)?;
        loop {
            if let Some(at) = self.accept(".") {
                let field = self.name()?;
                if self.accept("(").is_some() {
                    let arguments = self.list(")")?;
                    let height = tree.height.max(height(&arguments));
                    tree = self.node(at, height, Syntax::Call(Some(Box::new(tree)), field, arguments))?;
                } else {
                    tree = self.node(at, tree.height, Syntax::Select(Box::new(tree), field))?;
                }
            } else if let Some(at) = self.accept("[") {
                let key = self.expression()?;
                self.expect("]")?;
                tree = self.node(at, tree.height.max(key.height), Syntax::Index(Box::new((tree, key))))?;
            } else {
                return Ok(tree);
            }
        }
    }

    fn primary(&mut self, negative: bool) -> Parsed {
        let at = self.at();
        let token = self.peek().clone();
        self.advance();
        let syntax = match token {
            Token::Int(digits) => Syntax::Int(integer(digits, negative).ok_or_else(|| out_of_range(at))?),
            Token::Uint(digits) => Syntax::Uint(integer(digits, false).ok_or_else(|| out_of_range(at))?),
            Token::Double(digits) => {
                let value = digits.parse::<f64>().ok().filter(|value| value.is_finite()).ok_or_else(|| out_of_range(at))?;
                Syntax::Double(if negative { -value } else { value })
            }
            Token::Text(text) => Syntax::Text(text),
            Token::Bytes(bytes) => Syntax::Bytes(bytes),
            Token::Name("true") => Syntax::Bool(true),
            Token::Name("false") => Syntax::Bool(false),
            Token::Name("null") => Syntax::Null,
            Token::Name(name) if is_reserved(name) => return Err(ExpressionError::new(at, format!("`{name}` is a reserved word"))),
            Token::Name(name) => return self.name_or_call(at, name),
            Token::Symbol("(") => {
                let tree = self.expression()?;
                self.expect(")")?;
                return Ok(tree);
            }
            Token::Symbol("[") => {
                let elements = self.list("]")?;
                return self.node(at, height(&elements), Syntax::List(elements));
            }
            Token::Symbol("{") => return self.map(at),
            Token::Symbol(_) | Token::End => {
                self.next -= 1;
                return Err(self.unexpected("a value"));
            }
        };
        self.node(at, 0, syntax)
    }

    fn name_or_call(&mut self, at: usize, name: &str) -> Parsed {
        if self.accept("(").is_some() {
            let arguments = self.list(")")?;
            return self.node(at, height(&arguments), Syntax::Call(None, name.to_owned(), arguments));
        }
        self.node(at, 0, Syntax::Name(name.to_owned()))
    }

    /// Expressions with commas between them, up to and with the closing symbol. CEL allows a comma after the last element of a
    /// list, not after the last argument of a call.
    fn list(&mut self, close: &'static str) -> Result<Vec<Tree>, ExpressionError> {
        let mut elements = Vec::new();
        if self.accept(close).is_some() {
            return Ok(elements);
        }
        loop {
            elements.push(self.expression()?);
            if self.accept(",").is_none() {
                self.expect(close)?;
                return Ok(elements);
            }
            if close == "]" && self.accept(close).is_some() {
                return Ok(elements);
            }
        }
    }

    fn map(&mut self, at: usize) -> Parsed {
        let mut entries: Vec<(Tree, Tree)> = Vec::new();
        while self.accept("}").is_none() {
            let key = self.expression()?;
            self.expect(":")?;
            entries.push((key, self.expression()?));
            if self.accept(",").is_none() {
                self.expect("}")?;
                break;
            }
        }
        let height = entries.iter().map(|(key, value)| key.height.max(value.height)).max().unwrap_or(0);
        self.node(at, height, Syntax::Map(entries))
    }

    fn name(&mut self) -> Result<String, ExpressionError> {
        match *self.peek() {
            Token::Name(name) => {
                self.advance();
                Ok(name.to_owned())
            }
            Token::Symbol("?") => {
                Err(ExpressionError::new(self.at(), "optional selection is not supported").with_help("test with has(a.b)"))
            }
            _ => Err(self.unexpected("a field name")),
        }
    }

    /// A node over children of this height.
    fn node(&mut self, at: usize, height: usize, syntax: Syntax) -> Parsed {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(ExpressionError::new(at, format!("the expression has more than {MAX_NODES} parts")));
        }
        if height >= MAX_DEPTH {
            return Err(too_deep(at));
        }
        Ok(Tree { at, height: height + 1, syntax })
    }

    fn peek(&self) -> &Token<'s> {
        self.tokens.get(self.next).map_or(&Token::End, |(token, _)| token)
    }

    fn at(&self) -> usize {
        self.tokens.get(self.next).or(self.tokens.last()).map_or(0, |(_, at)| *at)
    }

    /// Takes a token and gives its place.
    fn advance(&mut self) -> usize {
        let at = self.at();
        self.next += 1;
        at
    }

    fn accept(&mut self, symbol: &'static str) -> Option<usize> {
        (*self.peek() == Token::Symbol(symbol)).then(|| self.advance())
    }

    fn expect(&mut self, symbol: &'static str) -> Result<usize, ExpressionError> {
        self.accept(symbol).ok_or_else(|| self.unexpected(&format!("`{symbol}`")))
    }

    fn unexpected(&self, wanted: &str) -> ExpressionError {
        let found = match self.peek() {
            Token::End => "the expression ends".to_owned(),
            Token::Symbol(symbol) => format!("found `{symbol}`"),
            Token::Name(name) => format!("found `{name}`"),
            Token::Int(_) | Token::Uint(_) | Token::Double(_) => "found a number".to_owned(),
            Token::Text(_) | Token::Bytes(_) => "found a text".to_owned(),
        };
        ExpressionError::new(self.at(), format!("{found} where {wanted} is expected"))
    }
}

fn height(trees: &[Tree]) -> usize {
    trees.iter().map(|tree| tree.height).max().unwrap_or(0)
}

fn integer<T: TryFrom<i128>>(digits: &str, negative: bool) -> Option<T> {
    let magnitude = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(digits) => i128::from_str_radix(digits, 16),
        None => digits.parse(),
    };
    let magnitude = magnitude.ok()?;
    T::try_from(if negative { -magnitude } else { magnitude }).ok()
}

fn is_reserved(name: &str) -> bool {
    const RESERVED: [&str; 18] = [
        "as",
        "break",
        "const",
        "continue",
        "else",
        "for",
        "function",
        "if",
        "import",
        "in",
        "let",
        "loop",
        "namespace",
        "package",
        "return",
        "var",
        "void",
        "while",
    ];
    RESERVED.contains(&name)
}

fn too_deep(at: usize) -> ExpressionError {
    ExpressionError::new(at, format!("the expression is nested more than {MAX_DEPTH} deep"))
}

fn out_of_range(at: usize) -> ExpressionError {
    ExpressionError::new(at, "the number is out of range")
}
