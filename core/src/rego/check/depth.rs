//! How much stack an evaluation can take, and how deep values can become that it builds. Both are bounded by the text alone, as Rego
//! has neither recursion nor accumulators; so nothing that a request holds can make an evaluation run out of stack.

use std::collections::BTreeMap;

use regorus::unstable::{Expr, Literal, Query, Rule, RuleHead};

use super::Checked;
use crate::rego::error::ModuleError;
use crate::rego::outline::{Locals, Outline};
use crate::rego::path::{Path, literal};
use crate::rego::walk;

/// How much stack rules may take that call each other, in units of about 500 bytes in Wasm.
const MAX_STACK: usize = 200;
/// How many lists, sets and objects of a module's making can be around one value.
const MAX_WRAPPED: usize = 256;

/// What parts of a module take of the stack, as was measured.
const RULE: usize = 5;
const COMPREHENSION: usize = 5;
const LOOP: usize = 3;
const CALL: usize = 2;
const OTHER: usize = 2;

/// # Errors
/// Rules that depend on themselves, or go too deep.
pub(super) fn check(outline: &Outline<'_>) -> Checked {
    let mut depths = Depths { outline, known: BTreeMap::new(), active: Vec::new() };
    outline.rules.keys().try_for_each(|name| depths.of(name).map(|_| ()))
}

#[derive(Clone, Copy, Default)]
struct Depth {
    /// In units.
    stack: usize,
    /// Lists, sets and objects that it can put around a value, one around the other.
    wrapped: usize,
}

struct Depths<'o, 'm> {
    outline: &'o Outline<'m>,
    known: BTreeMap<&'m str, Depth>,
    active: Vec<&'m str>,
}

impl<'m> Depths<'_, 'm> {
    fn of(&mut self, name: &'m str) -> Result<Depth, ModuleError> {
        if let Some(depth) = self.known.get(name) {
            return Ok(*depth);
        }
        let rules = self.outline.rules.get(name).cloned().unwrap_or_default();
        let Some(first) = rules.first().copied() else { return Ok(Depth::default()) };
        if self.active.contains(&name) {
            let circle: Vec<&str> = self.active.iter().skip_while(|active| **active != name).copied().chain([name]).collect();
            return Err(ModuleError::at(first.span(), format!("rules depend on themselves: {}", circle.join(" → "))));
        }
        // Looking takes stack too, so this is asked before the rest is looked at.
        if self.active.len() * RULE > MAX_STACK {
            return Err(too_deep(first));
        }
        self.active.push(name);
        let mut depth = Depth::default();
        for rule in rules {
            let own = self.rule(rule)?;
            depth = Depth { stack: depth.stack.max(own.stack), wrapped: depth.wrapped.max(own.wrapped) };
        }
        self.active.pop();
        if depth.stack > MAX_STACK {
            return Err(too_deep(first));
        }
        if depth.wrapped > MAX_WRAPPED {
            let message = format!("lists and objects can be nested more than {MAX_WRAPPED} deep here");
            return Err(ModuleError::at(first.span(), message).with_help("build them in fewer steps"));
        }
        self.known.insert(name, depth);
        Ok(depth)
    }

    /// A value comes from one other rule at most and may pass through each place of this one once, so what the places add up to is
    /// more than any value goes through.
    fn rule(&mut self, rule: &'m Rule) -> Result<Depth, ModuleError> {
        let locals = Locals::of(rule);
        let (mut called, mut referred) = (Vec::new(), Vec::new());
        let mut wrapped = 0usize;
        walk::rule(rule, &mut |tree| {
            match tree {
                Expr::Call { fcn, .. } => {
                    let path = Path::of(fcn);
                    // A text that is parsed can be nested as deep as any.
                    let parses = path.as_ref().is_some_and(|path| path.dotted() == "json.unmarshal");
                    wrapped += usize::from(parses) * crate::json::MAX_DEPTH;
                    called.extend(path);
                }
                Expr::Array { .. } | Expr::Set { .. } | Expr::Object { .. } => wrapped += usize::from(!is_constant(tree)),
                Expr::ArrayCompr { .. } | Expr::SetCompr { .. } | Expr::ObjectCompr { .. } => wrapped += 1,
                _ => {
                    if let Some(path) = Path::of(tree) {
                        referred.push(path);
                        return false;
                    }
                }
            }
            true
        });
        let (mut waiting, mut deepest) = (0, 0);
        for path in &called {
            let function = self.named(path, &locals)?;
            waiting = waiting.max(function.stack);
            wrapped = wrapped.saturating_add(function.wrapped);
        }
        for path in &referred {
            let rule = self.named(path, &locals)?;
            waiting = waiting.max(rule.stack);
            deepest = deepest.max(rule.wrapped);
        }
        Ok(Depth { stack: stack(rule) + waiting, wrapped: wrapped.saturating_add(deepest) })
    }

    /// Nothing where the path does not lead to a rule of this module.
    fn named(&mut self, path: &Path<'m>, locals: &Locals<'m>) -> Result<Depth, ModuleError> {
        let name = match path.root.text() {
            "data" => self.outline.rule_in_data(path),
            name => Some(name).filter(|name| !locals.bound.contains(name)),
        };
        match name.and_then(|name| self.outline.rules.get_key_value(name)) {
            Some((name, _)) => self.of(name),
            None => Ok(Depth::default()),
        }
    }
}

