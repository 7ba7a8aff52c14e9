//! Functions on text: `toLower` and `toUpper`, and those of the strings extension whose cost is not linear in their arguments.
//! The extension's `indexOf` takes the product of the lengths, the results of its `replace`, `split` and `join` know no bound.

use cel::common::types::{CelInt, CelList, CelString, DYN_TYPE, INT_TYPE, Kind, STRING_TYPE, Type};
use cel::common::value::{CowVal, Val};
use cel::{DeclarationError, Env, ExecutionError, add_member_overload};

use crate::expression::run::{spend, spend_bytes};
use crate::expression::value::no_overload;

type Arguments<'b, 'v> = Vec<CowVal<'b, 'v>>;
type Evaluated<'b, 'v> = Result<CowVal<'b, 'v>, ExecutionError>;

/// What every build has.
pub(super) fn register_basic(env: &mut Env) -> Result<(), DeclarationError> {
    add_member_overload!(env, fn to_lower: (CelString) -> CelString)?;
    add_member_overload!(env, fn to_upper: (CelString) -> CelString)
}

/// The receivers are `dyn`, as the extension has declared these functions on `string` already; what is not a string is refused.
pub(super) fn register(env: &mut Env) -> Result<(), DeclarationError> {
    member(env, "replace", vec![STRING_TYPE, STRING_TYPE], replace)?;
    member(env, "replace", vec![STRING_TYPE, STRING_TYPE, INT_TYPE], replace)?;
    member(env, "split", vec![STRING_TYPE], split)?;
    member(env, "split", vec![STRING_TYPE, INT_TYPE], split)?;
    member(env, "join", vec![], join)?;
    member(env, "join", vec![STRING_TYPE], join)?;
    member(env, "indexOf", vec![STRING_TYPE], |arguments| index_of("indexOf", &arguments, false))?;
    member(env, "indexOf", vec![STRING_TYPE, INT_TYPE], |arguments| index_of("indexOf", &arguments, false))?;
    member(env, "lastIndexOf", vec![STRING_TYPE], |arguments| index_of("lastIndexOf", &arguments, true))?;
    member(env, "lastIndexOf", vec![STRING_TYPE, INT_TYPE], |arguments| index_of("lastIndexOf", &arguments, true))
}

fn member(env: &mut Env, name: &str, types: Vec<Type>, call: cel::common::functions::Function) -> Result<(), DeclarationError> {
    env.add_member_overload(name, &format!("metered.{name}/{}", types.len()), DYN_TYPE, types, call)
}

