use serde_json::json;

use super::{compile, compiled, value};
use crate::json_schema::Schema;
use crate::problem::{Problem, Problems};
use crate::testing::test;

#[test]
fn mistakes_are_told_with_their_place() {
    for (schema, expected) in [
        (
            r#"{"properties":{"a":{"type":"text"}}}"#,
            "at /properties/a/type: this is one or more of null, boolean, object, array, number, string, integer",
        ),
        (r#"{"properties":{"a/b":{"maxLength":-1}}}"#, "at /properties/a~1b/maxLength: this is a whole number, 0 or more"),
        (r#"{"$defs":{"unused":{"required":["a","a"]}}}"#, "at /$defs/unused/required: this is a list of names, none of them twice"),
        (r#"{"items":[{}]}"#, "at /items: a schema is an object, `true` or `false` (write `prefixItems` for a list of schemas)"),
        (r#"{"allOf":[]}"#, "at /allOf: this needs at least one schema"),
        (r#"{"not":"a"}"#, "at /not: a schema is an object, `true` or `false`"),
        (r#"{"multipleOf":0}"#, "at /multipleOf: this is a number above 0"),
        (
            r#"{"$schema":"http://json-schema.org/draft-07/schema#"}"#,
            "at the root of the schema: only draft 2020-12 can be checked (write `\"$schema\": \"https://json-schema.org/draft/2020-12/schema\"`, or nothing)",
        ),
        (
            r#"{"$ref":"https://example.com/other.json"}"#,
            "at /$ref: `$ref` is `https://example.com/other.json`, which is not in this schema, and nothing is fetched (put the other schema under `$defs`, with its `$id`)",
        ),
        (r##"{"$ref":"#/$defs/none"}"##, "at /$ref: `$ref` is `#/$defs/none`, and there is nothing"),
        (r##"{"$ref":"#none"}"##, "at /$ref: `$ref` is `#none`, and there is no such anchor"),
        (r#"{"$id":"a#b"}"#, "at the root of the schema: `$id` is a URI without a fragment (RFC 3986)"),
        (r#"{"$defs":{"a":{"$id":"x"},"b":{"$id":"x"}}}"#, "at /$defs/b: another schema has the same `$id`"),
        (r#"{"$anchor":"a b"}"#, "at the root of the schema: `$anchor` is a letter or underscore, then letters, digits, `-`, `_` and `.`"),
    ] {
        assert_eq!(compile(schema).unwrap_err(), [format!("error: {expected}")], "{schema}");
    }
}

#[test]
fn what_is_ignored_is_told() {
    let warnings = |schema: &str| {
        let mut problems = Problems::new();
        assert!(Schema::compile(schema, &mut problems).is_some());
        problems.iter().map(Problem::to_string).collect::<Vec<_>>()
    };
    assert_eq!(
        warnings(r#"{"requried":["a"],"properties":{"a":{"nullable":true,"x-note":1}}}"#),
        [
            "warning: at the root of the schema: `requried` is no keyword of draft 2020-12, and is ignored",
            "warning: at /properties/a: `nullable` is no keyword of draft 2020-12, and is ignored (write `type: [\"null\", …]`)",
        ]
    );
    let formats = warnings(r#"{"properties":{"a":{"format":"email"},"b":{"format":"uri"}}}"#);
    assert_eq!(
        formats,
        ["warning: `format` is not checked: in draft 2020-12 it is a comment (write a `pattern` where the format matters)"]
    );
}

#[test]
fn a_failure_says_where_and_why() {
    let schema = compiled(
        &json!({
            "type": "object",
            "required": ["model"],
            "properties": {
                "model": {"enum": ["a", "b"]},
                "temperature": {"type": "number", "minimum": 0, "exclusiveMaximum": 2},
                "n": {"type": ["integer", "null"]},
                "messages": {"items": {"properties": {"content": {"oneOf": [{"type": "string"}, {"type": "array"}]}, "role": {"pattern": "^[a-z]+$"}}}},
                "user": {"maxLength": 3},
                "stop": false
            },
            "propertyNames": {"maxLength": 200},
            "additionalProperties": false
        })
        .to_string(),
    );
    for (body, expected) in [
        (r#"[]"#, "it must be an object"),
        (r#"{}"#, "it must have the property `model`"),
        (r#"{"model":"c"}"#, "/model is none of the values that are allowed"),
        (r#"{"model":"a","temperature":2}"#, "/temperature must be less than 2"),
        (r#"{"model":"a","temperature":-0.1}"#, "/temperature must be at least 0"),
        (r#"{"model":"a","n":1.5}"#, "/n must be null or an integer"),
        (r#"{"model":"a","messages":[{},{"content":1}]}"#, "/messages/1/content conforms to none of the 2 alternatives"),
        (r#"{"model":"a","messages":[{"role":"A1"}]}"#, "/messages/0/role must match the pattern ^[a-z]+$"),
        (r#"{"model":"a","user":"abcd"}"#, "/user must have at most 3 characters"),
        (r#"{"model":"a","stop":1}"#, "/stop is not allowed"),
        (r#"{"model":"a","x/y":1}"#, "/x~1y is not allowed"),
    ] {
        assert_eq!(schema.check(&value(body)).unwrap_err().to_string(), expected, "{body}");
    }
    let long = json!({"model": "a", "k".repeat(150): 1});
    assert_eq!(schema.check(&long).unwrap_err().pointer.chars().count(), 121);
}
