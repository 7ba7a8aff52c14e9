//! What could only fail at run time, or be undefined for ever, is refused when the module is compiled.

mod call;
mod depth;
mod name;

use regorus::unstable::{Expr, Literal, Module, Query, Rule, RuleHead};

use super::Purpose;
use super::error::ModuleError;
use super::outline::{Locals, Outline};
use super::path::Path;
use super::walk;

type Checked = Result<(), ModuleError>;

/// # Errors
/// The first mistake.
pub(super) fn check(module: &Module, outline: &Outline<'_>, purpose: Purpose) -> Checked {
    package(module, outline, purpose)?;
    for import in &module.imports {
        name::import(import, purpose)?;
    }
    decision(module, outline, purpose)?;
    for rule in &module.policy {
        let mut checker = Checker { outline, locals: Locals::of(rule), purpose, checked: Ok(()) };
        walk::rule(rule, &mut |tree| checker.visit(tree));
        checker.checked?;
        if let Rule::Spec { bodies, .. } = &**rule {
            bodies.iter().try_for_each(|body| no_modifiers(&body.query))?;
        }
    }
    depth::check(outline)
}

fn package(module: &Module, outline: &Outline<'_>, purpose: Purpose) -> Checked {
    if module.target.is_some() {
        return Err(ModuleError::at(&module.package.span, "`__target__` means nothing here"));
    }
    let [_, last] = outline.package.as_slice() else { return Err(wrong_package(module, purpose)) };
    if *last == purpose.package() && matches!(outline.package.first(), Some(&("octelium" | "postern"))) {
        return Ok(());
    }
    Err(wrong_package(module, purpose))
}

fn wrong_package(module: &Module, purpose: Purpose) -> ModuleError {
    let help = format!("begin with `package octelium.{}`", purpose.package());
    ModuleError::at(&module.package.span, "the module has another package than is asked for here").with_help(help)
}

/// The rule that is asked for has one value, which does not depend on a key or an argument.
fn decision(module: &Module, outline: &Outline<'_>, purpose: Purpose) -> Checked {
    let rules = outline.rules.get(purpose.decision()).map(Vec::as_slice).unwrap_or_default();
    if rules.is_empty() {
        let error = ModuleError::at(&module.package.span, format!("there is no rule `{}`", purpose.decision()));
        return Err(error.with_help(purpose.example()));
    }
    for rule in rules {
        let (Rule::Default { refr, .. } | Rule::Spec { head: RuleHead::Compr { refr, .. }, .. }) = rule else {
            return Err(no_decision(rule, purpose));
        };
        if !matches!(&**refr, Expr::Var { .. }) || matches!(rule, Rule::Default { args, .. } if !args.is_empty()) {
            return Err(no_decision(rule, purpose));
        }
    }
    Ok(())
}

fn no_decision(rule: &Rule, purpose: Purpose) -> ModuleError {
    let message = format!("`{}` is not {} here", purpose.decision(), purpose.wanted());
    ModuleError::at(rule.span(), message).with_help(purpose.example())
}

/// `with` evaluates rules again for another input, which costs what nobody counts. It is made for tests of modules.
fn no_modifiers(query: &Query) -> Checked {
    for statement in &query.stmts {
        if let Some(modifier) = statement.with_mods.first() {
            return Err(ModuleError::at(&modifier.span, "`with` is for tests of a module, and not supported in a rule that serves"));
        }
        let mut inner = Ok(());
        let mut visit = |tree: &Expr| {
            if let Expr::ArrayCompr { query, .. } | Expr::SetCompr { query, .. } | Expr::ObjectCompr { query, .. } = tree
                && inner.is_ok()
            {
                inner = no_modifiers(query);
                return false;
            }
            true
        };
        match &statement.literal {
            Literal::SomeVars { .. } => {}
            Literal::SomeIn { collection, .. } => walk::expression(collection, &mut visit),
            Literal::Expr { expr, .. } | Literal::NotExpr { expr, .. } => walk::expression(expr, &mut visit),
            Literal::Every { domain, query, .. } => {
                walk::expression(domain, &mut visit);
                no_modifiers(query)?;
            }
        }
        inner?;
    }
    Ok(())
}

struct Checker<'o, 'm> {
    outline: &'o Outline<'m>,
    locals: Locals<'m>,
    purpose: Purpose,
    checked: Checked,
}

impl<'m> Checker<'_, 'm> {
    /// Gives whether the parts of the expression have to be looked at.
    fn visit(&mut self, tree: &'m Expr) -> bool {
        if self.checked.is_err() {
            return false;
        }
        match tree {
            Expr::Call { fcn, params, .. } => self.checked = self.call(tree.span(), fcn, params),
            _ => {
                if let Some(path) = Path::of(tree) {
                    self.checked = self.reference(&path);
                    return false;
                }
            }
        }
        true
    }
}
