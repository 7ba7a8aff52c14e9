//! Where a value stands decides how it is written: inside a string of JSON it must not be able to end that string.

use super::CompileError;
use super::functions::Function;
use super::node::{Escaping, Expression, Node};

/// What is escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Escape {
    /// Nothing.
    Never,
    /// Strings, wherever they are printed.
    Strings,
    /// What is printed inside a string of JSON, in a template whose text begins as JSON does.
    InJsonStrings,
}

/// Sets how each interpolation is written.
///
/// # Errors
/// A block that may end inside a string where it began outside of one, or the other way round: what follows it would be either.
pub fn decide(source: &str, nodes: &mut [Node], escape: Escape) -> Result<(), CompileError> {
    match escape {
        Escape::Never => Ok(()),
        Escape::Strings => {
            everywhere(nodes);
            Ok(())
        }
        Escape::InJsonStrings if first_character(nodes).is_some_and(|first| matches!(first, '{' | '[' | '"')) => {
            let end = follow(source, nodes, State::Outside)?;
            if end == State::Outside {
                return Ok(());
            }
            Err(CompileError::new(source, source.len(), "the JSON of the template ends inside a string"))
        }
        Escape::InJsonStrings => Ok(()),
    }
}

/// Where in JSON a place is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Outside,
    Inside,
    /// Inside a string, after a backslash.
    Escaped,
}

fn everywhere(nodes: &mut [Node]) {
    for node in nodes {
        match node {
            Node::Print { escaping, .. } => *escaping = Escaping::Strings,
            Node::If { branches, otherwise, .. } => {
                branches.iter_mut().for_each(|(_, body)| everywhere(body));
                everywhere(otherwise);
            }
            Node::For { body, .. } => everywhere(body),
            Node::Text(_) | Node::Set { .. } => {}
        }
    }
}

/// The first character of the text that is not white space; `None` when a value is printed before it.
fn first_character(nodes: &[Node]) -> Option<char> {
    for node in nodes {
        let found = match node {
            Node::Text(text) => text.trim_start().chars().next(),
            Node::Print { .. } => return None,
            Node::If { branches, otherwise, .. } => {
                branches.iter().map(|(_, body)| body).chain([otherwise]).find_map(|body| first_character(body))
            }
            Node::For { body, .. } => first_character(body),
            Node::Set { .. } => None,
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

fn follow(source: &str, nodes: &mut [Node], mut state: State) -> Result<State, CompileError> {
    for node in nodes {
        match node {
            Node::Text(text) => state = text.bytes().fold(state, after),
            Node::Print { expression, escaping, at } => {
                *escaping = match state {
                    State::Outside => Escaping::Raw,
                    // It is escaped already.
                    State::Inside if matches!(expression, Expression::Call(Function::RawString, _)) => Escaping::Raw,
                    State::Inside => Escaping::Everything,
                    State::Escaped => {
                        return Err(CompileError::new(source, *at, "a backslash stands before this, and would change how it is read"));
                    }
                };
            }
            Node::If { branches, otherwise, at } => {
                let bodies = branches.iter_mut().map(|(_, body)| body).chain([otherwise]);
                let ends = bodies.map(|body| follow(source, body, state)).collect::<Result<Vec<_>, _>>()?;
                let end = ends.first().copied().unwrap_or(state);
                if ends.iter().any(|other| *other != end) {
                    return Err(CompileError::new(source, *at, "after this `if` it depends on its branches whether a JSON string goes on"));
                }
                state = end;
            }
            Node::For { body, at, .. } => {
                if follow(source, body, state)? != state {
                    return Err(CompileError::new(source, *at, "a JSON string that begins in this loop must end in it"));
                }
            }
            Node::Set { .. } => {}
        }
    }
    Ok(state)
}

fn after(state: State, byte: u8) -> State {
    match (state, byte) {
        (State::Outside, b'"') => State::Inside,
        (State::Inside, b'"') => State::Outside,
        (State::Inside, b'\\') => State::Escaped,
        (State::Escaped, _) => State::Inside,
        (state, _) => state,
    }
}
