//! Expressions: the Common Expression Language over `ctx` and `attrs`.
//!
//! The language is the `cel` crate's. What is here is what a gateway needs around it: variables that read the request where it
//! is, checks that show the operator the place of a mistake, bounds on the work, and functions that the crate does not have.
//!
//! Differences from cel-go, as far as they were found:
//! - there are no optional values, message literals and macros with two variables;
//! - a key of `ctx` that no request can have does not compile;
//! - integers of JSON are int or uint, not double, so `bodyMap.n + 1` works and `bodyMap.n + 1.0` does not;
//! - `a || b` and `a && b` give the error of `b` when both fail, not that of `a`;
//! - a map literal that repeats a key is an error, and macros walk the keys of one in no particular order;
//! - `%s` in `format` takes no timestamps and durations: write `string(t)`;
//! - `cel.bind` and the macros copy the value of a variable that is a list literal;
//! - time zones are those of a small table, with the rules in force today.

mod check;
mod error;
mod functions;
mod guard;
mod literals;
mod names;
mod parse;
mod reads;
mod rewrite;
mod run;
#[cfg(test)]
#[cfg(feature = "expression-library")]
mod tests;
mod tokens;
mod value;
mod values;
mod variables;

use cel::common::ast::IdedExpr;
use cel::common::types::{CelBool, CelString};
use cel::common::value::Val;
use cel::{ExecutionError, Value};
use serde_json::{Map, Value as Json};

#[cfg(feature = "rego")]
pub(crate) use check::missing_key;
pub use error::{ExpressionError, Failure};
pub(crate) use functions::mentions_library;
#[cfg(feature = "rego")]
pub(crate) use functions::{Zone, duration};
pub(crate) use guard::{Found, Guard, Path};
#[cfg(feature = "rego")]
pub(crate) use names::did_you_mean;
pub use reads::Reads;

use crate::context::{Budget, Context};
use crate::platform::Timestamp;
use crate::problem::Problems;
use functions::Pattern;
use tokens::Tokens;
use variables::Variables;

/// The longest source, in characters.
pub const MAX_LENGTH: usize = 10_000;
/// How deep an expression may be nested, so that its recursion fits the stack of a Wasm instance (1 MiB).
pub const MAX_DEPTH: usize = 64;
/// Of how many operators, calls and values an expression may consist, what macros become included.
pub const MAX_NODES: usize = 2_000;
/// How deep `all`, `exists`, `map` and the like may be nested: each level multiplies the work.
pub const MAX_MACRO_NESTING: usize = 2;

/// A compiled expression. It holds no request's data and can be shared between threads.
#[derive(Debug)]
pub struct Expression {
    source: Box<str>,
    tree: IdedExpr,
    patterns: Vec<Pattern>,
    reads: Reads,
}

impl Expression {
    /// Parses and checks a source.
    ///
    /// # Errors
    /// When the syntax is wrong, a limit is exceeded, or a name cannot mean anything: an unknown variable, function, header in
    /// upper case or key of `ctx`, a wrong number of arguments, a literal pattern or time zone that is none.
    pub fn compile(source: &str) -> Result<Self, ExpressionError> {
        Self::build(source).map_err(|error| error.in_source(source))
    }

    /// Like [`compile`](Self::compile), but reports the mistake at the current path.
    pub fn compile_at(source: &str, problems: &mut Problems) -> Option<Self> {
        let error = match Self::compile(source) {
            Ok(expression) => return Some(expression),
            Err(error) => error,
        };
        match &error.help {
            Some(help) => problems.error_with_help(error.to_string(), help),
            None => problems.error(error.to_string()),
        }
        None
    }

    /// Evaluates to a boolean. `None` when what decides needs something that this request does not have: a key, a member of
    /// null, or an element beyond the end of a list.
    ///
    /// # Errors
    /// [`Failure`], also when the value is no boolean.
    pub fn evaluate_bool(&self, context: &Context<'_>, attrs: Option<&Json>, now: Timestamp) -> Result<Option<bool>, Failure> {
        self.evaluate(context, attrs, now, |value| value.downcast_ref::<CelBool>().map(|value| *value.inner()).ok_or("a boolean"))
    }

    /// Evaluates to a text. `None` as with [`evaluate_bool`](Self::evaluate_bool).
    ///
    /// # Errors
    /// [`Failure`], also when the value is no text.
    pub fn evaluate_string(&self, context: &Context<'_>, attrs: Option<&Json>, now: Timestamp) -> Result<Option<String>, Failure> {
        self.evaluate(context, attrs, now, |value| value.downcast_ref::<CelString>().map(|text| text.inner().to_owned()).ok_or("a string"))
    }

