//! What a module sees of a request. Only the parts that it reads are built.

use std::collections::BTreeMap;

use regorus::Value;
use serde_json::Value as Json;

use super::meter::{Stopped, spend};
use super::value::{project, text};
use crate::context::{Context, Field, Object};
use crate::json::Projection;

/// `{ctx, attrs}`; `attrs` only where a policy is.
///
/// # Errors
/// When the budget does not allow for so much.
pub(super) fn build(context: &Context<'_>, attrs: Option<&Json>, wanted: &Projection) -> Result<Value, Stopped> {
    let mut input = BTreeMap::new();
    if let Some(wanted) = wanted.member("ctx") {
        input.insert(Value::from("ctx"), object(context, Object::Root, wanted)?);
    }
    if let (Some(attrs), Some(wanted)) = (attrs, wanted.member("attrs")) {
        input.insert(Value::from("attrs"), project(attrs, wanted)?);
    }
    Ok(Value::from(input))
}

fn object(context: &Context<'_>, of: Object, wanted: &Projection) -> Result<Value, Stopped> {
    let mut members = BTreeMap::new();
    for key in of.keys() {
        let Some(wanted) = wanted.member(key) else { continue };
        let Some(found) = context.field(of, key) else { continue };
        members.insert(Value::from(*key), field(context, found, wanted)?);
    }
    Ok(Value::from(members))
}

fn field(context: &Context<'_>, found: Field<'_>, wanted: &Projection) -> Result<Value, Stopped> {
    match found {
        Field::Text(value) => text(value),
        Field::OwnedText(value) => text(&value),
        Field::Size(size) => Ok(Value::from(size)),
        Field::Json(value) => project(value, wanted),
        Field::Object(of) => object(context, of, wanted),
        Field::Headers(headers) => {
            let names = headers.keys().filter(|name| wanted.member(name.as_str()).is_some());
            let pairs = names.filter_map(|name| Some((name.as_str(), String::from_utf8_lossy(headers.get(name)?.as_bytes()))));
            pairs.map(|(name, value)| pair(name, &value)).collect::<Result<BTreeMap<_, _>, _>>().map(Value::from)
        }
        Field::Query(query) => {
            let mut parameters = BTreeMap::new();
            for (name, value) in query.pairs().filter(|(name, _)| wanted.member(name).is_some()) {
                let (name, value) = pair(&name, &value)?;
                // The first value of a name is the one that counts.
                parameters.entry(name).or_insert(value);
            }
            Ok(Value::from(parameters))
        }
    }
}

fn pair(name: &str, value: &str) -> Result<(Value, Value), Stopped> {
    spend(1)?;
    Ok((text(name)?, text(value)?))
}
