//! `ctx` as a table: a copy of what rules see of the request.

use http::HeaderMap;
use postern_lua::{Heap, Raise, TreeBuilder, Value};

use super::write::value;
use crate::auth::holds_gateway_token;
use crate::context::{Context, Field, Object};
use crate::plugin::Call;

/// The headers are those that go on: a script that passes `ctx` to somebody else gives no token away.
pub(super) fn table(heap: &mut Heap, call: &Call<'_>, headers: &HeaderMap) -> Result<Value, Raise> {
    let mut tree = heap.build();
    object(&mut tree, call.context, headers, Object::Root)?;
    Ok(tree.finish())
}

/// Three levels deep at most: the objects of `ctx` that are not JSON.
fn object(tree: &mut TreeBuilder<'_>, context: &Context<'_>, sent: &HeaderMap, of: Object) -> Result<(), Raise> {
    tree.begin_object()?;
    for key in of.keys() {
        let Some(field) = context.field(of, key) else { continue };
        tree.key(key)?;
        match field {
            Field::Text(text) => tree.string(text)?,
            Field::OwnedText(text) => tree.string(text)?,
            Field::Size(size) => tree.number(&size.to_string())?,
            Field::Json(json) => value(tree, json)?,
            Field::Headers(_) => self::headers(tree, sent)?,
            Field::Query(query) => {
                tree.begin_object()?;
                let mut seen = std::collections::BTreeSet::new();
                for (name, value) in query.pairs() {
                    if seen.insert(name.clone()) {
                        tree.key(name.as_bytes())?;
                        tree.string(value.as_bytes())?;
                    }
                }
                tree.end()?;
            }
            Field::Object(inner) => object(tree, context, sent, inner)?,
        }
    }
    tree.end()
}

/// The first line of each.
fn headers(tree: &mut TreeBuilder<'_>, headers: &HeaderMap) -> Result<(), Raise> {
    tree.begin_object()?;
    for name in headers.keys() {
        if let Some(value) = headers.get(name).filter(|value| !holds_gateway_token(value.as_bytes())) {
            tree.key(name.as_str())?;
            tree.string(value.as_bytes())?;
        }
    }
    tree.end()
}
