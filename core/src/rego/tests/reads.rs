use super::*;
use crate::testing::test;

/// What of `input` is wanted, as paths.
fn wanted(rules: &str) -> Vec<String> {
    let module = compiled(&condition(rules), Purpose::Condition).unwrap();
    let mut paths = Vec::new();
    collect(&module.wanted, "", &mut paths);
    paths
}

/// Of the keys that the tests use.
fn collect(wanted: &Projection, path: &str, paths: &mut Vec<String>) {
    if wanted.is_whole() {
        paths.push(path.to_owned());
        return;
    }
    let keys = [
        "attrs", "ctx", "user", "groups", "request", "http", "headers", "x-a", "body", "bodyMap", "size", "method", "model", "n", "a b",
        "spec", "\0",
    ];
    for key in keys {
        if let Some(member) = wanted.member(key) {
            let separator = if path.is_empty() { "" } else { "." };
            collect(member, &format!("{path}{separator}{}", if key == "\0" { "?" } else { key }), paths);
        }
    }
}

#[test]
fn what_modules_read() {
    let table: [(&str, &[&str]); 26] = [
        ("match if true", &[]),
        ("match if input.ctx.request.http.bodyMap.model == \"a\"", &["ctx.request.http.bodyMap.model"]),
        ("match if input[\"ctx\"][\"request\"].http.bodyMap[\"a b\"]", &["ctx.request.http.bodyMap.a b"]),
        ("match if input.ctx.request.http.bodyMap[input.ctx.user.spec]", &["ctx.user.spec", "ctx.request.http.bodyMap"]),
        ("match if input.ctx.request.http.bodyMap[_] == 1", &["ctx.request.http.bodyMap"]),
        ("match if input.ctx.request.http[k] == 1", &["ctx.request.http"]),
        ("match if { some k, v in input.ctx.request.http.headers; k == v }", &["ctx.request.http.headers"]),
        ("match if input.ctx.request.http.size > 1", &["ctx.request.http.size"]),
        ("match if contains(input.ctx.request.http.body, \"a\")", &["ctx.request.http.body"]),
        ("match if count(input) == 1", &[""]),
        ("match if input == {}", &[""]),
        ("match if data.octelium.condition.x == 1\nx := input.attrs", &["attrs.?", "attrs"]),
        ("match if data.octelium == {}", &[""]),
        ("match if input.ctx.groups[_].metadata.name == \"a\"", &["ctx.groups"]),
        // Other names: what is read of them, and whether they stand for something.
        ("match if { h := input.ctx.request.http; h.method == \"GET\" }", &["ctx.request.http.method", "ctx.request.http.?"]),
        (
            "match if { h := input.ctx.request.http; b := h.bodyMap; b.model }",
            &["ctx.request.http.bodyMap.model", "ctx.request.http.bodyMap.?", "ctx.request.http.?"],
        ),
        ("h := input.ctx.request.http\nmatch if h.bodyMap.n == 1", &["ctx.request.http.bodyMap.n", "ctx.request.http.?"]),
        (
            "h := input.ctx.request.http\nmatch if data.octelium.condition.h.bodyMap.n",
            &["ctx.request.http.bodyMap.n", "ctx.request.http.?"],
        ),
        ("import input.ctx.request.http as h\nmatch if h.bodyMap.n", &["ctx.request.http.bodyMap.n"]),
        ("f(x) := x\nmatch if { h := input.ctx.request.http; f(h) }", &["ctx.request.http"]),
        ("match if { h := input.ctx.request.http; g := {\"a\": h} ; g.a.method }", &["ctx.request.http"]),
        ("match if { h := input.ctx.request.http; [h] == [1] }", &["ctx.request.http"]),
        // The same name for two things is both.
        (
            "a if { x := input.ctx.user; x.spec }\nmatch if { a; x := input.ctx.request; x.http.method }",
            &["ctx.user.spec", "ctx.user.?", "ctx.request.http.method", "ctx.request.?"],
        ),
        (
            "match if object.get(input.ctx.request.http.bodyMap, \"model\", input.ctx.user.spec) == 1",
            &["ctx.user.spec", "ctx.request.http.bodyMap.model"],
        ),
        ("match if object.get(input.ctx, [\"request\", \"http\"], 1) == 1", &["ctx.request.http"]),
        ("match if object.get(input.ctx.request.http.bodyMap, input.attrs, 1) == 1", &["attrs", "ctx.request.http.bodyMap"]),
    ];
    for (rules, expected) in table {
        let mut found = wanted(&rules.replace("http[k]", "http[_]"));
        // What is wanted as a whole is wanted.
        found.sort();
        let mut expected: Vec<String> = expected
            .iter()
            .map(|path| (*path).to_owned())
            .filter(|path| path.is_empty() || !path.ends_with('?') || !expected.contains(&path.trim_end_matches(".?")))
            .collect();
        expected.sort();
        assert_eq!(found, expected, "{rules}");
    }
}

#[test]
fn the_body_is_read_only_where_a_rule_reads_it() {
    let reads = |rules: &str| compiled(&condition(rules), Purpose::Condition).unwrap().reads().clone();
    assert!(!reads("match if input.ctx.user.spec.email == \"a\"").needs_body());
    assert!(!reads("match if { h := input.ctx.request.http; h.method == \"GET\" }").needs_body());
    assert!(reads("match if { h := input.ctx.request; h.http.bodyMap.n == 1 }").needs_body());
    assert_eq!(reads("match if input.ctx.request.http.bodyMap.n").body_map, Projection::path(["n"]));
    assert!(reads("match if count(input.ctx.request.http) > 1").body);
    // Whether there is a body that could be parsed shows only when it is parsed.
    assert!(reads("match if { _ := input.ctx.request.http.bodyMap }").needs_body());
}

#[test]
fn only_what_is_wanted_is_built() {
    let input = |rules: &str| {
        let module = compiled(&condition(rules), Purpose::Condition).unwrap();
        with_context(&json!({"model": "a", "n": [1, 2]}), |context| {
            meter::metered(&context.budget, Timestamp(0), || Ok(input::build(context, Some(&json!({"a": 1})), &module.wanted).unwrap()))
                .unwrap()
        })
    };
    let json = |rules: &str| value::to_json(&input(rules)).unwrap();
    assert_eq!(json("match if true"), json!({}));
    assert_eq!(json("match if input.ctx.request.http.bodyMap.model"), json!({"ctx": {"request": {"http": {"bodyMap": {"model": "a"}}}}}));
    assert_eq!(json("match if input.ctx.request.http.bodyMap.n.x"), json!({"ctx": {"request": {"http": {"bodyMap": {"n": []}}}}}));
    assert_eq!(
        json("match if input.ctx.request.http.headers[\"x-team\"]"),
        json!({"ctx": {"request": {"http": {"headers": {"x-team": "blue"}}}}})
    );
    assert_eq!(json("match if { x := input.ctx.user; x.metadata }"), json!({"ctx": {"user": {"metadata": {"name": "ada"}}}}));
    assert_eq!(json("match if input.attrs.a"), json!({"attrs": {"a": 1}}));
}