    /// Evaluates to a map. `None` as with [`evaluate_bool`](Self::evaluate_bool).
    ///
    /// # Errors
    /// [`Failure`], also when the value is no object of JSON.
    pub fn evaluate_object(&self, context: &Context<'_>, now: Timestamp) -> Result<Option<Map<String, Json>>, Failure> {
        self.evaluate(context, None, now, |value| match functions::to_json(value) {
            Some(Json::Object(members)) => Ok(members),
            _ => Err("a map of what JSON has"),
        })
    }

    /// Finds the mistakes that no request is needed for: operators and functions that do not take the types they get, and results
    /// that are no boolean, before any variable is read.
    ///
    /// # Errors
    /// What every request would fail with.
    pub fn check_bool(&self) -> Result<(), Failure> {
        let env = functions::environment().map_err(|error| Failure(error.to_string()))?;
        let variables = Variables { context: None, attributes: None, patterns: &self.patterns };
        let checked = run::metered(&Budget::default(), Timestamp(0), || {
            let mut scope = cel::Context::with_env(env);
            scope.set_variable_resolver(&variables);
            match Value::resolve_val(&self.tree, &scope) {
                Ok(value) if value.downcast_ref::<CelBool>().is_some() => Ok(()),
                Ok(value) => Err(Failure(format!("a boolean is needed, not {}", value.get_type().name()))),
                Err(error) if is_of_types(&error) => Err(Failure::of(&error)),
                Err(_) => Ok(()),
            }
        });
        // What costs too much without a request is for the request to find out.
        checked.unwrap_or(Ok(()))
    }

    /// What the expression may read of a request; never less than it does read.
    pub fn reads(&self) -> &Reads {
        &self.reads
    }

    /// As the operator wrote it.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// What the expression reads of `ctx` and `attrs`, each chain of keys as an expression with its value; `None` where there is none.
    pub fn values(&self, context: &Context<'_>, attrs: Option<&Json>, now: Timestamp) -> Vec<(String, Option<Json>)> {
        let evaluate = |chain: &String| {
            let expression = Self::build(chain).ok()?;
            expression.evaluate(context, attrs, now, |value| functions::to_json(value).ok_or("a value of JSON")).ok().flatten()
        };
        values::chains(&self.source).into_iter().map(|chain| (evaluate(&chain), chain)).map(|(value, chain)| (chain, value)).collect()
    }

    fn build(source: &str) -> Result<Self, ExpressionError> {
        let tokens = Tokens::read(source)?;
        let mut tree = parse::parse(source)?;
        check::check(&tree, &tokens)?;
        let reads = Reads::of(&tree);
        let patterns = rewrite::rewrite(&mut tree);
        Ok(Self { source: source.into(), tree, patterns, reads })
    }

    fn evaluate<T>(
        &self,
        context: &Context<'_>,
        attributes: Option<&Json>,
        now: Timestamp,
        convert: impl FnOnce(&dyn Val) -> Result<T, &'static str>,
    ) -> Result<Option<T>, Failure> {
        let variables = Variables { context: Some(context), attributes, patterns: &self.patterns };
        let env = functions::environment().map_err(|error| Failure(error.to_string()))?;
        let result = run::metered(&context.budget, now, || {
            let mut scope = cel::Context::with_env(env);
            scope.set_variable_resolver(&variables);
            match Value::resolve_val(&self.tree, &scope) {
                Ok(value) => match convert(value.as_ref()) {
                    Ok(value) => Ok(Some(value)),
                    Err(wanted) => Err(Failure(format!("{wanted} is needed, not {}", value.get_type().name()))),
                },
                Err(error) if is_missing(&error) => Ok(None),
                Err(error) => Err(Failure::of(&error)),
            }
        });
        result.unwrap_or_else(|| Err(Failure("the expressions need more work than one request may cause".to_owned())))
    }
}

/// Whether values were of types that do not fit.
fn is_of_types(error: &ExecutionError) -> bool {
    matches!(
        error,
        ExecutionError::NoSuchOverload(_)
            | ExecutionError::UnsupportedBinaryOperator(..)
            | ExecutionError::ValuesNotComparable(..)
            | ExecutionError::UnsupportedIndex(..)
    )
}

/// Whether something is not there that another request may have. Where no policy is, there is no `attrs`.
fn is_missing(error: &ExecutionError) -> bool {
    match error {
        ExecutionError::NoSuchKey(_) | ExecutionError::IndexOutOfBounds(_) => true,
        ExecutionError::UndeclaredReference(name) => name.as_str() == "attrs",
        ExecutionError::NoSuchOverload(error) => {
            let selects = matches!(error.function(), "_._" | "_[_]");
            selects && error.argument_types().first().is_some_and(|of| of == "null_type")
        }
        _ => false,
    }
}
