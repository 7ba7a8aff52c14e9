//! Which functions there are. The crate resolves calls when it makes them; this is what compiling checks them by.

use super::list::MOST_WANTED;

/// How a function may be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::expression) struct Signature {
    pub name: &'static str,
    /// Called on a value, as in `x.f()`, or with all values as arguments.
    pub member: bool,
    /// The least and greatest number of arguments, the value that a member is called on not counted.
    pub arity: (usize, usize),
}

pub(in crate::expression) fn signature(name: &str, member: bool) -> Option<Signature> {
    all(member).find(|signature| signature.name == name)
}

/// Every name that can be called so, macros not included.
pub(in crate::expression) fn names(member: bool) -> impl Iterator<Item = &'static str> {
    all(member).map(|signature| signature.name)
}

fn all(member: bool) -> impl Iterator<Item = Signature> {
    let table = if member { MEMBERS } else { GLOBALS };
    let of = move |(least, most, names): &(usize, usize, &'static [&'static str])| {
        let arity = (*least, *most);
        names.iter().map(move |name| Signature { name, member, arity })
    };
    table.iter().flat_map(of)
}

/// What every build has. The rest is a library that a build carries when an expression of its configuration calls one of its names.
const BASIC: [&str; 17] = [
    "bool",
    "bytes",
    "contains",
    "double",
    "dyn",
    "endsWith",
    "hasAll",
    "hasAny",
    "int",
    "max",
    "min",
    "size",
    "startsWith",
    "string",
    "toLower",
    "toUpper",
    "uint",
];

pub(in crate::expression) fn is_in_library(name: &str) -> bool {
    !BASIC.contains(&name)
}

/// Whether a text may call a function of the library: one of its names stands before a parenthesis.
pub(crate) fn mentions_library(text: &str) -> bool {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.match_indices('(').any(|(at, _)| {
        let before = text.get(..at).unwrap_or_default().trim_end();
        let name = before.rsplit(|c| !is_name(c)).next().unwrap_or_default();
        let is_called = |function: &str| function.rsplit('.').next() == Some(name) && is_in_library(function);
        names(false).chain(names(true)).any(is_called)
    })
}

type Table = &'static [(usize, usize, &'static [&'static str])];

const GLOBALS: Table = &[
    (0, 0, &["now"]),
    (1, 1, &["bool", "bytes", "double", "duration", "dyn", "int", "size", "string", "timestamp", "type", "uint"]),
    (2, 2, &["matches"]),
    (1, 1, &["base64.decode", "base64.encode", "json.marshal", "json.parse", "strings.quote"]),
    (1, 1, &["net.isIP", "net.isIPv4", "net.isIPv6", "net.isPrivateIP"]),
    (2, 2, &["net.isIPInRange"]),
    (1, 1, &["time.isWeekday", "time.isWeekend"]),
    (2, 2, &["time.isWeekdayInTZ", "time.isWeekendInTZ"]),
    (1, 64, &["math.greatest", "math.least"]),
    (1, 1, &["math.abs", "math.ceil", "math.floor", "math.isFinite", "math.isInf", "math.isNaN", "math.round", "math.sign"]),
    (1, 1, &["math.bitNot", "math.sqrt", "math.trunc"]),
    (2, 2, &["math.bitAnd", "math.bitOr", "math.bitShiftLeft", "math.bitShiftRight", "math.bitXor"]),
];

const MEMBERS: Table = &[
    (0, 0, &["lowerAscii", "reverse", "size", "toLower", "toUpper", "trim", "upperAscii"]),
    (1, 1, &["charAt", "contains", "endsWith", "format", "matches", "startsWith"]),
    (1, 2, &["indexOf", "lastIndexOf", "split", "substring"]),
    (2, 3, &["replace"]),
    (0, 1, &["join"]),
    (0, 0, &["max", "min"]),
    (1, MOST_WANTED, &["hasAll", "hasAny"]),
    (0, 1, &["getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear", "getFullYear", "getHours", "getMilliseconds"]),
    (0, 1, &["getMinutes", "getMonth", "getSeconds"]),
];
