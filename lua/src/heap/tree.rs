use super::Heap;
use crate::value::{TableId, TableKind};
use crate::{Raise, Value};

/// Builds tables from a tree, such as a JSON document, as a parser meets its parts. It does not recurse, whatever the depth.
///
/// ```
/// # fn build(heap: &mut postern_lua::Heap) -> Result<postern_lua::Value, postern_lua::Raise> {
/// // {"id": 12345678901234567890, "tags": [null]}
/// let mut tree = heap.build();
/// tree.begin_object()?;
/// tree.key("id")?;
/// tree.number("12345678901234567890")?;
/// tree.key("tags")?;
/// tree.begin_array()?;
/// tree.null()?;
/// tree.end()?;
/// tree.end()?;
/// Ok(tree.finish())
/// # }
/// ```
pub struct TreeBuilder<'h> {
    heap: &'h mut Heap,
    open: Vec<(TableId, Option<Value>)>,
    root: Value,
}

impl Heap {
    /// Starts a tree.
    pub fn build(&mut self) -> TreeBuilder<'_> {
        TreeBuilder { heap: self, open: Vec::new(), root: Value::Nil }
    }
}

impl TreeBuilder<'_> {
    pub fn begin_array(&mut self) -> Result<(), Raise> {
        self.begin(TableKind::Array)
    }

    pub fn begin_object(&mut self) -> Result<(), Raise> {
        self.begin(TableKind::Object)
    }

    /// Ends the innermost array or object.
    pub fn end(&mut self) -> Result<(), Raise> {
        self.open.pop();
        Ok(())
    }

    /// The key of the member whose value comes next. Of two equal keys the later one wins.
    pub fn key(&mut self, key: impl AsRef<[u8]>) -> Result<(), Raise> {
        let key = match self.heap.strings.find(key.as_ref()) {
            Some(id) => Value::String(id),
            None => self.heap.string(key)?,
        };
        if let Some((_, pending)) = self.open.last_mut() {
            *pending = Some(key);
        }
        Ok(())
    }

    pub fn string(&mut self, text: impl AsRef<[u8]>) -> Result<(), Raise> {
        let value = self.heap.string(text)?;
        self.value(value)
    }

    /// A number by its JSON text, which survives; see [`Heap::number_from_text`].
    pub fn number(&mut self, text: &str) -> Result<(), Raise> {
        let value = self.heap.number_from_text(text)?;
        self.value(value)
    }

    pub fn boolean(&mut self, value: bool) -> Result<(), Raise> {
        self.value(Value::Boolean(value))
    }

    pub fn null(&mut self) -> Result<(), Raise> {
        self.value(Value::Null)
    }

    /// A value that exists already. In an array a nil becomes a null, as it would move what follows.
    pub fn value(&mut self, value: Value) -> Result<(), Raise> {
        self.heap.meter.charge(1)?;
        match self.open.last_mut() {
            None => {
                self.root = value;
                Ok(())
            }
            Some((table, key)) => match key.take() {
                Some(key) => self.heap.set(*table, key, value),
                None => self.heap.push(*table, if let Value::Nil = value { Value::Null } else { value }),
            },
        }
    }

    /// The whole tree; at its root a null is nil.
    pub fn finish(self) -> Value {
        self.root.read()
    }

    fn begin(&mut self, kind: TableKind) -> Result<(), Raise> {
        let table = self.heap.table(kind, 0, 0)?;
        self.value(table)?;
        if let Value::Table(id) = table {
            self.heap.meter.push(&mut self.open, (id, None))?;
        }
        Ok(())
    }
}
