use super::{Builtin, GLOBALS, TABLE, math};
use crate::value::{Callable, Function, ObjectId, TableId, TableKind};
use crate::vm::machine::Machine;
use crate::{Raise, Value};

impl Machine {
    /// Fills the globals. Scripts name all globals that they can reach, so what they do not name is not made.
    pub(crate) fn link(&mut self) -> Result<(), Raise> {
        self.heap.intern_constants()?;
        let program = std::sync::Arc::clone(&self.program);
        let names = std::sync::Arc::clone(&self.names);
        self.heap.meter.reserve(&mut self.globals, program.globals.len())?;
        for name in &program.globals {
            let builtin = GLOBALS.iter().find(|(known, _)| *known == &**name).map(|(_, builtin)| *builtin);
            let native = names.globals.iter().find(|(known, _)| known == name).map(|(_, index)| *index);
            let mut value = match (native, builtin, &**name) {
                (Some(index), ..) => native_value(index),
                (_, Some(builtin), _) => builtin_value(builtin),
                (_, _, "math") => self.math_table()?,
                (_, _, "table") => self.builtin_table(&TABLE)?,
                _ => Value::Nil,
            };
            let mut replaced = false;
            for (path, functions) in names.modules.iter().filter(|(path, _)| path.first() == Some(name)) {
                if !std::mem::replace(&mut replaced, true) {
                    value = self.heap.table(TableKind::Plain, 0, functions.len())?;
                }
                if let Value::Table(root) = value {
                    let module = self.descend(root, path.get(1..).unwrap_or_default())?;
                    for (name, index) in functions {
                        self.heap.set_member(module, name.as_bytes(), native_value(*index))?;
                    }
                }
            }
            self.globals.push(value);
        }
        Ok(())
    }

    /// What `object[key]` of an embedder's object is: a method of its class.
    pub(crate) fn object_method(&self, object: Value, key: Value) -> Value {
        let (Value::Object(ObjectId(_)), Some(name)) = (object, self.heap.bytes(key)) else { return Value::Nil };
        let class = self.heap.object_handle(object).map(|(class, _)| class);
        class.and_then(|class| self.names.method(class, name)).map_or(Value::Nil, native_value)
    }

    /// The table at the end of a path, made where it is not there yet.
    fn descend(&mut self, mut table: TableId, path: &[Box<str>]) -> Result<TableId, Raise> {
        for name in path {
            table = match self.heap.member(Value::Table(table), name) {
                Value::Table(inner) => inner,
                _ => {
                    let inner = self.heap.table(TableKind::Plain, 0, 0)?;
                    self.heap.set_member(table, name.as_bytes(), inner)?;
                    let Value::Table(inner) = inner else { return Ok(table) };
                    inner
                }
            };
        }
        Ok(table)
    }

    fn math_table(&mut self) -> Result<Value, Raise> {
        let functions = math::FUNCTIONS.map(|(name, function)| (name, Builtin::Math(function)));
        let table = self.builtin_table(&functions)?;
        if let Value::Table(id) = table {
            self.heap.set_member(id, "pi", Value::Number(std::f64::consts::PI))?;
            self.heap.set_member(id, "huge", Value::Number(f64::INFINITY))?;
        }
        Ok(table)
    }

    fn builtin_table(&mut self, functions: &[(&str, Builtin)]) -> Result<Value, Raise> {
        let table = self.heap.table(TableKind::Plain, 0, functions.len())?;
        if let Value::Table(id) = table {
            for (name, builtin) in functions {
                self.heap.set_member(id, name, builtin_value(*builtin))?;
            }
        }
        Ok(table)
    }
}

fn builtin_value(builtin: Builtin) -> Value {
    Value::Function(Function(Callable::Builtin(builtin)))
}

fn native_value(index: u32) -> Value {
    Value::Function(Function(Callable::Native(index)))
}
