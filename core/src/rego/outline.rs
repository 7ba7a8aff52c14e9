use std::collections::{BTreeMap, BTreeSet};

use regorus::unstable::{AssignOp, Expr, Literal, Module, Query, Rule, RuleHead, Span};

use super::path::Path;
use super::walk;

/// What names mean in a module.
pub(super) struct Outline<'m> {
    /// The package's path: `octelium`, `condition`.
    pub package: Vec<&'m str>,
    /// Rules and functions by the first part of their names.
    pub rules: BTreeMap<&'m str, Vec<&'m Rule>>,
    /// Dotted names of functions.
    pub functions: BTreeSet<String>,
    /// Names that imports give to parts of the input, and rules that are nothing but another name for something.
    pub aliases: BTreeMap<&'m str, Vec<Path<'m>>>,
}

impl<'m> Outline<'m> {
    /// `decision` is the rule that is asked for from outside.
    pub fn of(module: &'m Module, decision: &str) -> Self {
        let mut outline = Self {
            package: Path::of(&module.package.refr).map(|path| path_with_root(&path)).unwrap_or_default(),
            rules: BTreeMap::new(),
            functions: BTreeSet::new(),
            aliases: BTreeMap::new(),
        };
        for import in &module.imports {
            let Some(path) = Path::of(&import.refr).filter(|path| path.root.text() == "input") else { continue };
            let name = import.r#as.as_ref().map(Span::text).or(path.keys.last().map(|(key, _)| *key));
            outline.aliases.entry(name.unwrap_or("input")).or_default().push(path);
        }
        for rule in &module.policy {
            let Some(name) = name(rule) else { continue };
            outline.rules.entry(name.root.text()).or_default().push(rule);
            if matches!(&**rule, Rule::Spec { head: RuleHead::Func { .. }, .. }) {
                outline.functions.insert(name.dotted());
            }
            if let Some(path) = other_name(rule)
                && name.root.text() != decision
            {
                outline.aliases.entry(name.root.text()).or_default().push(path);
            }
        }
        outline
    }

    /// The name of a rule of this module in a path from `data`; what follows it are keys of its value.
    pub fn rule_in_data(&self, path: &Path<'m>) -> Option<&'m str> {
        let (package, rest) = path.keys.split_at_checked(self.package.len())?;
        let is_here = package.iter().map(|(key, _)| *key).eq(self.package.iter().copied());
        rest.first().map(|(rule, _)| *rule).filter(|_| is_here)
    }
}

/// The name of a rule or function, up to its first key that is not literal.
pub(super) fn name(rule: &Rule) -> Option<Path<'_>> {
    fn literal_part(tree: &Expr) -> Option<Path<'_>> {
        Path::of(tree).or_else(|| match tree {
            Expr::RefDot { refr, .. } | Expr::RefBrack { refr, .. } => literal_part(refr),
            _ => None,
        })
    }
    let (Rule::Default { refr, .. }
    | Rule::Spec { head: RuleHead::Compr { refr, .. } | RuleHead::Set { refr, .. } | RuleHead::Func { refr, .. }, .. }) = rule;
    literal_part(refr)
}

/// The names that a rule binds for itself, and what those stand for that are only other names.
pub(super) struct Locals<'m> {
    pub bound: BTreeSet<&'m str>,
    pub aliases: BTreeMap<&'m str, Vec<Path<'m>>>,
}

impl<'m> Locals<'m> {
    pub fn of(rule: &'m Rule) -> Self {
        let mut locals = Self { bound: BTreeSet::new(), aliases: BTreeMap::new() };
        if let Rule::Spec { head: RuleHead::Func { args, .. }, .. } = rule {
            args.iter().for_each(|arg| locals.bind(arg));
        }
        walk::rule(rule, &mut |tree| {
            if let Expr::AssignExpr { op: AssignOp::ColEq, lhs, .. } = tree {
                locals.bind(lhs);
            }
            if let Some((name, path)) = alias(tree) {
                locals.aliases.entry(name).or_default().push(path);
            }
            if let Expr::ArrayCompr { query, .. } | Expr::SetCompr { query, .. } | Expr::ObjectCompr { query, .. } = tree {
                locals.declare(query);
            }
            true
        });
        if let Rule::Spec { bodies, .. } = rule {
            bodies.iter().for_each(|body| locals.declare(&body.query));
        }
        locals
    }

    fn declare(&mut self, query: &'m Query) {
        for statement in &query.stmts {
            match &statement.literal {
                Literal::SomeVars { vars, .. } => self.bound.extend(vars.iter().map(Span::text)),
                Literal::SomeIn { key, value, .. } => key.iter().chain([value]).for_each(|pattern| self.bind(pattern)),
                Literal::Every { key, value, query, .. } => {
                    self.bound.extend(key.iter().chain([value]).map(Span::text));
                    self.declare(query);
                }
                Literal::Expr { .. } | Literal::NotExpr { .. } => {}
            }
        }
    }

    fn bind(&mut self, pattern: &'m Expr) {
        walk::expression(pattern, &mut |tree| {
            if let Expr::Var { span, .. } = tree {
                self.bound.insert(span.text());
            }
            true
        });
    }
}

/// `http := input.ctx.request.http`: only another name, so what is read of it shows where the name is used.
pub(super) fn alias(tree: &Expr) -> Option<(&str, Path<'_>)> {
    let Expr::AssignExpr { op: AssignOp::ColEq, lhs, rhs, .. } = tree else { return None };
    match &**lhs {
        Expr::Var { span, .. } => Some((span.text(), Path::of(rhs)?)),
        _ => None,
    }
}

/// What a rule is another name for.
pub(super) fn other_name(rule: &Rule) -> Option<Path<'_>> {
    let Rule::Spec { head: RuleHead::Compr { refr, assign: Some(assign), .. }, bodies, .. } = rule else { return None };
    let is_plain = matches!(&**refr, Expr::Var { .. }) && bodies.is_empty();
    is_plain.then(|| Path::of(&assign.value)).flatten()
}

fn path_with_root<'m>(path: &Path<'m>) -> Vec<&'m str> {
    std::iter::once(path.root.text()).chain(path.keys()).collect()
}
