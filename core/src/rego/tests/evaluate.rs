use super::*;
use crate::testing::test;

#[test]
fn what_rules_see_and_decide() {
    let table = [
        ("match if true", Some(true)),
        ("match := false", Some(false)),
        ("match if false", None),
        ("default match := false\nmatch if input.ctx.missing", None),
        ("default match := false\nmatch if input.ctx.region", Some(false)),
        (r#"match if input.ctx.request.http.method == "POST""#, Some(true)),
        (r#"match if input.ctx.request.http.headers["x-team"] == "blue""#, Some(true)),
        (r#"match if input.ctx.request.http.queryParams.a == "1""#, Some(true)),
        ("match if input.ctx.request.http.size == 17", Some(true)),
        (r#"match if input.ctx.request.http.bodyMap.model in {"gpt-5", "gpt-4"}"#, Some(true)),
        (r#"match if "ops" in input.ctx.user.spec.groups"#, Some(true)),
        (r#"match if { some group in input.ctx.groups; group.metadata.name == "dev" }"#, Some(true)),
        (r#"match if input.ctx.groups[_].metadata.name == "ops""#, Some(true)),
        (r#"match if { every m in input.ctx.request.http.bodyMap.messages { m.role in ["user", "tool"] } }"#, Some(true)),
        ("match if count(input.ctx.request.http.bodyMap.messages) < input.attrs.limit", Some(true)),
        (r#"match if not input.ctx.request.http.bodyMap.stream"#, Some(true)),
        (r#"match if not input.ctx.user.spec.groups == ["dev"]"#, Some(true)),
        ("match if input.ctx.request.http.bodyMap.missing == 1", None),
        ("match if not input.ctx.request.http.bodyMap.missing == 1", Some(true)),
        // The library by itself has false for it, against the Open Policy Agent.
        ("match := input.ctx.request.http.bodyMap.missing in [1]", None),
        (r#"match if object.get(input.ctx.request.http.bodyMap, "stream", false) == false"#, Some(true)),
        (r#"match if object.get(input.ctx, ["request", "http", "bodyMap", "n"], 0) == 2"#, Some(true)),
        ("http := input.ctx.request.http\nmatch if http.bodyMap.n > 1", Some(true)),
        ("import input.ctx.request.http\nmatch if http.bodyMap.n > 1", Some(true)),
        ("import input.ctx.request.http as h\nmatch if { b := h.bodyMap; b.n + 1 == 3 }", Some(true)),
        (
            r#"roles contains m.role if some m in input.ctx.request.http.bodyMap.messages
           match if roles == {"user", "tool"}"#,
            Some(true),
        ),
        ("is_small(n) if n < 5\nmatch if is_small(input.ctx.request.http.bodyMap.n)", Some(true)),
        ("twice(n) := n * 2\nmatch if twice(input.ctx.request.http.bodyMap.n) == 4", Some(true)),
        ("limit := 1 if input.ctx.region else := 5\nmatch if limit == 5", Some(true)),
        ("match if { x := {1, 2} | {3}; x - {1} == {2, 3}; x & {1, 9} == {1} }", Some(true)),
        ("match if { [a, b] := [1, 2]; a < b }", Some(true)),
        (r#"match if { print("nothing"); 1 in [1] }"#, Some(true)),
        (
            r#"match if data.octelium.condition.other
           other if 1, "a" in ["b", "a"]"#,
            Some(true),
        ),
        ("match if time.now_ns() == 1766000000000000000", Some(true)),
    ];
    for (rules, expected) in table {
        let expected = if rules.contains("ctx.missing") { Err(()) } else { Ok(expected) };
        assert_eq!(decide(rules).map_err(|_| ()), expected, "{rules}: {:?}", decide(rules));
    }
}

#[test]
fn our_own_package_name_is_as_good() {
    assert!(compiled("package postern.condition\nmatch if true", Purpose::Condition).is_ok());
    assert!(compiled("package postern.eval\nresult := {}", Purpose::Config).is_ok());
}

#[test]
fn failures_tell_the_line_and_no_value() {
    let table = [
        ("match := 1", "`match` has to be a boolean, not a number"),
        (
            "match if {\n\tlower(input.ctx.request.http.bodyMap.n) == \"x\"\n}",
            "line 3 of the Rego module: `lower`: a string is needed, not a number",
        ),
        ("match if input.ctx.request.http.bodyMap.n / 0 == 1", "line 2 of the Rego module: `/`: division by zero"),
        ("match if to_number(input.ctx.request.http.bodyMap.model) == 1", "line 2 of the Rego module: `to_number`: the text is no number"),
        (
            "match if { some x in input.ctx.request.http.bodyMap.model }",
            "line 2 of the Rego module: `some … in` needs a list, a set or an object",
        ),
        (
            "f(x) := 1 if x\nf(x) := 2 if x\nmatch if f(input.ctx.request.http.bodyMap.model)",
            "a rule or function has several values at once",
        ),
    ];
    for (rules, expected) in table {
        let failure = decide(rules).unwrap_err();
        assert!(failure.contains(expected), "{rules}: {failure}");
        assert!(!failure.contains("gpt-5"), "{failure}");
    }
}

#[test]
fn an_error_is_not_got_over() {
    const FAILS: &str = "lower(input.ctx.request.http.bodyMap.n) == \"x\"";
    for rules in [
        format!("default match := true\nmatch if {FAILS}"),
        format!("match if not {FAILS}"),
        format!("match if {{ {FAILS} }} else := true"),
        format!("match if {FAILS}\nmatch if true"),
        format!("match if count([1 | {FAILS}]) == 0"),
        format!("f(_) if {FAILS}\nf(_) if true\nmatch if f(1)"),
    ] {
        assert!(decide(&rules).unwrap_err().contains("`lower`"), "{rules}: {:?}", decide(&rules));
    }
}

#[test]
fn a_result_is_an_object_of_json() {
    let result = |rules: &str| {
        let module = compiled(&format!("package octelium.eval\n{rules}"), Purpose::Config).unwrap();
        with_context(&json!({"model": "a"}), |context| {
            module.evaluate_object(context, Timestamp(0)).map(|found| found.map(Json::Object)).map_err(|failure| failure.to_string())
        })
    };
    assert_eq!(
        result(r#"result := {"a": input.ctx.request.http.bodyMap.model, "b": {1, 2}, "c": [null, 1.5]}"#),
        Ok(Some(json!({"a": "a", "b": [1, 2], "c": [null, 1.5]})))
    );
    assert_eq!(result(r#"result := {"a": 1} if input.ctx.region"#), Ok(None));
    assert_eq!(result("result := [1]"), Err("`result` has to be an object, not an array".to_owned()));
    assert_eq!(result("result := {1: 2}"), Err("`result` is no object of JSON: a key is no text".to_owned()));
}

#[test]
fn nothing_of_a_request_stays() {
    let module =
        compiled(&condition("names contains input.ctx.request.http.bodyMap.name\nmatch if \"a\" in names"), Purpose::Condition).unwrap();
    let decide = |body: &Json| with_context(body, |context| module.evaluate_bool(context, None, Timestamp(0)));
    assert_eq!(decide(&json!({"name": "a"})), Ok(Some(true)));
    assert_eq!(decide(&json!({"name": "b"})), Ok(None));
    assert_eq!(decide(&json!({})), Ok(None));
}
