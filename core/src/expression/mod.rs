//! Expressions: the Common Expression Language over `ctx` and `attrs`.
//!
//! The engine is the gateway's own, on purpose small. A rule decides who may do what, so it must be able to say for certain
//! whether a value is missing or an operation failed, to stop before a hostile body has used up the processor, to survive any
//! source on the small stack of a Wasm instance, and to show the operator the column of a mistake. The tests compare it with an
//! independent implementation.
//!
//! Differences from cel-go: there are no message literals, optional selection and two-variable macros; a mistyped key of `ctx`
//! that no request can have does not compile; a missing key does not hide an error on the other side of `&&` or `||`.

mod check;
mod error;
mod evaluate;
mod functions;
mod names;
mod node;
mod reads;
mod syntax;
mod value;

use serde_json::Value as Json;

pub use error::{ExpressionError, Failure};
pub use reads::{Headers, Reads};

use crate::context::Context;
use crate::platform::Timestamp;
use evaluate::{Run, condition, evaluate};
use node::Node;
use value::{Value, to_json};

/// The longest source, in characters.
pub const MAX_LENGTH: usize = 10_000;
/// How deep an expression may be nested, so that its recursion fits the stack of a Wasm instance (1 MiB) many times over.
pub const MAX_DEPTH: usize = 64;
/// Of how many operators, calls and values an expression may consist.
pub const MAX_NODES: usize = 2_000;
/// How deep `all`, `exists`, `map` and the like may be nested: each level multiplies the work.
pub const MAX_MACRO_NESTING: usize = 2;

/// A compiled expression. It holds no request's data and can be shared between threads.
#[derive(Debug)]
pub struct Expression {
    root: Node,
    reads: Reads,
}

/// What an expression is evaluated over.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    pub context: &'a Context<'a>,
    /// The variable `attrs`: that of the policy to which the expression belongs, if it belongs to one.
    pub attributes: Option<&'a Json>,
    /// What `now()` gives.
    pub now: Timestamp,
}

impl Expression {
    /// Parses and checks a source.
    ///
    /// # Errors
    /// When the syntax is wrong, a limit is exceeded, or a name cannot mean anything: an unknown variable, function, header in
    /// upper case or key of `ctx`, a wrong number of arguments, a literal pattern or time zone that is none.
    pub fn compile(source: &str) -> Result<Self, ExpressionError> {
        if source.len() > MAX_LENGTH && source.chars().count() > MAX_LENGTH {
            return Err(ExpressionError::new(0, format!("the expression is longer than {MAX_LENGTH} characters")));
        }
        let root = syntax::parse(source).and_then(|tree| check::check(&tree)).map_err(|error| error.in_source(source))?;
        let reads = Reads::of(&root);
        Ok(Self { root, reads })
    }

    pub fn compile_at(source: &str, problems: &mut crate::problem::Problems) -> Option<Self> {
        Self::compile(source).map_err(|error| problems.error(format!("{error:?}"))).ok()
    }

    /// Evaluates to a boolean; any other value is an error.
    ///
    /// # Errors
    /// [`Failure`], of which [`Failure::Missing`] is for the caller to interpret: a condition takes it for false.
    pub fn evaluate_bool(&self, context: &Context<'_>, attrs: Option<&Json>, now: Timestamp) -> Result<Option<bool>, Failure> {
        let run = Run::new(context, attrs, now);
        match condition(&run, &self.root).map_err(Failure::from) {
            Ok(b) => Ok(Some(b)),
            Err(Failure::Missing(_)) => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// Evaluates to a text; any other value is an error.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn evaluate_string(&self, context: &Context<'_>, attrs: Option<&Json>, now: Timestamp) -> Result<Option<String>, Failure> {
        let run = Run::new(context, attrs, now);
        match evaluate(&run, &self.root).map_err(Failure::from) {
            Err(Failure::Missing(_)) => return Ok(None),
            other => match other? {
                Value::Text(text) => Ok(Some((*text).to_owned())),
                value => Err(Failure::Error(format!("a string is needed, not {}", value.type_name()))),
            },
        }
    }

    /// Evaluates to JSON. Bytes become base64, timestamps and durations text, whole doubles integers.
    ///
    /// # Errors
    /// [`Failure`]; also for NaN, infinities and types, which JSON does not have.
    pub fn evaluate_json(&self, scope: &Scope<'_>) -> Result<Json, Failure> {
        let run = Run::new(scope.context, scope.attributes, scope.now);
        Ok(to_json(&run, &evaluate(&run, &self.root)?)?)
    }

    /// What the expression may read of a request; never less than it does read.
    pub fn reads(&self) -> &Reads {
        &self.reads
    }
}
