//! Looks at every expression of a module.

use regorus::unstable::{Expr, Literal, Query, Ref, Rule, RuleHead};

/// Shows each expression of a rule, outermost first, but for the names of rules and parameters. Where the visitor says no, the parts
/// of that expression are left out.
pub(super) fn rule<'m>(rule: &'m Rule, visit: &mut dyn FnMut(&'m Expr) -> bool) {
    match rule {
        Rule::Default { value, .. } => expression(value, visit),
        Rule::Spec { head, bodies, .. } => {
            match head {
                RuleHead::Compr { refr, assign, .. } => {
                    keys(refr, visit);
                    assign.iter().for_each(|assign| expression(&assign.value, visit));
                }
                RuleHead::Set { refr, key, .. } => {
                    keys(refr, visit);
                    key.iter().for_each(|key| expression(key, visit));
                }
                RuleHead::Func { args, assign, .. } => {
                    args.iter().for_each(|arg| expression(arg, visit));
                    assign.iter().for_each(|assign| expression(&assign.value, visit));
                }
            }
            for body in bodies {
                body.assign.iter().for_each(|assign| expression(&assign.value, visit));
                query(&body.query, visit);
            }
        }
    }
}

pub(super) fn query<'m>(body: &'m Query, visit: &mut dyn FnMut(&'m Expr) -> bool) {
    for statement in &body.stmts {
        match &statement.literal {
            Literal::SomeVars { .. } => {}
            Literal::SomeIn { key, value, collection, .. } => {
                key.iter().for_each(|key| expression(key, visit));
                expression(value, visit);
                expression(collection, visit);
            }
            Literal::Expr { expr, .. } | Literal::NotExpr { expr, .. } => expression(expr, visit),
            Literal::Every { domain, query: inner, .. } => {
                expression(domain, visit);
                query(inner, visit);
            }
        }
        for modifier in &statement.with_mods {
            expression(&modifier.r#as, visit);
        }
    }
}

pub(super) fn expression<'m>(tree: &'m Expr, visit: &mut dyn FnMut(&'m Expr) -> bool) {
    if !visit(tree) {
        return;
    }
    for part in parts(tree) {
        expression(part, visit);
    }
    if let Expr::ArrayCompr { query: inner, .. } | Expr::SetCompr { query: inner, .. } | Expr::ObjectCompr { query: inner, .. } = tree {
        query(inner, visit);
    }
}

/// The parts of an expression, without the queries of comprehensions.
pub(super) fn parts(tree: &Expr) -> Vec<&Ref<Expr>> {
    match tree {
        Expr::String { .. } | Expr::RawString { .. } | Expr::Number { .. } | Expr::Bool { .. } | Expr::Null { .. } | Expr::Var { .. } => {
            Vec::new()
        }
        Expr::Array { items, .. } | Expr::Set { items, .. } => items.iter().collect(),
        Expr::Object { fields, .. } => fields.iter().flat_map(|(_, key, value)| [key, value]).collect(),
        Expr::ArrayCompr { term, .. } | Expr::SetCompr { term, .. } => vec![term],
        Expr::ObjectCompr { key, value, .. } => vec![key, value],
        // What is called is a name.
        Expr::Call { params, .. } => params.iter().collect(),
        Expr::UnaryExpr { expr, .. } => vec![expr],
        Expr::RefDot { refr, .. } => vec![refr],
        Expr::RefBrack { refr, index, .. } => vec![refr, index],
        Expr::BinExpr { lhs, rhs, .. }
        | Expr::BoolExpr { lhs, rhs, .. }
        | Expr::ArithExpr { lhs, rhs, .. }
        | Expr::AssignExpr { lhs, rhs, .. } => vec![lhs, rhs],
        Expr::Membership { key, value, collection, .. } => key.iter().chain([value, collection]).collect(),
    }
}

/// The keys in the name of a rule, as in `names[user.name]`.
fn keys<'m>(name: &'m Expr, visit: &mut dyn FnMut(&'m Expr) -> bool) {
    match name {
        Expr::RefDot { refr, .. } => keys(refr, visit),
        Expr::RefBrack { refr, index, .. } => {
            keys(refr, visit);
            expression(index, visit);
        }
        _ => {}
    }
}
