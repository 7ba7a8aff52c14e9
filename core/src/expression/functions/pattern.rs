//! `matches`, on a regular expression engine whose time is linear in the text, like RE2's.

use std::any::Any;
use std::sync::Arc;

use cel::common::types::{CelBool, CelString, Type};
use cel::common::value::{StaticVal, Val};
use cel::{DeclarationError, Env, ExecutionError, add_member_overload, add_overload};
use regex_lite::{Error, Regex, RegexBuilder};

use crate::expression::run::spend;

static TYPE: Type = Type::new_unspecified_type("@pattern");

/// How much memory a compiled pattern may take, in bytes.
const MAX_SIZE: usize = 256 * 1024;

/// What compiling a pattern costs at least, in steps.
const COMPILATION: usize = 200;

/// A compiled pattern. Literal ones are compiled with the expression and given to it as variables.
#[derive(Debug, Clone)]
pub(in crate::expression) struct Pattern(Arc<Regex>);

impl Pattern {
    pub fn compile(pattern: &str) -> Result<Self, Error> {
        RegexBuilder::new(pattern).size_limit(MAX_SIZE).build().map(|regex| Self(Arc::new(regex)))
    }

    fn is_match(&self, text: &str) -> Result<CelBool, ExecutionError> {
        // A byte is worth several steps of the engine.
        spend(text.len() / 16)?;
        Ok(self.0.is_match(text).into())
    }
}

pub(super) fn register(env: &mut Env) -> Result<(), DeclarationError> {
    add_overload!(env, fn literal: (CelString, Pattern) -> Result<CelBool>, name = "matches")?;
    add_overload!(env, fn dynamic: (CelString, CelString) -> Result<CelBool>, name = "matches")?;
    add_member_overload!(env, fn literal: (CelString, Pattern) -> Result<CelBool>, name = "matches")?;
    add_member_overload!(env, fn dynamic: (CelString, CelString) -> Result<CelBool>, name = "matches")
}

fn literal(text: &CelString<'_>, pattern: &Pattern) -> Result<CelBool, ExecutionError> {
    pattern.is_match(text)
}

/// A pattern that is not written in the expression is compiled each time.
fn dynamic(text: &CelString<'_>, pattern: &CelString<'_>) -> Result<CelBool, ExecutionError> {
    spend(COMPILATION + pattern.len())?;
    let pattern = Pattern::compile(pattern).map_err(|error| ExecutionError::function_error("matches", error))?;
    pattern.is_match(text)
}

impl Val for Pattern {
    fn get_type(&self) -> &Type {
        &TYPE
    }

    fn cel_type() -> &'static Type {
        &TYPE
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v> {
        Box::new(self.clone())
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}

impl StaticVal for Pattern {}
