//! From a checked expression to a value.

mod fold;
mod operator;
mod run;

use std::collections::BTreeMap;
use std::rc::Rc;

pub(super) use operator::{contains, duration, timestamp};
pub(super) use run::{Fault, Run};

use super::functions::matches_text;
use super::node::Node;
use super::value::{Key, List, Map, Text, Value, from_json};

pub(super) type Evaluated<'a> = Result<Value<'a>, Fault>;

/// Evaluates a node. Its recursion is as deep as the tree, which is bounded.
pub(super) fn evaluate<'a>(run: &Run<'a>, node: &'a Node) -> Evaluated<'a> {
    run.spend(1)?;
    Ok(match node {
        Node::Null => Value::Null,
        Node::Bool(b) => Value::Bool(*b),
        Node::Int(i) => Value::Int(*i),
        Node::Uint(u) => Value::Uint(*u),
        Node::Double(d) => Value::Double(*d),
        Node::Text(text) => Value::Text(Text::Borrowed(text)),
        Node::Bytes(bytes) => Value::Bytes(Rc::from(&**bytes)),
        Node::Type(t) => Value::Type(*t),
        Node::Context => Value::Map(Map::Context(run.context, crate::context::Object::Root)),
        Node::Attributes => from_json(run.attributes.ok_or_else(|| Fault::missing("attrs"))?),
        Node::Local(index) => run.local(*index)?,
        Node::Select(of, field) => select(run, &evaluate(run, of)?, field)?,
        Node::Has(of, field) => Value::Bool(has(run, &evaluate(run, of)?, field)?),
        Node::Index(pair) => index(run, &evaluate(run, &pair.0)?, &evaluate(run, &pair.1)?)?,
        Node::List(elements) => Value::list(all(run, elements)?),
        Node::Map(entries) => map(run, entries)?,
        Node::Not(of) => Value::Bool(!condition(run, of)?),
        Node::Negate(of) => operator::negate(&evaluate(run, of)?)?,
        Node::And(terms) => Value::Bool(operator::logical(run, terms, false)?),
        Node::Or(terms) => Value::Bool(operator::logical(run, terms, true)?),
        Node::Choose(three) => {
            if condition(run, &three.0)? {
                evaluate(run, &three.1)?
            } else {
                evaluate(run, &three.2)?
            }
        }
        Node::Binary(op, pair) => operator::binary(run, *op, &evaluate(run, &pair.0)?, &evaluate(run, &pair.1)?)?,
        Node::Call(function, arguments) => (function.call)(run, &all(run, arguments)?)?,
        Node::Matches(text, pattern) => matches_text(run, &evaluate(run, text)?, pattern)?,
        Node::Bind(pair) => {
            let value = evaluate(run, &pair.0)?;
            run.with_local(value, || evaluate(run, &pair.1))?
        }
        Node::Fold(fold) => fold::fold(run, fold)?,
    })
}

/// Evaluates a node that must give a boolean.
pub(super) fn condition<'a>(run: &Run<'a>, node: &'a Node) -> Result<bool, Fault> {
    match evaluate(run, node)? {
        Value::Bool(b) => Ok(b),
        value => Err(Fault::error(format!("a bool is needed, not {}", value.type_name()))),
    }
}

fn all<'a>(run: &Run<'a>, nodes: &'a [Node]) -> Result<Vec<Value<'a>>, Fault> {
    nodes.iter().map(|node| evaluate(run, node)).collect()
}

fn select<'a>(run: &Run<'a>, value: &Value<'a>, field: &str) -> Evaluated<'a> {
    match value {
        Value::Map(map) => {
            spend_lookup(run, map)?;
            map.get_text(field).ok_or_else(|| Fault::missing(format!("`{field}`")))
        }
        Value::Null => Err(Fault::missing(format!("`{field}` of null"))),
        value => Err(Fault::error(format!("{} has no field `{field}`", value.type_name()))),
    }
}

fn has<'a>(run: &Run<'a>, value: &Value<'a>, field: &str) -> Result<bool, Fault> {
    match select(run, value, field) {
        Ok(_) => Ok(true),
        Err(Fault::Missing(_)) if matches!(value, Value::Map(_)) => Ok(false),
        Err(fault) => Err(fault),
    }
}

fn index<'a>(run: &Run<'a>, value: &Value<'a>, key: &Value<'a>) -> Evaluated<'a> {
    match value {
        Value::Map(map) => {
            if Key::new(key).is_none() && !matches!(key, Value::Double(_)) {
                return Err(Fault::error(format!("{} cannot be a key of a map", key.type_name())));
            }
            spend_lookup(run, map)?;
            map.get(key).ok_or_else(|| Fault::missing("the key of a map"))
        }
        Value::List(list) => element(list, key),
        Value::Null => Err(Fault::missing("an element of null")),
        value => Err(Fault::error(format!("{} has no elements", value.type_name()))),
    }
}

fn element<'a>(list: &List<'a>, key: &Value<'a>) -> Evaluated<'a> {
    let whole = key.number().and_then(super::value::Number::whole);
    let whole = whole.ok_or_else(|| Fault::error(format!("{} cannot be an index of a list", key.type_name())))?;
    usize::try_from(whole).ok().and_then(|index| list.get(index)).ok_or_else(|| Fault::missing(format!("element {whole}")))
}

/// Looking up a query parameter decodes the query.
fn spend_lookup(run: &Run<'_>, map: &Map<'_>) -> Result<(), Fault> {
    match map {
        Map::Query(query) => run.spend(query.0.len()),
        _ => Ok(()),
    }
}

fn map<'a>(run: &Run<'a>, nodes: &'a [(Node, Node)]) -> Evaluated<'a> {
    let mut map = BTreeMap::new();
    for (key, value) in nodes {
        let key = evaluate(run, key)?;
        let lookup = match key {
            Value::Double(_) => None,
            _ => Key::new(&key),
        };
        let lookup = lookup.ok_or_else(|| Fault::error(format!("{} cannot be a key of a map", key.type_name())))?;
        let value = evaluate(run, value)?;
        if map.insert(lookup, (key, value)).is_some() {
            return Err(Fault::error("the map has a key twice"));
        }
    }
    Ok(Value::Map(Map::Owned(Rc::new(map))))
}
