use super::error;
use crate::expression::{Expression, MAX_LENGTH};
use crate::json::Projection;
use crate::testing::test;

#[test]
fn mistakes_are_shown_where_they_are() {
    let cases = [
        ("ctx.request.http.path = '/'", 23, "a single '=' is not an operator", Some("compare with ==")),
        ("1 +", 4, "mismatched input '<EOF>' expecting expression", None),
        ("(1", 3, "expected ')'", None),
        ("1 2", 3, "mismatched input '2' expecting <EOF>", None),
        ("'abc", 1, "unterminated string literal", None),
        ("'é' + x", 7, "unknown variable `x`", Some("an expression sees `ctx` and, in a policy, `attrs`")),
        ("'é' 1", 5, "mismatched input '1' expecting <EOF>", None),
        ("ctxt.user", 1, "unknown variable `ctxt`", Some("did you mean `ctx`?")),
        ("ctx.request.http.pth == '/'", 18, "`ctx.request.http` has no `pth`", Some("did you mean `path`?")),
        ("has(ctx.reqest.http)", 9, "`ctx` has no `reqest`", Some("did you mean `request`?")),
        ("ctx[\"usr\"]", 5, "`ctx` has no `usr`", Some("did you mean `user`?")),
        ("ctx.request.http.headers[\"X-A\"] == ''", 26, "no header is called `X-A` here", Some("header names are in lower case: `x-a`")),
        ("ctx.request.http.headers.Host == ''", 26, "no header is called `Host` here", Some("header names are in lower case: `host`")),
        ("'X-A' in ctx.request.http.headers", 1, "no header is called `X-A` here", Some("header names are in lower case: `x-a`")),
        ("'a'.startWith('b')", 5, "unknown function `startWith`", Some("did you mean `startsWith`?")),
        ("contains('a', 'b')", 1, "unknown function `contains`", Some("write x.contains(…)")),
        ("'a'.int()", 5, "unknown function `int`", Some("write int(x)")),
        ("net.isIp('a')", 5, "unknown function `net.isIp`", Some("did you mean `net.isIP`?")),
        ("'a'.startsWith()", 5, "`startsWith` takes 1 arguments, not 0", None),
        ("now(1)", 1, "`now` takes 0 arguments, not 1", None),
        ("[1].all(true)", 5, "`all` is called with a wrong number of arguments", None),
        ("_foo_(1)", 1, "unknown function `_foo_`", None),
        ("has(ctx)", 5, "invalid argument to has() macro", None),
        ("[1].all(ctx, true)", 9, "`ctx` cannot name an element: it would hide the variable", None),
        ("cel.bind(attrs, 1, true)", 10, "`attrs` cannot name an element: it would hide the variable", None),
        ("[1].all(x.y, true)", 10, "argument must be a simple name", None),
        ("ctx.?user", 4, "unsupported syntax '.?'", None),
        ("user{name: 'a'}", 1, "there is no message type `user`", None),
        ("99999999999999999999", 1, "invalid int literal", None),
        ("'\\q'", 1, "unable to unescape string", None),
        ("1 == 1 & 2 == 2", 8, "unexpected single '&', expected '&&'", None),
    ];
    for (source, column, message, help) in cases {
        let error = error(source);
        assert_eq!((error.column, error.message.as_str(), error.help.as_deref()), (column, message, help), "{source}");
    }
    assert_eq!(error("true &&\n  (x)").to_string(), "line 2, column 4: unknown variable `x`");
    assert!(error("'a'.matches('(')").message.starts_with("the pattern cannot be used"));
    assert!(error("time.isWeekdayInTZ(now(), 'Europe/Berlni')").message.starts_with("unknown time zone"));
    assert!(error("now().getHours('Europe/Berlni')").message.starts_with("unknown time zone"));
}

#[test]
fn macros_nest_at_most_twice() {
    assert!(Expression::compile("[1].all(a, [1].all(b, a == b)) && [1].all(c, c == 1)").is_ok());
    assert!(error("[1].all(a, [1].all(b, [1].all(c, true)))").message.contains("nested more than 2"));
    // A macro in the range of another is beside it, not inside it.
    assert!(Expression::compile("[1].map(a, a).map(b, b).map(c, c).size() == 1").is_ok());
}

#[test]
fn the_length_and_the_number_of_parts_are_bounded() {
    assert!(error(&" ".repeat(MAX_LENGTH + 1)).message.contains("longer than 10000"));
    assert!(Expression::compile(&format!("{}'{}'", " ".repeat(9000), "é".repeat(998))).is_ok());
    assert!(error(&format!("[{}]", "1,".repeat(2500))).message.contains("more than 2000 parts"));
}

#[test]
fn what_is_read_is_derived() {
    let cases: [(&str, bool, Projection, bool); 17] = [
        ("ctx.request.http.path == '/'", false, Projection::default(), false),
        ("ctx.request.http.body.contains('x')", true, Projection::default(), false),
        ("ctx.request.http.bodyMap.model == 'x'", false, Projection::path(["model"]), false),
        ("has(ctx.request.http.bodyMap.user.name)", false, Projection::path(["user", "name"]), false),
        ("ctx.request.http.bodyMap[\"a\"].b == 1", false, Projection::path(["a", "b"]), false),
        ("ctx.request.http.bodyMap.messages[0].role == 'x'", false, Projection::path(["messages"]), false),
        ("ctx.request.http.bodyMap.messages.size() < 4", false, Projection::path(["messages"]), false),
        ("ctx.request.http.bodyMap[ctx.request.http.method] == 1", false, Projection::whole(), false),
        ("size(ctx.request.http.bodyMap) > 1", false, Projection::whole(), false),
        ("'model' in ctx.request.http.bodyMap", false, Projection::whole(), false),
        ("ctx[\"request\"].http.bodyMap.a == 1", false, Projection::path(["a"]), false),
        ("ctx.request[attrs.x].bodyMap.a == 1", true, Projection::whole(), true),
        ("cel.bind(h, ctx.request.http, h.bodyMap.a == 1)", true, Projection::whole(), true),
        ("[ctx].exists(c, c.user.x == 1)", true, Projection::whole(), true),
        ("ctx.request.http.headers[\"a\"] == ctx.request.http.headers.b", false, Projection::default(), false),
        ("'a' in ctx.request.http.headers", false, Projection::default(), false),
        ("ctx.request.http.size > 10", false, Projection::default(), true),
    ];
    for (source, body, body_map, size) in cases {
        let expression = Expression::compile(source).unwrap();
        let reads = expression.reads();
        assert_eq!((reads.body, &reads.body_map, reads.size), (body, &body_map, size), "{source}");
    }
}

/// What an expression gives over the projected body is what it gives over the whole one.
#[test]
fn projections_change_no_result() {
    let text = super::sample_body().to_string();
    let paths =
        ["model", "model.x", "nothing.x", "messages", "messages[1].role", "messages[5]", "messages.x", "user.name", "user.x", "n.x"];
    for path in paths {
        for value in [format!("ctx.request.http.bodyMap.{path}"), format!("has(ctx.request.http.bodyMap.{path}) ? 1 : 2")] {
            let source = format!("json.marshal([{value}])");
            let Ok(expression) = Expression::compile(&source) else { continue };
            let projected = crate::json::read(text.as_bytes(), &expression.reads().body_map).unwrap();
            assert_eq!(super::evaluate_over(&expression, &projected), super::evaluate_over(&expression, &super::sample_body()), "{source}");
        }
    }
}
