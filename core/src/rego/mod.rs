//! Rego, the language of the Open Policy Agent: as a condition, and as a rule that gives a whole configuration.
//!
//! The language is the `regorus` crate's. What is here is what a gateway needs around it: bounds on a module's text before it is
//! parsed, checks that show the operator the place of a mistake, an input with only the parts that a module reads, one budget for
//! all that a request evaluates, and built-in functions that keep to it.
//!
//! Of the crate, parts are used that it calls unstable (its parser, to look at modules before they run), so its version is pinned
//! exactly, and the tests here have to pass with another one.
//!
//! Differences from the Open Policy Agent, as far as they were found:
//! - there is no data but the rules of the module, and `with` is not supported;
//! - built-in functions that would ask the world (`http.send`, `rand.intn`, `uuid.rfc4122`, `opa.runtime`) do not compile;
//! - a built-in function that refuses its arguments fails the evaluation, as with the agent's strict built-in errors;
//! - factors of a product, and what `bits` functions take, have at most 128 bits;
//! - time zones are those of a small table, with the rules in force today.

mod check;
mod error;
mod functions;
mod input;
mod literals;
mod meter;
mod outline;
mod path;
mod reads;
mod rewrite;
mod scan;
#[cfg(test)]
mod tests;
mod value;
mod walk;

use std::fmt;
use std::num::NonZeroUsize;
use std::rc::Rc;

use regorus::unstable::{Module as Tree, Parser, Source};
use regorus::utils::limits::ExecutionTimerConfig;
use regorus::{Engine, PolicyLengthConfig, Value};
use serde_json::{Map, Value as Json};

use crate::context::Context;
use crate::expression::{Failure, Reads};
use crate::json::Projection;
use crate::platform::Timestamp;
use crate::problem::Problems;
use error::ModuleError;
use outline::Outline;

/// The longest module, in bytes.
pub const MAX_LENGTH: usize = 20_000;
/// How deep an expression may be nested, counting brackets, operators and the links of references.
const MAX_DEPTH: usize = 40;

/// What a module is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Package `octelium.condition`, a boolean `match`.
    Condition,
    /// Package `octelium.eval`, an object `result`.
    Config,
}

/// A compiled module.
pub struct Module {
    /// Copied for each evaluation, which shares all that was compiled and leaves nothing of a request behind.
    engine: Engine,
    /// The path of the rule that is asked for.
    decision: Rc<str>,
    wanted: Projection,
    reads: Reads,
    literals: literals::Literals,
}

impl Module {
    /// Parses and checks a module; what is wrong is reported at the current path.
    pub fn compile_at(text: &str, purpose: Purpose, problems: &mut Problems) -> Option<Self> {
        Self::build(text, purpose).map_err(|error| error.report(problems)).ok()
    }

    /// The value of `match`; `None` where it is undefined.
    ///
    /// # Errors
    /// When the evaluation fails, or gives something else than a boolean.
    pub fn evaluate_bool(&self, context: &Context<'_>, attrs: Option<&Json>, now: Timestamp) -> Result<Option<bool>, Failure> {
        match self.evaluate(context, attrs, now)? {
            Value::Bool(value) => Ok(Some(value)),
            Value::Undefined => Ok(None),
            other => Err(Failure::new(format!("`match` has to be a boolean, not {}", value::type_name(&other)))),
        }
    }

    /// The value of `result`; `None` where it is undefined.
    ///
    /// # Errors
    /// When the evaluation fails, or gives something else than an object of JSON.
    pub fn evaluate_object(&self, context: &Context<'_>, now: Timestamp) -> Result<Option<Map<String, Json>>, Failure> {
        let result = self.evaluate(context, None, now)?;
        if result == Value::Undefined {
            return Ok(None);
        }
        match value::to_json(&result) {
            Ok(Json::Object(members)) => Ok(Some(members)),
            Ok(_) => Err(Failure::new(format!("`result` has to be an object, not {}", value::type_name(&result)))),
            Err(why) => Err(Failure::new(format!("`result` is no object of JSON: {why}"))),
        }
    }

    /// What the module may read of a request; never less than it does read.
    pub fn reads(&self) -> &Reads {
        &self.reads
    }

