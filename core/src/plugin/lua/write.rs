use postern_lua::{Raise, TreeBuilder};
use serde_json::Value;

/// Puts JSON into a tree. Its depth is bounded where it was read.
pub(super) fn value(tree: &mut TreeBuilder<'_>, json: &Value) -> Result<(), Raise> {
    match json {
        Value::Null => tree.null(),
        Value::Bool(value) => tree.boolean(*value),
        Value::Number(number) => tree.number(&number.to_string()),
        Value::String(text) => tree.string(text),
        Value::Array(items) => {
            tree.begin_array()?;
            items.iter().try_for_each(|item| value(tree, item))?;
            tree.end()
        }
        Value::Object(map) => {
            tree.begin_object()?;
            for (key, member) in map {
                tree.key(key)?;
                value(tree, member)?;
            }
            tree.end()
        }
    }
}