/// Unicode's mapping, which may change the length.
fn to_lower(text: &CelString<'_>) -> CelString<'static> {
    text.to_lowercase().into()
}

fn to_upper(text: &CelString<'_>) -> CelString<'static> {
    text.to_uppercase().into()
}

/// A negative number of replacements is as many as there are.
fn replace<'b, 'v>(arguments: Arguments<'b, 'v>) -> Evaluated<'b, 'v> {
    let refuse = || no_overload("replace", arguments.iter().map(AsRef::as_ref));
    let (text, rest) = receiver(&arguments).ok_or_else(refuse)?;
    let (from, to, most) = match rest {
        [from, to] => (string(from), string(to), Some(-1)),
        [from, to, most] => (string(from), string(to), int(most)),
        _ => return Err(refuse()),
    };
    let (Some(from), Some(to), Some(most)) = (from, to, most) else { return Err(refuse()) };
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    spend_bytes(text.len())?;
    let times = text.matches(from).take(most).count();
    spend_bytes(text.len().saturating_add(times.saturating_mul(to.len())))?;
    Ok(CowVal::owned(CelString::from(text.replacen(from, to, most))))
}

/// With a bound, the last part is the rest. An empty separator is between all characters.
fn split<'b, 'v>(arguments: Arguments<'b, 'v>) -> Evaluated<'b, 'v> {
    let refuse = || no_overload("split", arguments.iter().map(AsRef::as_ref));
    let (text, rest) = receiver(&arguments).ok_or_else(refuse)?;
    let (separator, most) = match rest {
        [separator] => (string(separator), Some(-1)),
        [separator, most] => (string(separator), int(most)),
        _ => return Err(refuse()),
    };
    let (Some(separator), Some(most)) = (separator, most) else { return Err(refuse()) };
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    spend_bytes(text.len())?;
    let mut parts: Vec<&str> = Vec::new();
    let mut rest = Some(text);
    while let Some(text) = rest.filter(|text| parts.len() < most && !(separator.is_empty() && text.is_empty())) {
        // Every part is a value of its own.
        spend(1)?;
        let cut = if parts.len() + 1 == most { None } else { cut(text, separator) };
        parts.push(cut.map_or(text, |(part, _)| part));
        rest = cut.map(|(_, rest)| rest);
    }
    let parts = parts.into_iter().map(|part| Box::new(CelString::from(part.to_owned())) as Box<dyn Val + 'v>);
    Ok(CowVal::owned(CelList::from(parts.collect::<Vec<_>>())))
}

fn join<'b, 'v>(arguments: Arguments<'b, 'v>) -> Evaluated<'b, 'v> {
    let refuse = || no_overload("join", arguments.iter().map(AsRef::as_ref));
    let (list, separator) = match arguments.as_slice() {
        [list] => (list, ""),
        [list, separator] => (list, string(separator).ok_or_else(refuse)?),
        _ => return Err(refuse()),
    };
    let list = Some(list).filter(|list| list.get_type().kind() == Kind::List).and_then(|list| list.as_iterable()).ok_or_else(refuse)?;
    let mut joined = String::new();
    let (mut elements, mut is_first) = (list.iter(), true);
    while let Some(element) = elements.next() {
        let text = element.downcast_ref::<CelString>().ok_or_else(refuse)?.inner();
        spend_bytes(separator.len().saturating_add(text.len()))?;
        if !std::mem::take(&mut is_first) {
            joined.push_str(separator);
        }
        joined.push_str(text);
    }
    Ok(CowVal::owned(CelString::from(joined)))
}

fn cut<'t>(text: &'t str, separator: &str) -> Option<(&'t str, &'t str)> {
    if !separator.is_empty() {
        return text.split_once(separator);
    }
    text.split_at_checked(text.chars().next()?.len_utf8())
}

/// In characters; the offset is where the search begins, or for the last occurrence the last place where it may begin.
fn index_of<'b, 'v>(function: &str, arguments: &[CowVal<'b, 'v>], last: bool) -> Evaluated<'b, 'v> {
    let refuse = || no_overload(function, arguments.iter().map(AsRef::as_ref));
    let (text, rest) = receiver(arguments).ok_or_else(refuse)?;
    let (needle, offset) = match rest {
        [needle] => (string(needle), None),
        [needle, offset] => (string(needle), Some(int(offset).ok_or_else(refuse)?)),
        _ => return Err(refuse()),
    };
    let needle = needle.ok_or_else(refuse)?;
    spend_bytes(text.len() + needle.len())?;
    let length = text.chars().count();
    let outside = || ExecutionError::function_error(function, "the index is out of range");
    let start = match offset {
        None if last => length,
        None => 0,
        Some(offset) => usize::try_from(offset).map_err(|_| outside())?,
    };
    let found = if needle.is_empty() {
        Some(start.min(length))
    } else if offset.is_some() && start >= length {
        return Err(outside());
    } else {
        let at = text.char_indices().nth(start).map_or(text.len(), |(at, _)| at);
        let byte = if last {
            let end = text.floor_char_boundary(at.saturating_add(needle.len()));
            text.get(..end).and_then(|text| text.rfind(needle))
        } else {
            text.get(at..).and_then(|rest| rest.find(needle)).map(|byte| at + byte)
        };
        byte.and_then(|byte| text.get(..byte)).map(|before| before.chars().count())
    };
    let found = found.and_then(|found| i64::try_from(found).ok()).unwrap_or(-1);
    Ok(CowVal::owned(CelInt::from(found)))
}

fn receiver<'a, 'b, 'v>(arguments: &'a [CowVal<'b, 'v>]) -> Option<(&'a str, &'a [CowVal<'b, 'v>])> {
    let (first, rest) = arguments.split_first()?;
    Some((string(first)?, rest))
}

fn string<'a>(value: &'a CowVal<'_, '_>) -> Option<&'a str> {
    value.downcast_ref::<CelString>().map(CelString::inner)
}

fn int(value: &CowVal<'_, '_>) -> Option<i64> {
    value.downcast_ref::<CelInt>().map(|int| *int.inner())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::testing::test;

    /// What is replaced gives what the extension gives, errors included.
    #[test]
    fn the_extension_agrees() {
        let mut theirs = Env::stdlib();
        theirs.add_extension(cel::extensions::strings).unwrap();
        let mut ours = Env::stdlib();
        register(&mut ours).unwrap();
        let (theirs, ours) = (Arc::new(theirs), Arc::new(ours));
        let texts = ["''", "'a'", "'aa'", "'é,aé,,aa'", "'tacocat'"];
        let needles = ["''", "'a'", "','", "'aé'", "'tacocats'", "'co'"];
        let agree = |source: &str| {
            let evaluate = |env: &Arc<Env>| {
                let run = || env.compile(source).unwrap().execute(&cel::Context::with_env(Arc::clone(env))).ok();
                crate::expression::run::metered(&crate::context::Budget::default(), crate::platform::Timestamp(0), run).unwrap()
            };
            assert_eq!(evaluate(&ours), evaluate(&theirs), "{source}");
        };
        for list in ["[]", "['a']", "['a', 'é', '']", "['a', 1]", "'a'", "{'a': 'b'}"] {
            for call in ["join()", "join('')", "join(', ')", "join(1)"] {
                agree(&format!("{list}.{call}"));
            }
        }
        let mut compared = 0;
        for (text, needle) in texts.iter().flat_map(|text| needles.iter().map(move |needle| (text, needle))) {
            let mut calls = vec![format!("split({needle})"), format!("replace({needle}, 'xé')")];
            calls.extend([format!("indexOf({needle})"), format!("lastIndexOf({needle})")]);
            for number in [-1, 0, 1, 2, 3, 6, 7, 8, 20] {
                calls.extend([format!("split({needle}, {number})"), format!("replace({needle}, '-', {number})")]);
                calls.extend([format!("indexOf({needle}, {number})"), format!("lastIndexOf({needle}, {number})")]);
            }
            for call in calls {
                agree(&format!("{text}.{call}"));
                compared += 1;
            }
        }
        assert_eq!(compared, 5 * 6 * 40);
    }
}
