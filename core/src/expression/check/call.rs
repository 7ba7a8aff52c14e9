use regex_lite::Regex;

use super::{Checked, Checker, dotted, path};
use crate::expression::MAX_MACRO_NESTING;
use crate::expression::error::ExpressionError;
use crate::expression::functions::{self, Function, Style, Zone};
use crate::expression::names::did_you_mean;
use crate::expression::node::{Fold, FoldKind, Node};
use crate::expression::syntax::{Syntax, Tree};

/// What can be called besides the functions.
const MEMBER_MACROS: [&str; 6] = ["all", "exists", "exists_one", "existsOne", "filter", "map"];
const GLOBAL_MACROS: [&str; 2] = ["cel.bind", "has"];

impl<'t> Checker<'t> {
    pub(super) fn call(&mut self, tree: &'t Tree, target: Option<&'t Tree>, name: &str, arguments: &'t [Tree]) -> Checked {
        let Some(target) = target else {
            return match (name, arguments) {
                ("has", [of]) => self.has(of),
                _ => self.function(tree, name, None, arguments),
            };
        };
        // `net.isIP(x)` is a call of one function, unless `net` is a variable.
        if let Some(namespace) = self.namespace(target) {
            let name = format!("{namespace}.{name}");
            return match (name.as_str(), arguments) {
                ("cel.bind", [variable, value, inner]) => self.bind(variable, value, inner),
                _ => self.function(tree, &name, None, arguments),
            };
        }
        match (name, arguments) {
            ("all", [variable, test]) => self.fold(tree, FoldKind::All, target, variable, Some(test), None),
            ("exists", [variable, test]) => self.fold(tree, FoldKind::Exists, target, variable, Some(test), None),
            ("exists_one" | "existsOne", [variable, test]) => self.fold(tree, FoldKind::ExistsOne, target, variable, Some(test), None),
            ("filter", [variable, test]) => self.fold(tree, FoldKind::Collect, target, variable, Some(test), None),
            ("map", [variable, transform]) => self.fold(tree, FoldKind::Collect, target, variable, None, Some(transform)),
            ("map", [variable, test, transform]) => self.fold(tree, FoldKind::Collect, target, variable, Some(test), Some(transform)),
            _ => self.function(tree, name, Some(target), arguments),
        }
    }

    /// The name before the last dot of a call, if it is the namespace of functions.
    fn namespace(&self, target: &Tree) -> Option<String> {
        let name = dotted(target)?;
        let root = name.split('.').next().unwrap_or_default();
        if self.locals.contains(&root) || super::VARIABLES.contains(&root) {
            return None;
        }
        let prefix = format!("{name}.");
        functions::names(false).chain(GLOBAL_MACROS).any(|function| function.starts_with(&prefix)).then_some(name)
    }

    fn function(&mut self, tree: &'t Tree, name: &str, target: Option<&'t Tree>, arguments: &'t [Tree]) -> Checked {
        let function = functions::find(name, target.is_some()).ok_or_else(|| unknown(tree.at, name, target.is_some()))?;
        let nodes: Vec<Node> = target.into_iter().chain(arguments).map(|tree| self.node(tree)).collect::<Result<_, _>>()?;
        let (least, most) = function.arity;
        if !(least..=most).contains(&nodes.len()) {
            return Err(wrong_count(tree.at, function, target.is_some(), nodes.len()));
        }
        check_zone(tree.at, function, &nodes)?;
        if function.name == "matches" {
            return matches(tree.at, function, nodes);
        }
        Ok(Node::Call(function, nodes))
    }

    fn has(&mut self, of: &'t Tree) -> Checked {
        let Syntax::Select(of, field) = &of.syntax else {
            return Err(ExpressionError::new(of.at, "`has` takes a selection").with_help("write has(a.b)"));
        };
        let of_node = self.node(of)?;
        path::check_key(of.at, &of_node, field)?;
        Ok(Node::Has(Box::new(of_node), field.as_str().into()))
    }

