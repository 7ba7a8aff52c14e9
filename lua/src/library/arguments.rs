use crate::Raise;
use crate::value::{TableId, Value};
use crate::vm::machine::Machine;

/// Where the arguments of a builtin are on the stack.
#[derive(Clone, Copy)]
pub(super) struct Arguments {
    pub(super) first: usize,
    pub(super) count: usize,
}

/// Checks of arguments; the first argument is 1, as messages call it.
impl Machine {
    /// An argument, if it was given at all.
    pub(super) fn given(&self, arguments: Arguments, number: usize) -> Option<Value> {
        (number <= arguments.count).then(|| self.at(arguments.first + number - 1))
    }

    pub(super) fn any(&self, arguments: Arguments, number: usize) -> Result<Value, Raise> {
        self.given(arguments, number).ok_or_else(|| self.argument_error(number, "value expected"))
    }

    pub(super) fn number_argument(&self, arguments: Arguments, number: usize) -> Result<f64, Raise> {
        let value = self.given(arguments, number);
        match self.to_number(value.unwrap_or_default())? {
            Some(number) => Ok(number),
            None => Err(self.type_error(number, "number", value)),
        }
    }

    /// A number cut to a whole one, as C's conversion does where it is defined.
    #[expect(clippy::cast_possible_truncation, reason = "as in C; what is out of range becomes the nearest")]
    pub(super) fn integer_argument(&self, arguments: Arguments, number: usize) -> Result<i64, Raise> {
        self.number_argument(arguments, number).map(|number| number as i64)
    }

    pub(super) fn table_argument(&self, arguments: Arguments, number: usize) -> Result<TableId, Raise> {
        match self.given(arguments, number) {
            Some(Value::Table(table)) => Ok(table),
            other => Err(self.type_error(number, "table", other)),
        }
    }

    fn type_error(&self, number: usize, expected: &str, given: Option<Value>) -> Raise {
        let given = given.map_or("no value", Value::type_name);
        self.argument_error(number, &format!("{expected} expected, got {given}"))
    }
}
