use http::HeaderMap;

use super::*;
use crate::context::Request;
use crate::testing::{bare, test};

fn compiled(json: &str) -> Result<Condition, Vec<String>> {
    let mut problems = Problems::new();
    let source: resource::Condition = serde_json::from_str(json).unwrap();
    let condition = Condition::compile(&source, &mut problems);
    condition.ok_or_else(|| problems.iter().map(|problem| problem.path.clone()).collect())
}

fn applies(json: &str) -> Result<bool, Failure> {
    let headers = HeaderMap::new();
    let request = Request { method: "POST", path: "/v1/chat", uri: "/v1/chat", ..bare(&headers) };
    compiled(json).unwrap().applies(&Context::new(request), None, Timestamp(0))
}

#[test]
fn truth() {
    const YES: &str = r#"{"match":"ctx.request.http.method == 'POST'"}"#;
    const NO: &str = r#"{"match":"ctx.request.http.method == 'GET'"}"#;
    let list = |kind: &str, of: &[&str]| format!("{{\"{kind}\":{{\"of\":[{}]}}}}", of.join(","));
    let table = [
        (r#"{"matchAny":true}"#.to_owned(), true),
        (r#"{"matchAny":false}"#.to_owned(), false),
        (YES.to_owned(), true),
        (NO.to_owned(), false),
        (r#"{"not":"ctx.request.http.method == 'GET'"}"#.to_owned(), true),
        (r#"{"match":""}"#.to_owned(), false),
        (r#"{"not":""}"#.to_owned(), false),
        (r#"{"match":"ctx.user.metadata.name == 'a'"}"#.to_owned(), false),
        (r#"{"not":"ctx.user.metadata.name == 'a'"}"#.to_owned(), true),
        (r#"{"match":"!(ctx.user.metadata.name == 'a')"}"#.to_owned(), false),
        (list("all", &[]), false),
        (list("all", &[YES, YES]), true),
        (list("all", &[YES, NO]), false),
        (list("any", &[]), false),
        (list("any", &[NO, YES]), true),
        (list("any", &[NO, NO]), false),
        (list("none", &[]), false),
        (list("none", &[NO, NO]), true),
        (list("none", &[NO, YES]), false),
        (list("all", &[&list("any", &[NO, YES]), &list("none", &[NO])]), true),
    ];
    for (json, expected) in table {
        assert_eq!(applies(&json).unwrap(), expected, "{json}");
    }
}

#[test]
fn a_real_failure_is_an_error_unless_it_is_not_reached() {
    const FAILS: &str = r#"{"match":"ctx.request.http.method > 1"}"#;
    assert!(applies(FAILS).is_err());
    assert!(applies(&format!(r#"{{"any":{{"of":[{FAILS},{{"matchAny":true}}]}}}}"#)).is_err());
    assert!(applies(&format!(r#"{{"any":{{"of":[{{"matchAny":true}},{FAILS}]}}}}"#)).unwrap());
}

#[test]
fn refuses() {
    let deep = (0..17).fold(r#"{"matchAny":true}"#.to_owned(), |inner, _| format!(r#"{{"all":{{"of":[{inner}]}}}}"#));
    let path = |depth: usize| (0..depth).map(|_| "all.of[0]").collect::<Vec<_>>().join(".");
    let wide = format!(r#"{{"any":{{"of":[{}]}}}}"#, vec![r#"{"matchAny":true}"#; 101].join(","));
    assert_eq!(compiled("{}").unwrap_err(), [""]);
    assert_eq!(compiled(r#"{"match":"true","matchAny":true}"#).unwrap_err(), [""]);
    assert_eq!(compiled(r#"{"opa":{"inline":"x"}}"#).unwrap_err(), ["opa.inline"]);
    assert_eq!(compiled(r#"{"all":{"of":[{"match":"1 +"}]}}"#).unwrap_err(), ["all.of[0].match"]);
    for never in ["1 + 1", "'a' + 1 == 2", "[1]"] {
        assert_eq!(compiled(&format!("{{\"match\":\"{never}\"}}")).unwrap_err(), ["match"], "{never}");
    }
    assert_eq!(compiled(&deep).unwrap_err(), [path(17)]);
    let mut problems = Problems::new();
    Condition::compile(&serde_json::from_str(&wide).unwrap(), &mut problems);
    assert!(problems.has_errors());
}
