use http::HeaderMap;
use serde_json::{Map, Value};

use super::{Context, Field, Object};

impl Context<'_> {
    /// All of `ctx` that there is, for programs that are told of it.
    pub fn to_json(&self) -> Value {
        self.object(Object::Root)
    }

    fn object(&self, object: Object) -> Value {
        let fields = object.keys().iter().filter_map(|key| Some(((*key).to_owned(), self.json(self.field(object, key)?))));
        Value::Object(fields.collect())
    }

    fn json(&self, field: Field<'_>) -> Value {
        match field {
            Field::Text(text) => text.into(),
            Field::OwnedText(text) => text.into(),
            Field::Size(size) => size.into(),
            Field::Json(value) => value.clone(),
            Field::Headers(headers) => headers_to_json(headers),
            Field::Query(query) => {
                let mut values = Map::new();
                for (name, value) in query.pairs() {
                    values.entry(name).or_insert_with(|| value.into());
                }
                Value::Object(values)
            }
            Field::Object(object) => self.object(object),
        }
    }
}

/// The first value of each header.
pub fn headers_to_json(headers: &HeaderMap) -> Value {
    let mut values = Map::new();
    for (name, value) in headers {
        values.entry(name.as_str()).or_insert_with(|| String::from_utf8_lossy(value.as_bytes()).into());
    }
    Value::Object(values)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::testing::{bare, test};

    #[test]
    fn tells_what_rules_could_read() {
        let mut headers = HeaderMap::new();
        headers.append("x-a", http::HeaderValue::from_static("1"));
        headers.append("x-a", http::HeaderValue::from_static("2"));
        let body_map = json!({"model": "m"});
        let mut request = bare(&headers);
        (request.query, request.size, request.body_map) = ("a=1&a=2&b", Some(3), Some(&body_map));
        let mut context = Context::new(request);
        context.user = Some(Arc::new(json!({"metadata": {"name": "app"}})));
        context.groups = Some(Arc::new(json!([])));
        assert_eq!(
            context.to_json(),
            json!({
                "request": {"http": {
                    "method": "GET", "path": "/", "uri": "/", "host": "h", "size": 3, "bodyMap": {"model": "m"},
                    "headers": {"x-a": "1"}, "queryParams": {"a": "1", "b": ""},
                }},
                "user": {"metadata": {"name": "app"}},
            })
        );
    }
}