    /// The texts that are written in the module.
    pub fn literals(&self) -> impl Iterator<Item = &str> {
        self.literals.texts.iter().map(String::as_str)
    }

    /// Which of these keys have a value in an object of the module that is computed.
    pub fn computes<'k>(&self, keys: &[&'k str]) -> Vec<&'k str> {
        keys.iter().copied().filter(|key| self.literals.computed.contains(*key)).collect()
    }

    fn build(text: &str, purpose: Purpose) -> Result<Self, ModuleError> {
        if text.len() > MAX_LENGTH {
            return Err(ModuleError::new(format!("a module has at most {MAX_LENGTH} bytes, found {}", text.len())));
        }
        let timer = meter::install().map_err(ModuleError::new)?;
        let source = Source::from_contents(FILE.to_owned(), text.to_owned()).map_err(|error| ModuleError::of(&error, text))?;
        scan::check(&source)?;
        let tree = parse(&source).map_err(|error| ModuleError::of(&error, text))?;
        let outline = Outline::of(&tree, purpose.decision());
        check::check(&tree, &outline, purpose)?;
        let wanted = reads::wanted(&tree, &outline, purpose.decision());
        let reads = reads::of_request(&wanted);
        let decision: Rc<str> = format!("data.{}.{}", outline.package.join("."), purpose.decision()).into();
        let rewritten = rewrite::rewrite(text, &tree, &outline)?;
        let called = rewritten.called.iter().map(String::as_str);
        let engine = prepare(&rewritten.text, &decision, timer, called).or_else(|error| {
            // What is wrong with it is told as it was written.
            prepare(text, &decision, timer, std::iter::empty()).and(Err(error))
        })?;
        Ok(Self { engine, decision, wanted, reads, literals: literals::Literals::of(&tree) })
    }

    fn evaluate(&self, context: &Context<'_>, attrs: Option<&Json>, now: Timestamp) -> Result<Value, Failure> {
        meter::metered(&context.budget, now, || {
            let input = input::build(context, attrs, &self.wanted).map_err(|meter::Stopped| anyhow::anyhow!("stopped"))?;
            let mut engine = self.engine.clone();
            engine.set_input(input);
            engine.eval_rule(self.decision.to_string())
        })
    }
}

impl Purpose {
    fn package(self) -> &'static str {
        match self {
            Self::Condition => "condition",
            Self::Config => "eval",
        }
    }

    fn decision(self) -> &'static str {
        match self {
            Self::Condition => "match",
            Self::Config => "result",
        }
    }

    fn wanted(self) -> &'static str {
        match self {
            Self::Condition => "a boolean",
            Self::Config => "an object",
        }
    }

    fn example(self) -> &'static str {
        match self {
            Self::Condition => "write `match if input.ctx.request.http.method == \"GET\"`, say",
            Self::Config => "write `result := {\"parent\": \"default\", \"http\": {…}}`, say",
        }
    }
}

/// What the library calls the module.
const FILE: &str = "module";

fn parse(source: &Source) -> anyhow::Result<Tree> {
    let mut parser = Parser::new(source)?;
    parser.set_max_col(scan::widest());
    parser.enable_rego_v1()?;
    parser.parse()
}

/// An engine that has done everything that no request is needed for.
fn prepare<'n>(
    text: &str,
    decision: &Rc<str>,
    timer: ExecutionTimerConfig,
    functions: impl Iterator<Item = &'n str>,
) -> Result<Engine, ModuleError> {
    let mut engine = Engine::new();
    engine.set_policy_length_config(PolicyLengthConfig {
        max_col: scan::widest(),
        max_file_bytes: NonZeroUsize::MAX,
        max_lines: NonZeroUsize::MAX,
    });
    engine.set_strict_builtin_errors(true);
    engine.set_execution_timer_config(timer);
    let prepared = functions::register(&mut engine, functions)
        .and_then(|()| engine.add_policy(FILE.to_owned(), text.to_owned()))
        .and_then(|_| engine.compile_with_entrypoint(decision));
    prepared.map(|_| engine).map_err(|error| ModuleError::of(&error, text))
}

/// The library's engine would print the module.
impl fmt::Debug for Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Module").field("decision", &self.decision).field("reads", &self.reads).finish_non_exhaustive()
    }
}
