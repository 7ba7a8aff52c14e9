//! Templates: rendering is bounded and always gives the same, and a value inside a string of JSON stays inside it.

#![no_main]

use postern_core::template::{Budget, Escape, Options, Template};
use postern_fuzz::parts;
use postern_fuzz::render::Variables;
use serde_json::{Map, Value, json};

/// What is granted for a body of nothing.
const MOST_BYTES: usize = 4 << 20;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let [source, data] = parts(text);
    let variables = match serde_json::from_str(data) {
        Ok(Value::Object(variables)) => variables,
        _ => sample(data),
    };
    for escape in [Escape::Never, Escape::Strings, Escape::InJsonStrings] {
        for (dots, line_statements) in [(true, false), (false, false), (true, true)] {
            let Ok(template) = Template::compile(source, Options { dots, line_statements, escape }) else { continue };
            let render = || template.render(&Variables(&variables), &Budget::for_body(0)).map_err(|error| error.to_string());
            let rendered = render();
            assert_eq!(render(), rendered, "the same data gives the same text");
            assert!(rendered.is_ok_and(|text| text.len() <= MOST_BYTES) || render().is_err(), "the budget bounds the text");
        }
    }
    escapes(data);
});

fn sample(text: &str) -> Map<String, Value> {
    let Value::Object(variables) = json!({
        "model": "m", "n": 3, "list": [1, "b", null, {"c": 2.5}], "object": {"a": {"b": true}}, "text": text, "empty": "", "nothing": null,
    }) else {
        return Map::new();
    };
    variables
}

/// No text can end the string that it is printed in.
fn escapes(text: &str) {
    let options = Options { escape: Escape::InJsonStrings, ..Options::default() };
    let Ok(template) = Template::compile(r#"{"a": "<{{ x }}>", "b": [{% for i in xs %}"{{ i }}", {% endfor %}"{{ upper(x) }}"]}"#, options)
    else {
        panic!("the template compiles");
    };
    let Value::Object(variables) = json!({"x": text, "xs": [text]}) else { return };
    let Ok(rendered) = template.render(&Variables(&variables), &Budget::for_body(0)) else { return };
    let value: Value = serde_json::from_str(&rendered).unwrap_or_else(|error| panic!("{error}: {rendered}"));
    assert_eq!(value["a"], Value::from(format!("<{text}>")));
    assert_eq!(value["b"][0], Value::from(text));
    assert_eq!(value["b"].as_array().map(Vec::len), Some(2));
}
