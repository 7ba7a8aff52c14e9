use serde_json::json;

use super::{evaluate, fails, gives, holds, misses};
use crate::context::{Budget, Context, Request};
use crate::expression::Expression;
use crate::platform::Timestamp;
use crate::testing::{bare, test};

#[test]
fn the_request_is_seen() {
    gives(&[
        ("ctx.request.ip", json!("192.168.1.10")),
        ("ctx.request.http.method", json!("POST")),
        ("ctx.request.http.path", json!("/users/é")),
        ("ctx.request.http.uri", json!("/users/%C3%A9?a=1&b=x+y&a=2")),
        ("ctx.request.http.host", json!("api.example.com")),
        ("ctx.request.http.headers[\"x-tenant\"]", json!("acme")),
        ("ctx.request.http.headers[\"x-twice\"]", json!("first")),
        ("ctx.request.http.queryParams", json!({"a": "1", "b": "x y"})),
        ("ctx.request.http.queryParams.b", json!("x y")),
        ("ctx.request.http.size + 1", json!(1235)),
        ("int(ctx.request.http.size)", json!(1234)),
        ("ctx.request.http.body", json!("the text")),
        ("ctx.request.http.bodyMap.messages[1].content", json!("hello")),
        ("ctx.user.spec.groups", json!(["dev", "ops"])),
        ("ctx.session.status.isBrowser", json!(false)),
        ("ctx.region", json!("eu")),
        ("attrs.limit", json!(3)),
        ("ctx", evaluate("ctx").unwrap().unwrap()),
        ("size(ctx.request.http)", json!(8 + 1)),
    ]);
}

#[test]
fn what_is_not_there_is_missing_and_not_an_error() {
    misses(&[
        "ctx.request.http.bodyMap.absent == 1",
        "ctx.request.http.bodyMap.absent.deeper",
        "ctx.request.http.bodyMap.nothing.field",
        "ctx.request.http.bodyMap[\"absent\"]",
        "ctx.request.http.bodyMap.messages[2]",
        "ctx.request.http.bodyMap.messages[-1]",
        "[1, 2][2]",
        "{'a': 1}['b']",
        "{'a': 1}[1]",
        "ctx.namespace.metadata.name",
        "ctx.device.status",
        "ctx.groups",
        "ctx.request.http.scheme",
        "ctx.request.http.protocol",
        "ctx.request.llm.model",
        "ctx.request.http.headers[\"absent\"]",
        "ctx.request.http.headers.absent",
        "ctx.request.http.queryParams.absent",
        "attrs.absent",
        "!(ctx.namespace.x == 1)",
        "has(ctx.namespace.metadata.name)",
        "has(ctx.request.http.bodyMap.nothing.field)",
        "ctx.request.http.bodyMap.absent || false",
        "[1].exists(x, ctx.namespace.x == x)",
    ]);
}

#[test]
fn what_cannot_be_done_is_an_error_and_not_missing() {
    fails(&[
        "1 + 1.0",
        "1 + 'a'",
        "ctx.request.http.bodyMap.model > 1",
        "ctx.request.http.bodyMap.model.field",
        "ctx.request.http.bodyMap.messages.field",
        "has(ctx.request.http.bodyMap.model.field)",
        "1 / 0",
        "1 % 0",
        "9223372036854775807 + 1",
        "-(-9223372036854775808)",
        "-9223372036854775808 / -1",
        "2u - 3u",
        "!1",
        "1 ? 2 : 3",
        "1 && true",
        "'a' in 'abc'",
        "{'a': 1, 'a': 2}",
        "{1.5: 1}",
        "[1]['a']",
        "[1][0.5]",
        "int('x')",
        "[].min()",
        "'abc'.substring(4)",
        "duration('x')",
        "timestamp('x')",
        "json.parse('[1]')",
        "json.parse('{\"a\":1,\"a\":2}')",
        "net.isPrivateIP('x')",
        "net.isIPInRange('10.0.0.1', '10.0.0.0')",
        "bytes('a') < 'a'",
        "0.0 / 0.0 < 1.0",
        "[1, 'a'].all(x, x > 0)",
        "double('1e400') == 1.0 ? 1 : int(double('inf'))",
    ]);
}

