use super::{MAX_BLOCKS, Parser, Token};
use crate::template::CompileError;
use crate::template::node::{Escaping, Node};

/// What ended a list of parts.
#[derive(PartialEq)]
enum End {
    Source,
    Else,
    ElseIf,
    OfIf,
    OfLoop,
}

impl Parser<'_> {
    pub(super) fn whole(&mut self) -> Result<Vec<Node>, CompileError> {
        let (nodes, end) = self.nodes()?;
        match end {
            End::Source => Ok(nodes),
            End::OfLoop => Err(CompileError::new(self.source, self.ended, "there is no loop that ends here")),
            End::Else | End::ElseIf | End::OfIf => Err(CompileError::new(self.source, self.ended, "there is no `if` that this belongs to")),
        }
    }

    fn nodes(&mut self) -> Result<(Vec<Node>, End), CompileError> {
        let mut nodes = Vec::new();
        loop {
            let at = self.place();
            match self.advance() {
                None => return Ok((nodes, End::Source)),
                Some(Token::Text(text)) => nodes.push(Node::Text(text)),
                Some(Token::OpenPrint) => {
                    let expression = self.expression()?;
                    self.close()?;
                    nodes.push(Node::Print { expression, escaping: Escaping::Raw, at });
                }
                Some(_) => match self.statement(at)? {
                    Ok(node) => nodes.push(node),
                    Err(end) => {
                        self.ended = at;
                        return Ok((nodes, end));
                    }
                },
            }
        }
    }

    /// A statement, or the word that ends the list.
    fn statement(&mut self, at: usize) -> Result<Result<Node, End>, CompileError> {
        let Some(Token::Word(word)) = self.peek().cloned() else { return self.error("a statement begins with `if`, `for` or `set`") };
        self.at += 1;
        match word.as_str() {
            "if" => self.nested(|parser| parser.conditional(at)).map(Ok),
            "for" => self.nested(|parser| parser.repeated(at)).map(Ok),
            "set" => self.assignment().map(Ok),
            "else" if self.takes_word("if") => Ok(Err(End::ElseIf)),
            "else" => self.close().map(|()| Err(End::Else)),
            "endif" => self.close().map(|()| Err(End::OfIf)),
            "endfor" => self.close().map(|()| Err(End::OfLoop)),
            "include" | "extends" | "block" | "endblock" => {
                self.error_before(format!("there is no `{word}`, as templates have no files beside them"))
            }
            "elif" | "elseif" | "elsif" => self.error_before(format!("write `else if` instead of `{word}`")),
            _ => self.error_before(format!("there is no statement `{word}`: there are `if`, `for` and `set`")),
        }
    }

    fn nested<T>(&mut self, inner: impl FnOnce(&mut Self) -> Result<T, CompileError>) -> Result<T, CompileError> {
        if self.blocks == MAX_BLOCKS {
            return self.error(format!("blocks are nested more than {MAX_BLOCKS} deep"));
        }
        self.blocks += 1;
        let result = inner(self);
        self.blocks -= 1;
        result
    }

    fn conditional(&mut self, at: usize) -> Result<Node, CompileError> {
        let mut branches = Vec::new();
        loop {
            let condition = self.expression()?;
            self.close()?;
            let (body, end) = self.nodes()?;
            branches.push((condition, body));
            let otherwise = match end {
                End::ElseIf => continue,
                End::OfIf => Vec::new(),
                End::Else => match self.nodes()? {
                    (otherwise, End::OfIf) => otherwise,
                    _ => return self.unended(at, "endif"),
                },
                End::Source | End::OfLoop => return self.unended(at, "endif"),
            };
            return Ok(Node::If { branches, otherwise, at });
        }
    }

    fn repeated(&mut self, at: usize) -> Result<Node, CompileError> {
        let first = self.plain_word()?;
        let second = if self.takes_symbol(",") { Some(self.plain_word()?) } else { None };
        if !self.takes_word("in") {
            return self.error("a loop is `for item in list` or `for key, value in object`");
        }
        let over = self.expression()?;
        self.close()?;
        let outside = self.loops.len();
        let (key, item) = match second {
            Some(item) => (Some(first), item),
            None => (None, first),
        };
        self.loops.extend(key.iter().cloned().chain([item.clone(), "loop".to_owned()]));
        let (body, end) = self.nodes()?;
        self.loops.truncate(outside);
        if end == End::OfLoop { Ok(Node::For { key, item, over, body, at }) } else { self.unended(at, "endfor") }
    }

    fn assignment(&mut self) -> Result<Node, CompileError> {
        let word = self.word()?;
        let name = self.name(word)?;
        if !self.takes_symbol("=") {
            return self.error("it is `set name = value`");
        }
        let value = self.expression()?;
        self.close()?;
        // Inside of a block it may not come to it.
        if self.blocks == 0 && name.rest.is_empty() {
            self.set.insert(name.first.clone());
        }
        Ok(Node::Set { name, value })
    }

    /// A name without parts.
    fn plain_word(&mut self) -> Result<String, CompileError> {
        let word = self.word()?;
        if word.contains(['.', '/']) { self.error_before(format!("`{word}` is not a plain name")) } else { Ok(word) }
    }

    fn word(&mut self) -> Result<String, CompileError> {
        match self.peek().cloned() {
            Some(Token::Word(word)) => {
                self.at += 1;
                Ok(word)
            }
            _ => self.error("a name is needed here"),
        }
    }

    fn unended<T>(&self, at: usize, end: &str) -> Result<T, CompileError> {
        Err(CompileError::new(self.source, at, format!("this has no `{end}`")))
    }

    /// An error at the word that was just read.
    pub(super) fn error_before<T>(&self, message: impl Into<String>) -> Result<T, CompileError> {
        let at = self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).map_or(0, |(at, _)| *at);
        Err(CompileError::new(self.source, at, message))
    }
}
