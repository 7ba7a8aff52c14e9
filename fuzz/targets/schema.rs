//! JSON Schema: whatever compiles answers for any value, in bounded time and always the same.

#![no_main]

use postern_core::json_schema::Schema;
use postern_core::problem::Problems;
use postern_fuzz::context::sample;
use postern_fuzz::parts;
use serde_json::Value;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let [source, value] = parts(text);
    let mut problems = Problems::new();
    let schema = Schema::compile(source, &mut problems);
    assert!(schema.is_some() || !problems.is_empty(), "a schema that is refused has a reason");
    let Some(schema) = schema else { return };
    let value: Value = serde_json::from_str(value).unwrap_or_else(|_| sample());
    let shown = |result: Result<(), _>| result.map_err(|failure| format!("{failure:?}"));
    assert_eq!(shown(schema.check(&value)), shown(schema.check(&value)));
    // A schema within `not` takes what it refuses, unless it costs too much or cannot be told.
    let negated = Schema::compile(&format!("{{\"not\": {source}}}"), &mut Problems::new());
    if let (Some(negated), Ok(())) = (negated, schema.check(&value)) {
        assert!(source.contains('$') || negated.check(&value).is_err(), "{source} and its opposite take {value}");
    }
});
