mod hostile;
mod messages;
mod suite;

use serde_json::Value;

use super::Schema;
use crate::problem::{Problem, Problems};

/// A schema that has no mistakes.
fn compiled(text: &str) -> Schema {
    compile(text).unwrap_or_else(|problems| panic!("{text}: {problems:?}"))
}

/// The problems of one that has.
fn compile(text: &str) -> Result<Schema, Vec<String>> {
    let mut problems = Problems::new();
    Schema::compile(text, &mut problems).ok_or_else(|| problems.iter().map(Problem::to_string).collect())
}

fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}
