use serde_json::{Number, Value as Json};

use super::Walker;
use crate::finding::Finding;
use crate::yaml::{Node, Value};

impl Walker<'_> {
    pub(super) fn wrong_type(&mut self, node: &Node, types: &[&str], path: &str) {
        let expected: Vec<&str> = types.iter().filter(|name| **name != "null").map(|name| type_name(name)).collect();
        let message = format!("expected {}, found {}", expected.join(" or "), node.describe());
        self.found.push(Finding::error(&node.place, path, message).with_help(help(&node.value, types)));
    }

    /// The bounds of numbers and of digits in text.
    pub(super) fn scalar(&mut self, node: &Node, schema: &Json, path: &str) {
        let number = match &node.value {
            Value::Number(number) => number.clone(),
            Value::Text(text) if super::types(schema).contains(&"integer") => match text.parse::<u64>() {
                Ok(number) => number.into(),
                Err(_) => return self.found.push(Finding::error(&node.place, path, "expected a whole number of 0 or more")),
            },
            _ => return,
        };
        let (least, most) = bounds(schema);
        if as_f64(&number) < least || as_f64(&number) > most {
            self.found.push(Finding::error(&node.place, path, format!("{number} is not between {least} and {most}")));
        }
    }
}

pub(super) fn is_of_type(value: &Value, name: &str) -> bool {
    match (name, value) {
        ("null", Value::Null)
        | ("boolean", Value::Bool(_))
        | ("number", Value::Number(_))
        | ("string", Value::Text(_))
        | ("array", Value::List(_))
        | ("object", Value::Map(_)) => true,
        ("integer", Value::Number(number)) => !number.is_f64(),
        _ => false,
    }
}

fn type_name(name: &str) -> &str {
    match name {
        "boolean" => "`true` or `false`",
        "integer" => "a whole number",
        "number" => "a number",
        "string" => "text",
        "array" => "a list",
        "object" => "a map",
        other => other,
    }
}

fn help(value: &Value, types: &[&str]) -> Option<String> {
    match value {
        Value::Text(text) if types.contains(&"boolean") => match text.to_lowercase().as_str() {
            "yes" | "y" | "on" => Some("write `true`".to_owned()),
            "no" | "n" | "off" => Some("write `false`".to_owned()),
            "true" | "false" => Some("leave the quotes away".to_owned()),
            _ => None,
        },
        Value::Text(text) if types.contains(&"integer") && text.parse::<i64>().is_ok() => Some("leave the quotes away".to_owned()),
        Value::Number(_) | Value::Bool(_) if types.contains(&"string") => Some("put it in quotes".to_owned()),
        Value::Text(_) | Value::Map(_) if types.contains(&"array") => Some("write `- ` before each item".to_owned()),
        _ => None,
    }
}

/// From the bounds that are written, and those that the integer's width sets.
fn bounds(schema: &Json) -> (f64, f64) {
    let (least, most) = match schema.get("format").and_then(Json::as_str) {
        Some("uint8") => (0.0, f64::from(u8::MAX)),
        Some("uint16") => (0.0, f64::from(u16::MAX)),
        Some("uint32") => (0.0, f64::from(u32::MAX)),
        Some("int32") => (f64::from(i32::MIN), f64::from(i32::MAX)),
        _ => (f64::NEG_INFINITY, f64::INFINITY),
    };
    let written = |keyword: &str| schema.get(keyword).and_then(Json::as_f64);
    (written("minimum").map_or(least, |n| n.max(least)), written("maximum").map_or(most, |n| n.min(most)))
}

fn as_f64(number: &Number) -> f64 {
    number.as_f64().unwrap_or(f64::NAN)
}
