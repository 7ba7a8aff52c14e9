use super::*;
use crate::context::Budget;
use crate::platform::Timestamp;
use crate::rego::meter;
use crate::testing::test;

/// Each function with every kind of argument: none may panic, and what it says about them must not hold them.
#[test]
fn no_function_panics() {
    let values: Vec<Value> = [
        "null",
        "true",
        "0",
        "-1",
        "1.5",
        "1e300",
        "18446744073709551615",
        "-9223372036854775808",
        r#""""#,
        r#""SECRET\u00e9\ud83d\ude00""#,
        r#""%""#,
        r#""%5""#,
        r#""1/2""#,
        r#""[a-""#,
        "[]",
        r#"[1, "SECRET"]"#,
        r#"[0, ""]"#,
        r#"[9223372036854775807, "Asia/Tokyo"]"#,
        "{}",
        r#"{"SECRET": [1]}"#,
    ]
    .into_iter()
    .map(|text| Value::from_json_str(text).unwrap())
    .chain([Value::new_set(), Value::from(std::collections::BTreeSet::from([Value::from(1u64), Value::new_set()]))])
    .collect();
    for function in all() {
        let arity = usize::from(function.arity);
        for combination in 0..values.len().pow(function.arity.min(3).into()) {
            let argument = |i: usize| values[combination / values.len().pow(u32::try_from(i).unwrap()) % values.len()].clone();
            let arguments: Vec<Value> = (0..arity).map(argument).collect();
            let outcome = meter::metered(&Budget::new(20_000), Timestamp(0), || call(function.name, function.run, &arguments));
            if let Err(failure) = outcome {
                assert!(!failure.to_string().contains("SECRET"), "{}: {failure}", function.name);
            }
        }
    }
}

#[test]
fn names_are_unique() {
    let mut names: Vec<&str> = all().map(|function| function.name).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}
