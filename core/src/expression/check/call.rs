use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, operators};

use super::{Checked, Checker, VARIABLES, dotted};
use crate::expression::error::ExpressionError;
use crate::expression::functions::{Pattern, Signature, Zone, is_in_library, names, signature};
use crate::expression::names::did_you_mean;
use crate::expression::reads::path;
use crate::expression::tokens::Sought;
use crate::feature::Feature;

/// What can be called besides the functions.
const MEMBER_MACROS: [&str; 6] = ["all", "exists", "exists_one", "existsOne", "filter", "map"];
const GLOBAL_MACROS: [&str; 2] = ["cel.bind", "has"];

const OPERATORS: [&str; 20] = [
    operators::CONDITIONAL,
    operators::LOGICAL_AND,
    operators::LOGICAL_OR,
    operators::LOGICAL_NOT,
    operators::SUBSTRACT,
    operators::ADD,
    operators::MULTIPLY,
    operators::DIVIDE,
    operators::MODULO,
    operators::EQUALS,
    operators::NOT_EQUALS,
    operators::GREATER_EQUALS,
    operators::LESS_EQUALS,
    operators::GREATER,
    operators::LESS,
    operators::NEGATE,
    operators::INDEX,
    operators::OPT_INDEX,
    operators::NOT_STRICTLY_FALSE,
    operators::IN,
];

impl<'t> Checker<'t> {
    pub(super) fn call(&mut self, call: &'t CallExpr) -> Checked {
        let Some(target) = call.target.as_deref() else { return self.global(call) };
        // `net.isIP(x)` is a call of one function, unless `net` is a variable.
        let Some(namespace) = self.namespace(target) else {
            self.function(&call.func_name, true, &call.args)?;
            return self.node(target).and_then(|()| self.nodes(&call.args));
        };
        let name = format!("{namespace}.{}", call.func_name);
        match (name.as_str(), call.args.as_slice()) {
            ("cel.bind", [variable, value, inner]) => self.bind(variable, value, inner),
            ("cel.bind", _) => Err(self.error(Sought::Member("bind"), "`cel.bind` takes a name, its value and an expression".to_owned())),
            _ => self.function(&name, false, &call.args).and_then(|()| self.nodes(&call.args)),
        }
    }

    fn global(&mut self, call: &'t CallExpr) -> Checked {
        if !OPERATORS.contains(&call.func_name.as_str()) {
            self.function(&call.func_name, false, &call.args)?;
        } else if call.func_name == operators::INDEX {
            self.index(&call.args)?;
        } else if call.func_name == operators::IN {
            self.contained(&call.args)?;
        }
        self.nodes(&call.args)
    }

    fn nodes(&mut self, trees: &'t [IdedExpr]) -> Checked {
        trees.iter().try_for_each(|tree| self.node(tree))
    }

    fn index(&self, arguments: &[IdedExpr]) -> Checked {
        match arguments {
            [of, key] => text(key).map_or(Ok(()), |key| self.check_key(of, key, Sought::Text(key))),
            _ => Ok(()),
        }
    }

    /// `"x-a" in ctx.request.http.headers`
    fn contained(&self, arguments: &[IdedExpr]) -> Checked {
        match arguments {
            [key, of] if path(of).is_some_and(|path| path == ["request", "http", "headers"]) => {
                text(key).map_or(Ok(()), |key| self.check_header(key, Sought::Text(key)))
            }
            _ => Ok(()),
        }
    }

    fn function(&self, name: &str, member: bool, arguments: &[IdedExpr]) -> Checked {
        let last = name.rsplit('.').next().unwrap_or(name);
        let at = if member || last != name { Sought::Member(last) } else { Sought::Name(name) };
        let signature = signature(name, member).ok_or_else(|| self.unknown(name, member, at))?;
        if is_in_library(signature.name) && !Feature::ExpressionLibrary.is_built() {
            return Err(self.error(at, Feature::ExpressionLibrary.refusal()));
        }
        let (least, most) = signature.arity;
        if !(least..=most).contains(&arguments.len()) {
            let wanted = if least == most { least.to_string() } else { format!("{least} to {most}") };
            return Err(self.error(at, format!("`{name}` takes {wanted} arguments, not {}", arguments.len())));
        }
        if const { Feature::ExpressionLibrary.is_built() } { self.literals(signature, arguments, at) } else { Ok(()) }
    }

    /// A literal pattern must compile and a literal time zone must be known. Each is the last argument.
    fn literals(&self, signature: Signature, arguments: &[IdedExpr], at: Sought<'_>) -> Checked {
        let Some(last) = arguments.last().and_then(text) else { return Ok(()) };
        if signature.name == "matches" {
            let pattern = Pattern::compile(last);
            return pattern.map(|_| ()).map_err(|error| self.error(at, format!("the pattern cannot be used: {error}")));
        }
        let takes_zone = signature.name.ends_with("InTZ") || (signature.member && signature.name.starts_with("get"));
        if takes_zone && Zone::parse(last).is_none() {
            let help = "write UTC, an offset like +02:00, or an IANA name that the reference lists";
            return Err(self.error(Sought::Text(last), format!("unknown time zone {last:?}")).with_help(help));
        }
        Ok(())
    }

    fn bind(&mut self, variable: &'t IdedExpr, value: &'t IdedExpr, inner: &'t IdedExpr) -> Checked {
        let Expr::Ident(name) = &variable.expr else {
            return Err(self.error(Sought::Member("bind"), "`cel.bind` needs a plain name for the value".to_owned()));
        };
        self.variable(name)?;
        self.node(value)?;
        self.locals.push(name);
        self.node(inner)?;
        self.locals.pop();
        Ok(())
    }

    /// The name before the last dot of a call, if it is the namespace of functions.
    fn namespace(&self, target: &IdedExpr) -> Option<String> {
        let name = dotted(target)?;
        let root = name.split('.').next().unwrap_or_default();
        if self.locals.contains(&root) || VARIABLES.contains(&root) {
            return None;
        }
        let prefix = format!("{name}.");
        names(false).chain(GLOBAL_MACROS).any(|function| function.starts_with(&prefix)).then_some(name)
    }

    fn unknown(&self, name: &str, member: bool, at: Sought<'_>) -> ExpressionError {
        let macros: &[&str] = if member { &MEMBER_MACROS } else { &GLOBAL_MACROS };
        if macros.contains(&name) {
            // The parser expands a macro only when the number of arguments is right.
            return self.error(at, format!("`{name}` is called with a wrong number of arguments"));
        }
        let error = self.error(at, format!("unknown function `{name}`"));
        // Members called globally, and the other way round, are a mistake of their own.
        if signature(name, !member).is_some() || (!member && MEMBER_MACROS.contains(&name)) {
            return error.with_help(if member { format!("write {name}(x)") } else { format!("write x.{name}(…)") });
        }
        match did_you_mean(name, names(member).chain(macros.iter().copied())) {
            Some(help) => error.with_help(help),
            None => error,
        }
    }
}

/// The text of a literal.
fn text(tree: &IdedExpr) -> Option<&str> {
    match &tree.expr {
        Expr::Literal(LiteralValue::String(text)) => Some(text.inner()),
        _ => None,
    }
}
