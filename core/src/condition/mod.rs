//! When something applies.

mod index;
#[cfg(test)]
mod tests;

pub use index::Index;

use serde_json::Value;

use crate::context::Context;
use crate::explain::{Evaluation, Step};
use crate::expression::{Expression, Failure, Guard, Reads};
use crate::platform::Timestamp;
use crate::problem::Problems;
use crate::rego::{Module, Purpose};
use crate::resource;

/// A condition, compiled.
#[derive(Debug)]
pub struct Condition(Kind);

#[derive(Debug)]
enum Kind {
    Constant(bool),
    Match(Box<Expression>),
    Not(Box<Expression>),
    All(Vec<Condition>),
    Any(Vec<Condition>),
    None(Vec<Condition>),
    Rego(Box<Module>),
}

const MAX_DEPTH: usize = 16;
const MAX_CHILDREN: usize = 100;

impl Condition {
    /// Compiles; every problem is reported at its place.
    pub fn compile(source: &resource::Condition, problems: &mut Problems) -> Option<Self> {
        compile(source, 0, problems)
    }

    /// Left to right, no further than needed. A missing key makes an expression false, so `match` does not apply and `not` does.
    ///
    /// # Errors
    /// Any other failure of an expression. It is the caller's to refuse the request.
    pub fn applies(&self, context: &Context<'_>, attrs: Option<&Value>, now: Timestamp) -> Result<bool, Failure> {
        let child = |condition: &Condition| condition.applies(context, attrs, now);
        match &self.0 {
            Kind::Constant(value) => Ok(*value),
            Kind::Match(expression) => Ok(evaluate("match", expression, context, attrs, now)?.unwrap_or(false)),
            Kind::Not(expression) => Ok(!evaluate("not", expression, context, attrs, now)?.unwrap_or(false)),
            // An empty list never applies, also for `all` and `none`, where logic would have it otherwise.
            Kind::All(list) => Ok(!list.is_empty() && !any(list, |condition| child(condition).map(|applies| !applies))?),
            Kind::Any(list) => any(list, child),
            Kind::None(list) => Ok(!list.is_empty() && !any(list, child)?),
            Kind::Rego(module) => {
                let result = module.evaluate_bool(context, attrs, now);
                context.tell(|| Step::Rego { result: &result });
                Ok(result?.unwrap_or(false))
            }
        }
    }

    /// What its expressions read of the request's body.
    pub fn reads(&self) -> Reads {
        let mut reads = Reads::default();
        self.add_reads(&mut reads);
        reads
    }

    /// The comparisons without which it does not apply.
    fn guards(&self) -> Vec<Guard> {
        match &self.0 {
            Kind::Match(expression) => expression.guards(),
            // Of the first alone: the ones after it are not asked when it does not apply, but it may fail when they do not apply.
            Kind::All(list) => list.first().map(Self::guards).unwrap_or_default(),
            Kind::Any(list) => match list.split_first() {
                Some((first, others)) => others.iter().fold(first.guards(), |all, other| Guard::either(all, &other.guards())),
                None => Vec::new(),
            },
            Kind::Constant(_) | Kind::Not(_) | Kind::None(_) | Kind::Rego(_) => Vec::new(),
        }
    }

    fn add_reads(&self, reads: &mut Reads) {
        match &self.0 {
            Kind::Constant(_) => {}
            Kind::Match(expression) | Kind::Not(expression) => reads.merge(expression.reads()),
            Kind::All(list) | Kind::Any(list) | Kind::None(list) => list.iter().for_each(|condition| condition.add_reads(reads)),
            Kind::Rego(module) => reads.merge(module.reads()),
        }
    }
}

fn evaluate(
    keyword: &'static str,
    expression: &Expression,
    context: &Context<'_>,
    attrs: Option<&Value>,
    now: Timestamp,
) -> Result<Option<bool>, Failure> {
    let result = expression.evaluate_bool(context, attrs, now);
    context.tell(|| Step::Evaluated(Evaluation { keyword, expression, result: &result, context, attrs, now }));
    result
}

fn any(list: &[Condition], mut applies: impl FnMut(&Condition) -> Result<bool, Failure>) -> Result<bool, Failure> {
    for condition in list {
        if applies(condition)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn compile(source: &resource::Condition, depth: usize, problems: &mut Problems) -> Option<Condition> {
    if depth > MAX_DEPTH {
        problems.error(format!("conditions are nested more than {MAX_DEPTH} deep"));
        return None;
    }
    let resource::Condition { match_any, matches, not, all, any, none, opa } = source;
    let given = [match_any.is_some(), matches.is_some(), not.is_some(), all.is_some(), any.is_some(), none.is_some(), opa.is_some()];
    if given.into_iter().filter(|is_given| *is_given).count() != 1 {
        problems.error_with_help(
            "a condition has exactly one of matchAny, match, not, all, any, none, opa",
            "write `matchAny: true` for what always applies",
        );
        return None;
    }
    let kind = if let Some(value) = match_any {
        Kind::Constant(*value)
    } else if let Some(text) = matches {
        compile_expression("match", text, problems, Kind::Match)?
    } else if let Some(text) = not {
        compile_expression("not", text, problems, Kind::Not)?
    } else if let Some(list) = all {
        Kind::All(problems.at("all", |problems| compile_list(list, depth, problems))?)
    } else if let Some(list) = any {
        Kind::Any(problems.at("any", |problems| compile_list(list, depth, problems))?)
    } else if let Some(opa) = opa {
        let compile = |problems: &mut Problems| Module::compile_at(&opa.inline, Purpose::Condition, problems);
        Kind::Rego(Box::new(problems.at("opa", |problems| problems.at("inline", compile))?))
    } else {
        let list = none.as_ref()?;
        Kind::None(problems.at("none", |problems| compile_list(list, depth, problems))?)
    };
    Some(Condition(kind))
}

/// An empty text never applies, as `match` and as `not`.
fn compile_expression(field: &str, text: &str, problems: &mut Problems, kind: fn(Box<Expression>) -> Kind) -> Option<Kind> {
    problems.at(field, |problems| {
        if text.trim().is_empty() {
            problems.warning("an empty expression never applies");
            return Some(Kind::Constant(false));
        }
        let expression = Expression::compile_at(text, problems)?;
        if let Err(failure) = expression.check_bool() {
            problems.error(format!("this fails for every request: {failure}"));
            return None;
        }
        Some(kind(Box::new(expression)))
    })
}

fn compile_list(list: &resource::ConditionList, depth: usize, problems: &mut Problems) -> Option<Vec<Condition>> {
    problems.at("of", |problems| {
        if list.of.len() > MAX_CHILDREN {
            problems.error(format!("at most {MAX_CHILDREN} conditions"));
        }
        let children =
            list.of.iter().enumerate().map(|(index, child)| problems.at_index(index, |problems| compile(child, depth + 1, problems)));
        children.collect::<Vec<_>>().into_iter().collect()
    })
}
