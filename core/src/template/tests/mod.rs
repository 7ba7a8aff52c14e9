mod bounds;
mod escape;
mod functions;
mod language;
mod mistakes;

use serde_json::{Map, Value, json};

use super::{Budget, Data, Options, RenderError, Template};

/// A body of JSON with some of everything.
pub struct Sample(pub Value);

impl Default for Sample {
    fn default() -> Self {
        Self(json!({
            "name": "Ada", "empty": "", "zero": 0, "n": 7, "f": 1.5, "t": true, "no": false, "none": null,
            "list": [3, 1, 2], "nothing": [], "obj": {"b": 1, "a": {"c": [10, 20]}}, "my-ext": "x", "quote": "a\"b\\c\n",
            "choices": [{"message": {"content": "Hi"}}], "dotted.key": "d",
        }))
    }
}

impl Data for Sample {
    fn variables(&self) -> &Map<String, Value> {
        self.0.as_object().unwrap()
    }

    fn context(&self, budget: &Budget) -> Result<Value, RenderError> {
        budget.copy(&self.0)
    }

    fn body(&self) -> Result<&str, RenderError> {
        Ok("the body")
    }

    fn header(&self, name: &str) -> Option<String> {
        (name == "x-a").then(|| "1".to_owned())
    }

    fn request_header(&self, name: &str) -> Option<String> {
        (name == "x-b").then(|| "2".to_owned())
    }

    fn extraction(&self, name: &str) -> Option<&str> {
        (name == "key").then_some("k")
    }

    fn random(&self, pattern: &str) -> String {
        format!("<{pattern}>")
    }
}

/// What comes of it; `!` and the message when that is an error.
pub fn render_with(source: &str, options: Options) -> String {
    let rendered = Template::compile(source, options)
        .map_err(|error| error.to_string())
        .and_then(|template| template.render(&Sample::default(), &Budget::for_body(0)).map_err(|error| error.to_string()));
    rendered.unwrap_or_else(|error| format!("!{error}"))
}

pub fn render(source: &str) -> String {
    render_with(source, Options::default())
}

pub fn check(table: &[(&str, &str)]) {
    for (source, expected) in table {
        assert_eq!(render(source), *expected, "{source}");
    }
}
