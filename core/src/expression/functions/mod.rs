//! The functions that expressions can call: the standard library of CEL, its extensions for strings, maths and encoders, and
//! the gateway's own.

mod convert;
mod encode;
mod format;
mod list;
mod math;
mod net;
mod number_text;
mod string;
mod time;
mod zone;

use super::evaluate::{Evaluated, Fault, Run};
use super::value::Value;

pub(super) use string::matches_text;
pub(super) use zone::Zone;

/// A function, or all overloads of it.
pub(super) struct Function {
    /// With its namespace, as in `net.isIP`.
    pub name: &'static str,
    pub style: Style,
    /// The least and greatest number of arguments; the target of a member call is the first.
    pub arity: (usize, usize),
    pub call: for<'a> fn(&Run<'a>, &[Value<'a>]) -> Evaluated<'a>,
}

/// How a function is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// `f(x)`
    Global,
    /// `x.f()`
    Member,
    /// Either way.
    Both,
}

/// For functions that take as many arguments as there are.
const MANY: usize = 64;

/// Finds a function by its name and style; the number of arguments is the caller's to check.
pub(super) fn find(name: &str, member: bool) -> Option<&'static Function> {
    all().find(|function| function.name == name && function.style.fits(member))
}

/// Every name that can be called in this style, macros not included.
pub(super) fn names(member: bool) -> impl Iterator<Item = &'static str> {
    all().filter(move |function| function.style.fits(member)).map(|function| function.name)
}

fn all() -> impl Iterator<Item = &'static Function> {
    [convert::FUNCTIONS, encode::FUNCTIONS, list::FUNCTIONS, math::FUNCTIONS, net::FUNCTIONS, string::FUNCTIONS, time::FUNCTIONS]
        .into_iter()
        .flatten()
}

impl Style {
    fn fits(self, member: bool) -> bool {
        match self {
            Self::Global => !member,
            Self::Member => member,
            Self::Both => true,
        }
    }
}

impl Function {
    const fn global(name: &'static str, arity: (usize, usize), call: for<'a> fn(&Run<'a>, &[Value<'a>]) -> Evaluated<'a>) -> Self {
        Self { name, style: Style::Global, arity, call }
    }

    const fn member(name: &'static str, arity: (usize, usize), call: for<'a> fn(&Run<'a>, &[Value<'a>]) -> Evaluated<'a>) -> Self {
        Self { name, style: Style::Member, arity, call }
    }

    const fn both(name: &'static str, arity: (usize, usize), call: for<'a> fn(&Run<'a>, &[Value<'a>]) -> Evaluated<'a>) -> Self {
        Self { name, style: Style::Both, arity, call }
    }
}

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// The fault of a call whose arguments have the wrong types.
fn no_overload(name: &str, arguments: &[Value<'_>]) -> Fault {
    let types: Vec<&str> = arguments.iter().map(Value::type_name).collect();
    Fault::error(format!("`{name}` does not take ({})", types.join(", ")))
}