    fn bind(&mut self, variable: &'t Tree, value: &'t Tree, inner: &'t Tree) -> Checked {
        let value = self.node(value)?;
        let name = self.variable(variable)?;
        self.locals.push(name);
        let inner = self.node(inner);
        self.locals.pop();
        Ok(Node::Bind(Box::new((value, inner?))))
    }

    fn fold(
        &mut self,
        tree: &Tree,
        kind: FoldKind,
        range: &'t Tree,
        variable: &'t Tree,
        test: Option<&'t Tree>,
        transform: Option<&'t Tree>,
    ) -> Checked {
        let range = self.node(range)?;
        let name = self.variable(variable)?;
        self.walks += 1;
        if self.walks > MAX_MACRO_NESTING {
            let message = format!("`all`, `exists`, `map` and the like are nested more than {MAX_MACRO_NESTING} deep");
            return Err(ExpressionError::new(tree.at, message));
        }
        self.locals.push(name);
        let test = test.map(|test| self.node(test)).transpose();
        let transform = transform.map(|transform| self.node(transform)).transpose();
        self.locals.pop();
        self.walks -= 1;
        Ok(Node::Fold(Box::new(Fold { kind, range, test: test?, transform: transform? })))
    }

    fn variable(&self, tree: &'t Tree) -> Result<&'t str, ExpressionError> {
        match &tree.syntax {
            Syntax::Name(name) if super::VARIABLES.contains(&name.as_str()) => {
                Err(ExpressionError::new(tree.at, format!("`{name}` cannot name an element: it would hide the variable")))
            }
            Syntax::Name(name) => Ok(name),
            _ => Err(ExpressionError::new(tree.at, "a plain name is needed for the element")),
        }
    }
}

/// Compiles a literal pattern.
fn matches(at: usize, function: &'static Function, mut nodes: Vec<Node>) -> Checked {
    let regex = match nodes.get(1) {
        Some(Node::Text(pattern)) => Regex::new(pattern),
        _ => return Ok(Node::Call(function, nodes)),
    };
    let regex = regex.map_err(|error| ExpressionError::new(at, format!("the pattern cannot be used: {error}")))?;
    Ok(Node::Matches(Box::new(nodes.swap_remove(0)), regex))
}

/// A literal time zone must be known. Only the functions on time take a zone, always last.
fn check_zone(at: usize, function: &Function, nodes: &[Node]) -> Result<(), ExpressionError> {
    let takes_zone = function.name.ends_with("InTZ") || (function.name.starts_with("get") && function.style == Style::Member);
    match nodes.get(1) {
        Some(Node::Text(zone)) if takes_zone && Zone::parse(zone).is_none() => {
            Err(ExpressionError::new(at, format!("unknown time zone {zone:?}"))
                .with_help("write UTC, an offset like +02:00, or an IANA name that the reference lists"))
        }
        _ => Ok(()),
    }
}

fn unknown(at: usize, name: &str, member: bool) -> ExpressionError {
    let error = ExpressionError::new(at, format!("unknown function `{name}`"));
    // Members called globally, and the other way round, are a mistake of their own.
    if functions::find(name, !member).is_some() || (!member && MEMBER_MACROS.contains(&name)) {
        return error.with_help(if member { format!("write {name}(x)") } else { format!("write x.{name}(…)") });
    }
    let macros: &[&str] = if member { &MEMBER_MACROS } else { &GLOBAL_MACROS };
    match did_you_mean(name, functions::names(member).chain(macros.iter().copied())) {
        Some(help) => error.with_help(help),
        None => error,
    }
}

fn wrong_count(at: usize, function: &Function, member: bool, count: usize) -> ExpressionError {
    let target = usize::from(member);
    let (least, most) = (function.arity.0.saturating_sub(target), function.arity.1.saturating_sub(target));
    let wanted = if least == most { least.to_string() } else { format!("{least} to {most}") };
    ExpressionError::new(at, format!("`{}` takes {wanted} arguments, not {}", function.name, count - target))
}