#[test]
fn logical_operators_absorb_faults_that_do_not_matter() {
    gives(&[
        ("ctx.namespace.x == 1 || true", json!(true)),
        ("true || ctx.namespace.x == 1", json!(true)),
        ("ctx.namespace.x == 1 && false", json!(false)),
        ("1 / 0 == 1 || true", json!(true)),
        ("1 / 0 == 1 && false", json!(false)),
        ("'a' && false", json!(false)),
        ("[1, 2].exists(x, 1 / (x - 1) == 1)", json!(true)),
        ("[1, 2].all(x, 1 / (x - 1) == 2)", json!(false)),
        ("has(ctx.namespace) && ctx.namespace.x == 1", json!(false)),
        ("true ? 1 : 1 / 0", json!(1)),
    ]);
    misses(&["ctx.namespace.x == 1 || false", "ctx.namespace.x == 1 && true", "ctx.namespace.x == 1 || ctx.namespace.y == 1"]);
    // When both fail, it is the right one that counts.
    fails(&["ctx.namespace.x == 1 || 1 / 0 == 1", "ctx.namespace.x == 1 && 1 / 0 == 1"]);
    misses(&["1 / 0 == 1 || ctx.namespace.x == 1", "1 / 0 == 1 && ctx.namespace.x == 1"]);
}

#[test]
fn whole_numbers_of_json_are_ints() {
    holds(&[
        "type(ctx.request.http.bodyMap.n) == int",
        "type(ctx.request.http.bodyMap.temperature) == double",
        "ctx.request.http.bodyMap.n == 1",
        "ctx.request.http.bodyMap.n == 1.0",
        "ctx.request.http.bodyMap.n in [1, 2]",
        "ctx.request.http.bodyMap.n < 1.5",
        "ctx.request.http.bodyMap.n + 1 == 2",
        "ctx.request.http.bodyMap.messages[ctx.request.http.bodyMap.n].role == 'user'",
        "string(ctx.request.http.bodyMap.n) == '1'",
        "ctx.request.http.bodyMap.big == 9007199254740993",
        "ctx.request.http.bodyMap.big != 9007199254740992",
        "ctx.request.http.bodyMap.temperature < 0.7",
        "type(ctx.request.http.bodyMap.huge) == uint",
        "ctx.request.http.bodyMap.huge == 18446744073709551615u",
    ]);
}

#[test]
fn json_compares_with_literals_both_ways() {
    holds(&[
        "ctx.user.spec.groups == ['dev', 'ops']",
        "ctx.user.spec.groups != ['dev']",
        "ctx.user.spec.groups in [['dev', 'ops']]",
        "[ctx.user.spec.groups, ['dev', 'ops']] == [['dev', 'ops'], ctx.user.spec.groups]",
        "[{'g': ctx.user.spec.groups}] == [{'g': ['dev', 'ops']}]",
        "ctx.user.spec.groups + ['qa'] == ['dev', 'ops', 'qa'] && ['qa'] + ctx.user.spec.groups == ['qa', 'dev', 'ops']",
        "[1, 2] == [1.0, 2u] && {'a': 1u} == {'a': 1}",
        "!(ctx.request.http.bodyMap.user == 'n') && ctx.request.http.bodyMap != ctx.request.http",
        "['dev', 'ops'] == ctx.user.spec.groups",
        "ctx.request.http.bodyMap.user == {'name': 'n'}",
        "{'name': 'n'} == ctx.request.http.bodyMap.user",
        "ctx.request.http.bodyMap.nothing == null",
        "ctx.request.http.bodyMap.model != null",
        "'model' in ctx.request.http.bodyMap",
        "!('absent' in ctx.request.http.bodyMap)",
        "'x-tenant' in ctx.request.http.headers",
        "'a' in ctx.request.http.queryParams",
        "ctx.request.http.bodyMap.user.all(k, k == 'name')",
        "ctx.request.http.bodyMap.messages.map(m, m.role) == ['system', 'user']",
        "ctx.request.http.bodyMap.messages.filter(m, m.role == 'user').size() == 1",
    ]);
}

