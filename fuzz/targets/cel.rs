//! Expressions: whatever compiles is evaluated within its budget, and reads no more of the body than it says.

#![no_main]

use http::{HeaderMap, HeaderValue};
use postern_core::expression::{Expression, Failure};
use postern_core::json::{self, Projection};
use postern_fuzz::context::{context, sample};
use postern_fuzz::{NOW, parts};
use serde_json::{Value, json};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let [source, body] = parts(text);
    let Ok(plain) = Expression::compile(source) else { return };
    assert_eq!(plain.source(), source);
    let _ = plain.check_bool();
    let whole = json::read(body.as_bytes(), &Projection::whole()).unwrap_or_else(|_| sample());
    let body = whole.to_string();
    let _ = run(&plain, &whole);
    let _ = plain.values(&context(&HeaderMap::new(), &whole), None, NOW);
    let Ok(shown) = Expression::compile(&format!("json.marshal([{source}\n])")) else { return };
    // Keys that differ in case only are refused where one is read.
    let Ok(projected) = json::read(body.as_bytes(), &shown.reads().body_map) else { return };
    let results = [run(&shown, &whole), run(&shown, &projected)];
    // What is left out costs nothing.
    if results.iter().flatten().count() == 2 || !results.iter().any(is_out_of_budget) {
        let [expected, result] = results;
        assert_eq!(result, expected, "over {projected}");
    }
});

fn run(expression: &Expression, body: &Value) -> Result<Option<String>, Failure> {
    let mut headers = HeaderMap::new();
    headers.insert("x-tenant", HeaderValue::from_static("acme"));
    let attributes = json!({"limit": 3, "pattern": "^g.*i$"});
    let context = context(&headers, body);
    let result = expression.evaluate_string(&context, Some(&attributes), NOW);
    let _ = expression.evaluate_bool(&context, Some(&attributes), NOW);
    result
}

fn is_out_of_budget(result: &Result<Option<String>, Failure>) -> bool {
    result.as_ref().is_err_and(|failure| failure.to_string().contains("more work than one request may cause"))
}
