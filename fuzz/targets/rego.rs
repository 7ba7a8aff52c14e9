//! Rego: whatever compiles is evaluated within its budget, and reads no more of the body than it says.

#![no_main]

use http::HeaderMap;
use postern_core::expression::Failure;
use postern_core::json::{self, Projection};
use postern_core::problem::Problems;
use postern_core::rego::{Module, Purpose};
use postern_fuzz::context::{context, sample};
use postern_fuzz::{NOW, parts};
use serde_json::{Value, json};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let [source, body] = parts(text);
    let whole = json::read(body.as_bytes(), &Projection::whole()).unwrap_or_else(|_| sample());
    if let Some(module) = Module::compile_at(source, Purpose::Config, &mut Problems::new()) {
        let _ = module.evaluate_object(&context(&HeaderMap::new(), &whole), NOW);
    }
    let Some(module) = Module::compile_at(source, Purpose::Condition, &mut Problems::new()) else { return };
    // Keys that differ in case only are refused where one is read.
    let Ok(projected) = json::read(whole.to_string().as_bytes(), &module.reads().body_map) else { return };
    let results = [run(&module, &whole), run(&module, &projected)];
    // What is left out costs nothing, so the budget may last for one of them alone.
    if results.iter().all(Result::is_ok) {
        let [expected, result] = results;
        assert_eq!(result, expected, "over {projected}");
    }
});

fn run(module: &Module, body: &Value) -> Result<Option<bool>, Failure> {
    let attributes = json!({"limit": 3, "pattern": "^g.*i$"});
    module.evaluate_bool(&context(&HeaderMap::new(), body), Some(&attributes), NOW)
}