#[test]
fn the_result_must_have_the_type_that_is_asked_for() {
    let headers = http::HeaderMap::new();
    let context = Context::new(bare(&headers));
    let compile = |source| Expression::compile(source).unwrap();
    let bool = |source| compile(source).evaluate_bool(&context, None, Timestamp(0));
    let string = |source| compile(source).evaluate_string(&context, None, Timestamp(0));
    assert_eq!(bool("1").unwrap_err().to_string(), "a boolean is needed, not int");
    assert!(bool("null").is_err());
    assert!(string("1").is_err());
    assert_eq!(string("'a' + 'b'"), Ok(Some("ab".to_owned())));
    // Without a policy there is no `attrs`.
    assert_eq!(bool("attrs.x == 1"), Ok(None));
    assert_eq!(bool("has(attrs.x) || true"), Ok(Some(true)));
}

/// A failure is logged, and what callers send is not.
#[test]
fn failures_do_not_quote_values() {
    let sources = [
        "ctx.user.metadata.name + 1 == 1",
        "ctx.user.metadata.name < 1",
        "[1][ctx.user.metadata.name] == 1",
        "{ctx.user.metadata.name: 1, 'ada': 2} == {}",
        "int(ctx.user.metadata.name) == 1",
        "timestamp(ctx.user.metadata.name) == now()",
        "ctx.user.metadata.name ? true : false",
    ];
    for source in sources {
        let failure = evaluate(source).unwrap_err().to_string();
        assert!(!failure.contains("ada"), "{source}: {failure}");
    }
    assert_eq!(evaluate("ctx.user.metadata.name + 1").unwrap_err().to_string(), "`add` does not take string and int");
}

/// The budget is that of the request, and nothing absorbs its end.
#[test]
fn work_is_bounded() {
    let headers = http::HeaderMap::new();
    let list: Vec<u32> = (0..3000).collect();
    let body = json!({"list": list, "text": "a".repeat(100_000)});
    let costly = [
        "ctx.request.http.bodyMap.list.exists(a, ctx.request.http.bodyMap.list.exists(b, a + b < 0)) || true",
        "cel.bind(l, ctx.request.http.bodyMap.list.map(x, x), l.all(a, l.all(b, a != b || a == b)))",
        "ctx.request.http.bodyMap.list.all(a, ctx.request.http.bodyMap.list.map(b, b) == ctx.request.http.bodyMap.list)",
        "ctx.request.http.bodyMap.list.all(x, !ctx.request.http.bodyMap.text.matches('b'))",
        "cel.bind(t, ctx.request.http.bodyMap.text, ctx.request.http.bodyMap.list.all(x, !t.contains('b')))",
        "ctx.request.http.bodyMap.list.all(x, ctx.request.http.bodyMap.text.replace('a', 'bb') != '')",
        "ctx.request.http.bodyMap.text.replace('a', ctx.request.http.bodyMap.text) != ''",
        "ctx.request.http.bodyMap.list.all(x, ctx.request.http.bodyMap.text.split('').size() > 0)",
        "ctx.request.http.bodyMap.list.all(x, ctx.request.http.bodyMap.text.indexOf('b') < 0)",
        "ctx.request.http.bodyMap.list.all(x, json.marshal(ctx.request.http.bodyMap.list) != '')",
        "ctx.request.http.bodyMap.list.all(x, ctx.request.http.bodyMap.list.hasAll(ctx.request.http.bodyMap.list))",
    ];
    for source in costly {
        let mut context = Context::new(Request { body_map: Some(&body), ..bare(&headers) });
        context.budget = Budget::new(200_000);
        let result = Expression::compile(source).unwrap().evaluate_bool(&context, None, Timestamp(0));
        assert!(result.is_err(), "{source} gives {result:?}");
        assert_eq!(context.budget.left(), 0, "{source}");
    }
    // An ordinary walk of the same list is far below the bound.
    let context = Context::new(Request { body_map: Some(&body), ..bare(&headers) });
    let walk = Expression::compile("ctx.request.http.bodyMap.list.all(x, x < 3000)").unwrap();
    assert_eq!(walk.evaluate_bool(&context, None, Timestamp(0)), Ok(Some(true)));
    assert!(context.budget.left() > 450_000);
}

/// Doubling a text again and again must not fill the memory.
#[test]
fn texts_cannot_explode() {
    let mut source = "cel.bind(a, '0123456789', ".to_owned();
    for _ in 0..40 {
        source.push_str("cel.bind(a, a + a, ");
    }
    source.push_str("size(a)");
    source.push_str(&")".repeat(41));
    assert!(evaluate(&source).is_err());
}
