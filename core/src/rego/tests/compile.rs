use super::*;
use crate::testing::test;

fn problems(text: &str, purpose: Purpose) -> String {
    compiled(text, purpose).map(|_| ()).unwrap_err()
}

#[test]
fn mistakes_are_shown_where_they_are() {
    let table = [
        ("match := (", "line 2, column 11: expecting expression"),
        ("match {\n\ttrue\n}", "line 2, column 7: `if` keyword is required before rule body"),
        ("match if x == 1", "line 2, column 10: use of undefined variable `x` is unsafe"),
        ("allow if true", "line 1, column 1: there is no rule `match` (write `match if"),
        ("match contains 1", "line 2, column 1: `match` is not a boolean here"),
        ("match(x) if x", "line 2, column 1: `match` is not a boolean here"),
        ("match.x := true", "line 2, column 1: `match` is not a boolean here"),
        (
            "match if {\n\thttp.send({}).x\n}",
            "line 3, column 2: the built-in function `http.send` is not supported (a policy cannot call anybody",
        ),
        ("match if rand.intn(\"a\", 2) == 1", "line 2, column 10: the built-in function `rand.intn` is not supported (the same request"),
        ("match if uuid.rfc4122(\"a\")", "the built-in function `uuid.rfc4122` is not supported"),
        ("match if io.jwt.decode(\"a\")", "is not supported (the gateway checks tokens itself"),
        ("match if coun([]) == 0", "line 2, column 10: the built-in function `coun` is not supported (did you mean `count`?)"),
        ("match if count([], []) == 0", "line 2, column 10: `count` takes one argument, not 2"),
        ("match if regex.match(`(`, \"a\")", "line 2, column 10: the pattern cannot be used"),
        ("match if input.user", "line 2, column 16: `input` has no `user` here (the input is `{ctx, attrs}`"),
        ("match if input.ctx.usr", "line 2, column 20: `ctx` has no `usr` (did you mean `user`?)"),
        ("match if input.ctx.request.http.headers[\"X-A\"]", "no header is called `X-A` here (header names are in lower case: `x-a`)"),
        ("import input.ctx.request as r\nmatch if r.htp", "`ctx.request` has no `htp` (did you mean `http`?)"),
        ("import input.ctxt\nmatch if true", "`input` has no `ctxt` here"),
        ("match if data.roles.admin", "line 2, column 10: there is no `data.roles.admin` (a module sees its own rules"),
        ("import data.roles\nmatch if roles.admin", "line 2, column 8: there is no data to import"),
        ("match if data.octelium.condition.othr", "there is no `data.octelium.condition.othr`"),
        ("match if true with input as {}", "line 2, column 15: `with` is for tests of a module"),
        ("match if [1 | true with input as {}] == []", "`with` is for tests of a module"),
        ("match if { every x in [1] { x with input as {} } }", "`with` is for tests of a module"),
    ];
    for (rules, expected) in table {
        let found = problems(&condition(rules), Purpose::Condition);
        assert!(found.contains(expected), "{rules}\n{found}\n{expected}");
    }
}

#[test]
fn packages() {
    for (text, purpose, expected) in [
        ("package a\nmatch if true", Purpose::Condition, "begin with `package octelium.condition`"),
        ("package octelium.eval\nmatch if true", Purpose::Condition, "begin with `package octelium.condition`"),
        ("package octelium.condition\nresult := {}", Purpose::Config, "begin with `package octelium.eval`"),
        ("package octelium.eval\nresult := {\"a\": input.attrs.x}", Purpose::Config, "`input` has no `attrs` here"),
        ("match if true", Purpose::Condition, "Missing package declaration"),
        ("", Purpose::Condition, "Missing package declaration"),
    ] {
        let found = problems(text, purpose);
        assert!(found.contains(expected), "{text}\n{found}");
    }
}

#[test]
fn what_stands_in_a_module() {
    let module = compiled(
        "package octelium.eval\nresult := {\"url\": \"https://a.example\", \"auth\": {\"fromSecret\": lower(\"A\")}}",
        Purpose::Config,
    )
    .unwrap();
    assert!(module.literals().any(|text| text == "https://a.example"));
    assert_eq!(module.computes(&["url", "fromSecret", "tokenURL"]), ["fromSecret"]);
}

#[test]
fn a_module_can_be_printed() {
    assert!(format!("{:?}", compiled(&condition("match if true"), Purpose::Condition)).contains("data.octelium.condition.match"));
}
