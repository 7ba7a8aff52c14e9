//! How deep rules call each other, and how deep values can become that they build. Both are bounded by the text alone, as Rego has
//! neither recursion nor accumulators; so nothing that a request holds can make an evaluation run out of stack.

use std::collections::BTreeMap;

use regorus::unstable::{Expr, Rule};

use super::Checked;
use crate::rego::error::ModuleError;
use crate::rego::outline::{Locals, Outline};
use crate::rego::path::Path;
use crate::rego::{MAX_CALLS, walk};

/// How many lists, sets and objects of a module's making can be around one value.
const MAX_WRAPPED: usize = 256;

/// # Errors
/// Rules that depend on themselves, or go too deep.
pub(super) fn check(outline: &Outline<'_>) -> Checked {
    let mut depths = Depths { outline, known: BTreeMap::new(), active: Vec::new() };
    for name in outline.rules.keys() {
        depths.of(name)?;
    }
    Ok(())
}

#[derive(Clone, Copy, Default)]
struct Depth {
    /// Rules and functions that wait for another while this one is evaluated, itself included.
    calls: usize,
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
        // Asked before the rest is looked at, as looking takes stack too.
        if self.active.len() >= MAX_CALLS {
            return Err(too_deep(first, format!("rules depend on each other more than {MAX_CALLS} deep")));
        }
        self.active.push(name);
        let mut depth = Depth { calls: 1, wrapped: 0 };
        for rule in rules {
            let own = self.rule(rule)?;
            depth = Depth { calls: depth.calls.max(own.calls), wrapped: depth.wrapped.max(own.wrapped) };
        }
        self.active.pop();
        if depth.wrapped > MAX_WRAPPED {
            return Err(too_deep(first, format!("lists and objects can be nested more than {MAX_WRAPPED} deep here")));
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
                    wrapped += usize::from(path.as_ref().is_some_and(|path| path.dotted() == "json.unmarshal")) * crate::json::MAX_DEPTH;
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
        let mut calls = 1;
        let mut deepest = 0;
        for path in &called {
            let function = self.named(path, &locals)?;
            calls = calls.max(1 + function.calls);
            wrapped = wrapped.saturating_add(function.wrapped);
        }
        for path in &referred {
            let rule = self.named(path, &locals)?;
            calls = calls.max(1 + rule.calls);
            deepest = deepest.max(rule.wrapped);
        }
        Ok(Depth { calls, wrapped: wrapped.saturating_add(deepest) })
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

fn is_constant(tree: &Expr) -> bool {
    let mut constant = true;
    walk::expression(tree, &mut |part| {
        constant &= !matches!(part, Expr::Var { .. } | Expr::Call { .. });
        constant
    });
    constant
}

fn too_deep(rule: &Rule, message: String) -> ModuleError {
    ModuleError::at(rule.span(), message).with_help("fewer rules that each build upon another one")
}