/// What one rule takes, without those that it waits for.
fn stack(rule: &Rule) -> usize {
    let Rule::Spec { head, bodies, .. } = rule else { return RULE };
    let value = match head {
        RuleHead::Compr { assign, .. } | RuleHead::Func { assign, .. } => assign.as_ref().map(|assign| &assign.value),
        RuleHead::Set { key, .. } => key.as_ref(),
    };
    let values = value.into_iter().chain(bodies.iter().filter_map(|body| body.assign.as_ref().map(|assign| &assign.value)));
    let value = values.map(|value| of_expression(value)).max().unwrap_or(0);
    RULE + bodies.iter().map(|body| of_query(&body.query)).max().unwrap_or(0) + value
}

/// Statements are inside the loops of those before, and which those are is the library's choice.
fn of_query(query: &Query) -> usize {
    let mut loops = 0;
    let mut deepest = 0;
    for statement in &query.stmts {
        let expressions: Vec<&Expr> = match &statement.literal {
            Literal::SomeVars { .. } => Vec::new(),
            Literal::SomeIn { collection, .. } => {
                loops += 1;
                vec![collection]
            }
            Literal::Expr { expr, .. } | Literal::NotExpr { expr, .. } => vec![expr],
            Literal::Every { domain, query, .. } => {
                deepest = deepest.max(COMPREHENSION + of_query(query));
                vec![domain]
            }
        };
        for tree in expressions {
            deepest = deepest.max(of_expression(tree));
            walk::expression(tree, &mut |part| {
                // `x[_]` walks `x`, unless the key is known by then.
                loops += usize::from(matches!(part, Expr::RefBrack { index, .. } if literal(index).is_none()));
                !matches!(part, Expr::ArrayCompr { .. } | Expr::SetCompr { .. } | Expr::ObjectCompr { .. })
            });
        }
    }
    deepest + LOOP * loops
}

fn of_expression(tree: &Expr) -> usize {
    let parts = walk::parts(tree).into_iter().map(|part| of_expression(part)).max().unwrap_or(0);
    match tree {
        Expr::ArrayCompr { query, .. } | Expr::SetCompr { query, .. } | Expr::ObjectCompr { query, .. } => {
            COMPREHENSION + of_query(query) + parts
        }
        Expr::Call { .. } | Expr::BoolExpr { .. } | Expr::ArithExpr { .. } | Expr::BinExpr { .. } | Expr::Membership { .. } => CALL + parts,
        _ if Path::of(tree).is_some() => OTHER,
        _ => OTHER + parts,
    }
}

fn is_constant(tree: &Expr) -> bool {
    let mut constant = true;
    walk::expression(tree, &mut |part| {
        constant &= !matches!(part, Expr::Var { .. } | Expr::Call { .. });
        constant
    });
    constant
}

fn too_deep(rule: &Rule) -> ModuleError {
    let help = "fewer rules that each wait for another one, and fewer loops inside of each other";
    ModuleError::at(rule.span(), "the evaluation would go too deep").with_help(help)
}
