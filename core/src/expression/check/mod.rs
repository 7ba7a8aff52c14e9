//! What could only fail at run time, or be false for ever, is refused when the expression is compiled.

mod call;
mod path;

#[cfg(feature = "rego")]
pub(crate) use path::missing_key;

use cel::common::ast::{Expr, IdedExpr};

use super::MAX_MACRO_NESTING;
use super::error::ExpressionError;
use super::names::did_you_mean;
use super::parse::children;
use super::tokens::{Sought, Tokens};

/// The variables of every expression.
const VARIABLES: [&str; 2] = ["attrs", "ctx"];

/// The names of types, which are values.
const TYPES: [&str; 10] = ["bool", "bytes", "double", "int", "list", "map", "null_type", "string", "type", "uint"];

const QUALIFIED_TYPES: [&str; 2] = ["google.protobuf.Duration", "google.protobuf.Timestamp"];

pub(super) fn check(tree: &IdedExpr, tokens: &Tokens<'_>) -> Result<(), ExpressionError> {
    Checker { tokens, locals: Vec::new(), walks: 0 }.node(tree)
}

type Checked = Result<(), ExpressionError>;

struct Checker<'t> {
    tokens: &'t Tokens<'t>,
    /// The variables of the macros around this place, outermost first.
    locals: Vec<&'t str>,
    /// How many macros that walk lists are around this place.
    walks: usize,
}

impl<'t> Checker<'t> {
    fn node(&mut self, tree: &'t IdedExpr) -> Checked {
        match &tree.expr {
            Expr::Ident(name) => self.name(name),
            Expr::Select(_) if is_type(tree) => Ok(()),
            Expr::Select(select) => {
                self.check_key(&select.operand, &select.field, Sought::Member(&select.field))?;
                self.node(&select.operand)
            }
            Expr::Call(call) => self.call(call),
            Expr::Comprehension(fold) => {
                self.node(&fold.iter_range)?;
                self.variable(&fold.iter_var)?;
                if self.walks == MAX_MACRO_NESTING {
                    let message = format!("`all`, `exists`, `map` and the like are nested more than {MAX_MACRO_NESTING} deep");
                    return Err(self.error(Sought::Name(&fold.iter_var), message));
                }
                self.walks += 1;
                self.locals.extend([fold.iter_var.as_str(), fold.accu_var.as_str()]);
                for inner in [&fold.accu_init, &fold.loop_cond, &fold.loop_step, &fold.result] {
                    self.node(inner)?;
                }
                self.locals.truncate(self.locals.len().saturating_sub(2));
                self.walks -= 1;
                Ok(())
            }
            Expr::Struct(message) => {
                Err(self.error(Sought::Name(&message.type_name), format!("there is no message type `{}`", message.type_name)))
            }
            // The interpreter panics on it. The parser makes it of errors only.
            Expr::Unspecified => Err(ExpressionError::new(0, "the expression cannot be parsed")),
            Expr::Literal(_) | Expr::List(_) | Expr::Map(_) => children(tree).into_iter().try_for_each(|child| self.node(child)),
        }
    }

    fn name(&self, name: &str) -> Checked {
        if self.locals.contains(&name) || VARIABLES.contains(&name) || TYPES.contains(&name) {
            return Ok(());
        }
        let known = VARIABLES.into_iter().chain(self.locals.iter().copied().filter(|local| !local.starts_with('@')));
        let help = did_you_mean(name, known).unwrap_or_else(|| "an expression sees `ctx` and, in a policy, `attrs`".to_owned());
        Err(self.error(Sought::Name(name), format!("unknown variable `{name}`")).with_help(help))
    }

    /// A name that a macro gives to an element.
    fn variable(&self, name: &str) -> Checked {
        if VARIABLES.contains(&name) {
            return Err(self.error(Sought::Name(name), format!("`{name}` cannot name an element: it would hide the variable")));
        }
        Ok(())
    }

    fn error(&self, at: Sought<'_>, message: String) -> ExpressionError {
        ExpressionError::new(self.tokens.find(at), message)
    }
}

fn is_type(tree: &IdedExpr) -> bool {
    dotted(tree).is_some_and(|name| QUALIFIED_TYPES.contains(&name.as_str()))
}

/// The text of a dotted name.
fn dotted(tree: &IdedExpr) -> Option<String> {
    match &tree.expr {
        Expr::Ident(name) => Some(name.clone()),
        Expr::Select(select) if !select.test => Some(format!("{}.{}", dotted(&select.operand)?, select.field)),
        _ => None,
    }
}
