//! The conformance cases of the CEL specification, as far as they concern what expressions have. Node prints them, so it runs on request
//! (`scripts/test cel`). Those that do not pass are in `tests/cel-conformance/not-passing.txt`, with the reason; the list is exact.
//!
//! Expressions see `ctx` and `attrs` only and end in a boolean, so the variables of a case are bound in the expression, and its value is
//! compared there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::HeaderMap;
use postern_core::context::{Context, Request};
use postern_core::expression::Expression;
use postern_core::platform::Timestamp;
use serde_json::Value;

/// What expressions of the gateway have nothing of: files of cases, and why they are left out.
const NOT_CONCERNED: [(&str, &str); 11] = [
    ("block_ext", "what optimizers of other implementations write"),
    ("enums", "messages"),
    ("macros2", "macros with two variables"),
    ("namespace", "namespaces"),
    ("optionals", "optional values"),
    ("proto2", "messages"),
    ("proto2_ext", "messages"),
    ("proto3", "messages"),
    ("type_deductions", "a type checker: types are those of values"),
    ("wrappers", "messages"),
    ("plumbing", "other tools' interfaces"),
];

/// So that none gets lost.
const PASSED: usize = 1446;

#[test]
#[ignore = "needs Node and its packages: `scripts/test cel` runs it"]
fn the_published_cases_pass_but_for_those_that_are_listed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let node = Command::new("node").arg("tests/cel-conformance/cases.mjs").current_dir(root).output().unwrap();
    assert!(node.status.success(), "`npm ci` brings the cases: {}", String::from_utf8_lossy(&node.stderr));
    let list = std::fs::read_to_string(root.join("tests/cel-conformance/not-passing.txt")).unwrap();
    let mut listed: BTreeSet<&str> = list.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();

    let (mut passed, mut left_out, mut unexpected) = (0, BTreeMap::<&str, usize>::new(), Vec::new());
    for line in String::from_utf8(node.stdout).unwrap().lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        if let Some(reason) = not_concerned(&case) {
            *left_out.entry(reason).or_default() += 1;
            continue;
        }
        let name = case["name"].as_str().unwrap();
        match (run(&case), listed.remove(name)) {
            (Ok(()), false) => passed += 1,
            (Err(_), true) => {}
            (Ok(()), true) => unexpected.push(format!("{name} passes: take it from the list")),
            (Err(why), false) => unexpected.push(format!("{name} fails: {} {why}", case["expr"])),
        }
    }
    unexpected.extend(listed.iter().map(|name| format!("{name} is listed, but there is no such case")));
    println!("{passed} passed, {} not, as listed; left out: {left_out:?}", list.lines().filter(|line| line.contains('/')).count());
    assert!(unexpected.is_empty(), "{} differ:\n{}", unexpected.len(), unexpected.join("\n"));
    assert_eq!(passed, PASSED);
}

fn not_concerned(case: &Value) -> Option<&'static str> {
    let file = case["file"].as_str().unwrap_or_default();
    if let Some((_, reason)) = NOT_CONCERNED.iter().find(|(name, _)| *name == file) {
        return Some(reason);
    }
    let text = case.to_string().replace("google.protobuf.Timestamp", "").replace("google.protobuf.Duration", "");
    if text.contains("TestAllTypes") || text.contains("google.protobuf") || text.contains("objectValue") {
        return Some("messages");
    }
    if case["bindings"].as_object().is_some_and(|bindings| bindings.keys().any(|name| name.contains('.'))) {
        return Some("namespaces");
    }
    (case["checkOnly"] == true).then_some("a type checker: types are those of values")
}

fn run(case: &Value) -> Result<(), String> {
    let mut source = format!("({}\n)", case["expr"].as_str().unwrap_or_default());
    // What is written as a literal stays one, whatever is bound to its name.
    let bindings = case["bindings"].as_object().into_iter().flatten();
    for (name, bound) in bindings.filter(|(name, _)| !["true", "false", "null"].contains(&name.as_str())) {
        source = format!("cel.bind({name}, {}, {source})", literal(&bound["value"])?);
    }
    if case["evalError"].is_object() {
        let is_about_names = case["evalError"].to_string().contains("unbound");
        return match evaluate(&format!("dyn({source}) == 1")) {
            // Where a function is not there, the case says nothing.
            Err(error) if error.contains("unknown function") && !is_about_names => Err(error),
            Err(_) => Ok(()),
            Ok(value) => Err(format!("is {value:?} and not an error")),
        };
    }
    let expected = match &case["value"] {
        Value::Null => "true".to_owned(),
        value if value["doubleValue"] == "NaN" => return holds(&format!("{source} != {source}")),
        value => literal(value)?,
    };
    holds(&format!("{source} == {expected}"))?;
    holds(&format!("type({source}) == type({expected})"))
}

fn holds(source: &str) -> Result<(), String> {
    if evaluate(source)? { Ok(()) } else { Err(format!("is not so: {source}")) }
}

/// What is missing is an error in CEL.
fn evaluate(source: &str) -> Result<bool, String> {
    let expression = Expression::compile(source).map_err(|error| error.to_string())?;
    let headers = HeaderMap::new();
    let request = Request {
        method: "GET",
        path: "/",
        uri: "/",
        host: "h",
        scheme: "",
        query: "",
        headers: &headers,
        ip: None,
        size: None,
        body: None,
        body_map: None,
    };
    let value = expression.evaluate_bool(&Context::new(request), None, Timestamp(0)).map_err(|failure| failure.to_string())?;
    value.ok_or_else(|| "something is missing".to_owned())
}

/// A value of `cel.expr.Value`, as JSON has it, as an expression.
fn literal(value: &Value) -> Result<String, String> {
    let Some((kind, value)) = value.as_object().and_then(|value| value.iter().next()) else { return Err("no value".to_owned()) };
    let text = || value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let literals = |list: &Value| list.as_array().into_iter().flatten().map(literal).collect::<Result<Vec<_>, _>>();
    Ok(match kind.as_str() {
        "nullValue" => "null".to_owned(),
        "boolValue" | "typeValue" => text(),
        "int64Value" => text(),
        "uint64Value" => format!("{}u", text()),
        "doubleValue" => match text().as_str() {
            "Infinity" => "double('Infinity')".to_owned(),
            "-Infinity" => "double('-Infinity')".to_owned(),
            number if number.contains(['.', 'e']) => number.to_owned(),
            number => format!("{number}.0"),
        },
        "stringValue" => quoted(text().chars().map(|c| format!("\\U{:08x}", u32::from(c)))),
        "bytesValue" => {
            let bytes = BASE64_STANDARD.decode(text()).map_err(|error| error.to_string())?;
            format!("b{}", quoted(bytes.iter().map(|byte| format!("\\x{byte:02x}"))))
        }
        "listValue" => format!("[{}]", literals(&value["values"])?.join(", ")),
        "mapValue" => {
            let entries = value["entries"].as_array().into_iter().flatten();
            let entries: Result<Vec<_>, String> =
                entries.map(|entry| Ok(format!("{}: {}", literal(&entry["key"])?, literal(&entry["value"])?))).collect();
            format!("{{{}}}", entries?.join(", "))
        }
        other => return Err(format!("there is no literal of {other}")),
    })
}

fn quoted(escapes: impl Iterator<Item = String>) -> String {
    format!("'{}'", escapes.collect::<String>())
}
