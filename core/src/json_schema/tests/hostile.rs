//! Schemas and bodies made to cost much.

use std::fmt::Write;

use serde_json::{Value, json};

use super::{compile, compiled, value};
use crate::json_schema::check::{MAX_STEPS, check};
use crate::testing::test;

/// The reason for which a body is refused.
fn refusal(schema: &Value, body: &Value) -> String {
    refusal_within(MAX_STEPS, schema, body)
}

fn refusal_within(steps: usize, schema: &Value, body: &Value) -> String {
    check(&compiled(&schema.to_string()), body, steps).map_or_else(|failure| failure.to_string(), |()| "none".to_owned())
}

fn problem(schema: &Value) -> String {
    match compile(&schema.to_string()) {
        Ok(_) => "none".to_owned(),
        Err(problems) => problems.join("\n"),
    }
}

fn nested(depth: usize) -> Value {
    nested_around(json!({}), depth)
}

fn nested_around(inner: Value, depth: usize) -> Value {
    (0..depth).fold(inner, |inner, _| json!({"a": inner}))
}

#[test]
fn a_schema_that_takes_two_ways_into_itself_ends() {
    let twice = json!([{"$ref": "#"}, {"$ref": "#"}]);
    for (keyword, inner) in [("allOf", json!({})), ("anyOf", json!(1)), ("oneOf", json!(1)), ("oneOf", json!({}))] {
        let schema = json!({"type": "object", "properties": {"a": {keyword: twice}}});
        assert_eq!(refusal_within(20_000, &schema, &nested_around(inner, 60)), "it takes too long to check", "{keyword}");
    }
    let by_not = json!({"properties": {"a": {"not": {"not": {"allOf": twice}}}}, "unevaluatedProperties": false});
    assert_eq!(refusal_within(20_000, &by_not, &nested(40)), "it takes too long to check");
}

#[test]
fn what_applies_to_one_value_is_bounded() {
    let mut definitions = serde_json::Map::new();
    for level in 0..20 {
        let next = format!("#/$defs/d{}", level + 1);
        definitions.insert(format!("d{level}"), json!({"allOf": [{"$ref": next}, {"$ref": next}]}));
    }
    definitions.insert("d20".to_owned(), json!(true));
    let doubled = json!({"$ref": "#/$defs/d0", "$defs": definitions});
    assert!(problem(&doubled).contains("more than 10000 times"), "{}", problem(&doubled));

    let chain: serde_json::Map<String, Value> =
        (0..100).map(|level| (format!("d{level}"), json!({"$ref": format!("#/$defs/d{}", level + 1)}))).collect();
    let mut chain = json!({"$defs": chain});
    chain["$defs"]["d100"] = json!(true);
    assert!(problem(&chain).contains("more than 64 schemas apply"), "{}", problem(&chain));
}

#[test]
fn what_applies_by_way_of_itself_is_refused() {
    for schema in [
        json!({"$ref": "#"}),
        json!({"allOf": [{"anyOf": [{"not": {"$ref": "#"}}]}]}),
        json!({"$dynamicAnchor": "a", "$dynamicRef": "#a"}),
        json!({"dependentSchemas": {"a": {"$ref": "#"}}}),
        json!({"$ref": "#/$defs/a", "$defs": {"a": {"then": {"$ref": "#/$defs/b"}, "if": true}, "b": {"$ref": "#/$defs/a"}}}),
    ] {
        assert!(problem(&schema).contains("by way of itself"), "{schema}: {}", problem(&schema));
    }
    let below = json!({"properties": {"a": {"$ref": "#"}}, "additionalProperties": false});
    assert_eq!(refusal(&below, &nested(60)), "none");
}

#[test]
fn the_depth_of_a_check_is_bounded() {
    let chain: Value = (0..20).fold(json!({"$ref": "#"}), |inner, _| json!({"allOf": [inner]}));
    let schema = json!({"properties": {"a": chain}});
    assert_eq!(refusal(&schema, &nested(10)), "none");
    assert_eq!(refusal(&schema, &nested(60)), "it is nested too deep to be checked");
}

#[test]
fn patterns_take_linear_time() {
    let text = format!("{}!", "a".repeat(50_000));
    assert!(refusal(&json!({"pattern": "^(a+)+$"}), &json!(text)).contains("must match the pattern"));
    assert!(problem(&json!({"pattern": "(a{1000}){1000}"})).contains("this pattern cannot be used"));
    assert_eq!(refusal(&json!({"pattern": "^[ab]{1,500}!$"}), &json!("a".repeat(1_000_000))), "it takes too long to check");

    let many: serde_json::Map<String, Value> = (0..40).map(|index| (format!("^[a-z]{{1,1000}}{index}$"), json!(true))).collect();
    assert!(problem(&json!({"patternProperties": many})).contains("this pattern cannot be used"));
}

#[test]
fn large_arrays_and_objects() {
    let numbers: Vec<u32> = (0..50_000).collect();
    let unique = json!({"uniqueItems": true});
    assert_eq!(refusal(&unique, &json!(numbers)), "none");
    let twice: Vec<&u32> = numbers.iter().chain(&[7]).collect();
    assert_eq!(refusal(&unique, &json!(twice)), "it must not have the same item twice");
    let texts: Vec<String> = (0..300).map(|index| format!("{}{index}", "a".repeat(10_000))).collect();
    assert_eq!(refusal(&unique, &json!(texts)), "none");

    let members: serde_json::Map<String, Value> = (0..50_000).map(|index| (index.to_string(), json!(1))).collect();
    let members = Value::Object(members);
    let some = json!({"propertyNames": {"maxLength": 5}, "additionalProperties": {"type": "integer"}, "unevaluatedProperties": false});
    assert_eq!(refusal(&some, &members), "none");
    let patterns: serde_json::Map<String, Value> = (0..40).map(|index| (format!("x{index}"), json!(true))).collect();
    assert_eq!(refusal_within(20_000, &json!({"patternProperties": patterns}), &members), "it takes too long to check");
    let alternatives: Vec<Value> = (0..100).map(|index| json!({"const": index})).collect();
    assert_eq!(
        refusal_within(20_000, &json!({"contains": {"anyOf": alternatives}, "maxContains": 1}), &json!(numbers)),
        "it takes too long to check"
    );
}

#[test]
fn the_text_is_bounded_and_strict() {
    let mut long = "{\"description\":\"".to_owned();
    write!(long, "{}\"}}", "a".repeat(30_000)).unwrap();
    let deep = format!("{}true{}", "{\"not\":".repeat(65), "}".repeat(65));
    for (text, expected) in [
        (long.as_str(), "error: a schema has at most 30000 bytes, found 30018"),
        ("{", "error: a schema is JSON, and this is not: line 1, column 1"),
        ("", "error: a schema is JSON, and this is not: line 1, column 0"),
        ("{\"type\":\"string\",\"type\":\"null\"}", "error: a schema is JSON, and this is not: it has the same key twice in one object"),
        (deep.as_str(), "error: a schema is JSON, and this is not: it is nested more than 64 deep"),
        ("[]", "error: at the root of the schema: a schema is an object, `true` or `false`"),
    ] {
        assert_eq!(compile(text).unwrap_err(), [expected]);
    }
    assert!(compiled("true").check(&value("[]")).is_ok());
    assert!(compiled("false").check(&value("[]")).is_err());
}
