//! What each function gives, by scripts that return it.

use std::rc::Rc;

use bytes::Bytes;
use http::{HeaderMap, Method};
use postern_lua::{Failure, FailureKind, Progress, Resource, Vm};

use super::host::Ask;
use super::*;
use crate::body::BodyBudget;
use crate::platform::Body;
use crate::platform::memory::MemoryLog;
use crate::receive::CleanPath;
use crate::testing::test;

fn host() -> ScriptHost {
    let mut headers = HeaderMap::new();
    headers.insert("x-old", "1".parse().unwrap());
    let path = CleanPath::new("/a").unwrap();
    let limits = (1000, BodyBudget::new(1000));
    let draft = Draft::new(Method::GET, path, Some("b=2&a=1&b=3".to_owned()), headers, Body::Empty, limits);
    let mut host = ScriptHost::new("p".to_owned(), Rc::new(MemoryLog::default()), &draft);
    host.request.body = Some(Bytes::from_static(b"body"));
    host
}

fn started(source: &str) -> (Vm<ScriptHost>, Progress<Ask>) {
    let script = Script::compile(source).unwrap();
    let limits = Limits { instructions: 200_000, memory: 1 << 20, ..LIMITS };
    let mut vm = Vm::new(&script, &Arc::new(library::library()), &limits, [7; 16], host());
    let progress = vm.start();
    (vm, progress)
}

/// What the expression gives, as JSON; several values are a list.
fn eval(expression: &str) -> String {
    let (vm, progress) = started(&format!("return {expression}"));
    match progress {
        Progress::Done(values) => {
            let texts: Vec<String> = values
                .iter()
                .map(|value| json::encode(vm.heap(), *value).unwrap().map_or_else(|why| why, |text| String::from_utf8(text).unwrap()))
                .collect();
            texts.join(" ")
        }
        Progress::Failed(failure) => failure.message,
        _ => "suspended".to_owned(),
    }
}

fn fails(source: &str) -> Failure {
    match started(source).1 {
        Progress::Failed(failure) => failure,
        other => panic!("{other:?}"),
    }
}

#[test]
fn strings() {
    for (expression, expected) in [
        (r#"strings.toUpper("straße")"#, r#""STRASSE""#),
        (r#"strings.lower("ÄB")"#, r#""äb""#),
        (r#"strings.hasPrefix("abc", "ab")"#, "true"),
        (r#"strings.hasSuffix("abc", "ab")"#, "false"),
        (r#"strings.trimSpace(" a\t\n")"#, r#""a""#),
        (r#"strings.contains("Paris", "ari")"#, "true"),
        (r#"strings.containsAny("abc", "xyc")"#, "true"),
        (r#"strings.count("cheese", "e")"#, "3"),
        (r#"strings.count("äb", "")"#, "3"),
        (r#"strings.index("äb", "b")"#, "2"),
        (r#"strings.index("a", "b")"#, "-1"),
        (r#"strings.replace("aaa", "a", "b", 2)"#, r#""bba""#),
        (r#"strings.replace("aaa", "a", "b", -1)"#, r#""bbb""#),
        (r#"strings.replaceAll("a.b.c", ".", "")"#, r#""abc""#),
        (r#"strings.split("a,b,,c", ",")"#, r#"["a","b","","c"]"#),
        (r#"strings.split("äb", "")"#, r#"["ä","b"]"#),
        (r#"strings.trim("xxaxx", "x")"#, r#""a""#),
        (r#"strings.trimPrefix("prefix", "pre")"#, r#""fix""#),
        (r#"strings.trimSuffix("a.json", ".json")"#, r#""a""#),
        (r#"strings.join({"a", "b", 3}, "-")"#, r#""a-b-3""#),
        (r#"strings.compare("a", "b")"#, "-1"),
        (r#"strings.len("ä")"#, "2"),
        (r#"strings.lenUnicode("äb")"#, "2"),
        (r#"strings.truncate("aä", 2)"#, r#""a""#),
        (r#"strings.truncateUnicode("aäb", 2)"#, r#""aä""#),
        (r#"strings.lenUnicode(12)"#, "2"),
    ] {
        assert_eq!(eval(expression), expected, "{expression}");
    }
    assert!(eval("strings.lenUnicode(nil)").contains("bad argument #1 to 'lenUnicode' (string expected, got nil)"));
    assert!(eval("strings.lenUnicode()").contains("got no value"));
}

#[test]
fn json_comes_out_as_it_went_in() {
    for text in [
        r#"{"a":12345678901234567890,"b":1.10,"c":1e2,"d":-0,"e":[],"f":{},"g":null,"h":[null,1,null]}"#,
        r#"[1,"\u0000é\"\\"]"#,
        r#""text""#,
        "-1.5E+3",
        "true",
        r#"{"x":"1.10","9.9":"-3","l":[10,20.0,"30"]}"#,
    ] {
        let quoted = serde_json::to_string(text).unwrap().replace("\\u", "\\\\u");
        let result = eval(&format!("json.encode((json.decode({})))", lua(text)));
        let result: String = serde_json::from_str(&result).unwrap_or_else(|_| panic!("{quoted}: {result}"));
        assert_eq!(result.replace("\\u0000", "\u{0}"), text.replace("\\u0000", "\u{0}"));
    }
    assert_eq!(eval("json.encode({1, 2, {a = {}}})"), r#""[1,2,{\"a\":{}}]""#);
}

/// A text as a literal of Lua.
fn lua(text: &str) -> String {
    format!("[==[{text}]==]")
}

#[test]
fn json_that_is_none() {
    for (text, why) in [
        (r#"{"a":1,"\u0061":2}"#, "the same key twice"),
        ("{} x", "trailing"),
        ("", "EOF"),
        ("{\"a\":1e999}", "out of range"),
        (&"[".repeat(70), "nested too deep"),
    ] {
        let result = eval(&format!("json.decode({})", lua(text)));
        assert!(result.starts_with("null ") && result.contains(why), "{text}: {result}");
    }
    assert!(eval("json.decode(nil)").contains("a string is needed, not nil"));
    assert!(eval("json.encode(print)").contains("function"));
    assert!(eval("json.encode({1, a = 2})").starts_with("null "));
}

#[test]
#[cfg(feature = "json-schema")]
fn documents_conform_to_schemas_or_not() {
    for (schema, document, expected) in [
        (r#"{"type": "object", "required": ["a"]}"#, r#"{"a": 1}"#, "true"),
        (r#"{"type": "object", "required": ["a"]}"#, r#"{"b": 1}"#, "false"),
        (r#"{"type": "object", "required": ["a"]}"#, "{", "false"),
        ("{", r#"{"a": 1}"#, "false"),
        (r#"{"type": "nothing"}"#, r#"{"a": 1}"#, "false"),
    ] {
        assert_eq!(eval(&format!("json.isSchemaValid({}, {})", lua(schema), lua(document))), expected, "{schema} {document}");
    }
}

#[test]
fn base64_and_patterns() {
    for (expression, expected) in [
        (r#"base64.encode("a?>")"#, r#""YT8+""#),
        (r#"base64.encodeURL("a?>")"#, r#""YT8-""#),
        (r#"base64.decode("YQ==")"#, r#""a""#),
        (r#"base64.decode("YQ")"#, r#""a""#),
        (r#"base64.decodeURL("YT8-")"#, r#""a?>""#),
        (r#"regexp.match("^a+$", "aaa")"#, "true"),
        (r#"regexp.compile("b"):match("abc")"#, "true"),
        (r#"regexp.compile("(a)(x)?"):findAllStringSubmatch("a ax")"#, r#"[["a","a",""],["ax","a","x"]]"#),
        (r#"regexp.compile("(\\w+)@(\\w+)"):replaceAll("a@b c@d", "$2 at $1")"#, r#""b at a d at c""#),
    ] {
        assert_eq!(eval(expression), expected, "{expression}");
    }
    assert!(eval(r#"base64.decode("%")"#).starts_with("null "));
    assert!(eval(r#"regexp.compile("(")"#).contains("this is not a pattern"));
}

#[test]
fn the_request_changes() {
    let (vm, progress) = started(
        r#"
        local req = octelium.req
        assert(req.getRequestBody() == "body")
        assert(req.getQueryParam("b") == "2" and req.getQueryParam("none") == "")
        req.setRequestHeader("X-New", "v")
        req.deleteRequestHeader("x-old")
        req.setQueryParam("b", "x y&z")
        req.deleteQueryParam("a")
        req.setPath("/v1/../v2")
        assert(req.setPath("no") ~= nil and req.setPath("/a?b") ~= nil and req.setPath("/%2e%2e%2f") ~= nil)
        req.setRequestBody(req.getRequestBody() .. "!")
        "#,
    );
    assert!(matches!(progress, Progress::Done(_)), "{progress:?}");
    let request = &vm.host().request;
    assert_eq!(request.path.as_str(), "/v2");
    assert_eq!(request.query.as_deref(), Some("b=x+y%26z"));
    assert_eq!(request.headers.keys().map(http::HeaderName::as_str).collect::<Vec<_>>(), ["x-new"]);
    assert_eq!((request.body.as_deref(), request.body_is_new), (Some(b"body!".as_slice()), true));
}

#[test]
fn what_a_script_may_not_do_is_an_error_of_its_own() {
    for (source, why) in [
        (r#"octelium.req.setRequestHeader("x", "a\r\nb: c")"#, "cannot be a value of the header x"),
        (r#"octelium.req.setRequestHeader("x y", "a")"#, "not the name of a header"),
        (r#"octelium.req.setRequestHeader("X-Octelium-User", "a")"#, "the gateway's"),
        (r#"octelium.req.setRequestHeader("Host", "a")"#, "the gateway's"),
        (r#"octelium.req.setResponseHeader("Content-Length", "9")"#, "the gateway's"),
        (r#"octelium.req.setRequestHeader("x", {})"#, "string expected, got table"),
        ("octelium.req.exit(99)", "no status"),
        ("octelium.req.setStatusCode(200)", "is for onResponse"),
        (r#"http.client():request().get()"#, "with a colon"),
    ] {
        let failure = fails(source);
        assert!(failure.kind == FailureKind::Error && failure.message.contains(why), "{source}: {failure}");
    }
}

#[test]
fn hostile_scripts_end() {
    for (source, resource) in [
        ("while true do end", Resource::Instructions),
        ("while true do pcall(function() while true do end end) end", Resource::Instructions),
        ("local s = 'x' while true do s = s .. s end", Resource::Memory),
        ("local t = {} while true do t[#t + 1] = {} end", Resource::Memory),
        ("local s = 'aaaaaaaaaaaaaaaa' while true do s = strings.replaceAll(s, 'a', 'aaaaaaaaaaaaaaaa') end", Resource::Memory),
        ("while true do regexp.compile('(a{1,9}){1,9}') end", Resource::Memory),
        ("while true do http.client():request() end", Resource::Memory),
        ("local s = 'a' for i = 1, 16 do s = s .. s end while true do regexp.match('(a|b|c|d)*e', s) end", Resource::Instructions),
        (
            "local t = {} for i = 1, 1000 do t[i] = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' end while true do strings.join(t, t[1]) end",
            Resource::Memory,
        ),
        ("local t = {} t[1] = t while true do json.encode(t) end", Resource::Instructions),
    ] {
        assert_eq!(fails(source).kind, FailureKind::Exhausted(resource), "{source}");
    }
    // Deep recursion is an error that a script may catch.
    assert_eq!(eval("select('#', pcall(function() local function f() return 1 + f() end return f() end))"), "2");
}

#[test]
fn a_call_waits_outside_of_the_machine() {
    let (mut vm, progress) = started(
        r#"
        local c = http.client()
        c:setBaseURL("http://guard.svc/base/")
        c:setHeader("x-a", "1")
        local r = c:request()
        r:setHeader("x-b", "2")
        r:setBody("hello")
        local resp, err = r:post("/v1/check")
        return resp:code(), resp:body(), err
        "#,
    );
    let Progress::Suspended(Ask::Send(request)) = progress else { panic!("{progress:?}") };
    assert_eq!((request.method(), request.uri().to_string().as_str()), (&Method::POST, "http://guard.svc/base/v1/check"));
    assert_eq!(
        (&request.headers()["x-a"], &request.headers()["x-b"], request.body().as_ref()),
        (&"1".parse().unwrap(), &"2".parse().unwrap(), b"hello".as_slice())
    );
    let response = http::Response::builder().status(418).body(Bytes::from_static(b"tea")).unwrap();
    let Progress::Done(values) = vm.resume(|call| library::http::answered(call, Ok(response))) else { panic!() };
    assert_eq!(vm.heap().number(values[0]), Some(418.0));
    assert_eq!(vm.heap().bytes(values[1]), Some(b"tea".as_slice()));
    assert!(values[2].is_nil());
}

#[test]
fn compiling_says_what_to_know() {
    let told = |source: &str| {
        let mut problems = Problems::new();
        RunScript::compile(&LuaPlugin { inline: source.to_owned() }, &mut problems);
        problems.into_vec().into_iter().map(|problem| problem.message).collect::<Vec<_>>()
    };
    assert_eq!(told("function onRequest(ctx) end"), Vec::<String>::new());
    assert!(told("function onRequest(ctx) local x = ctx.a[0] end")[0].contains("line 1 of the script indexes with 0"));
    assert!(told("function onReqest(ctx) end")[0].contains("does nothing"));
    assert!(told("function (")[0].contains("does not compile: line 1"));
    assert!(told(&"-".repeat(20_001))[0].contains("at most 20000 bytes"));
    let origins: Vec<String> =
        origins_in(r#"local a = "http://guard.svc/v1" local b = "https://x.example" .. a"#).iter().map(ToString::to_string).collect();
    assert_eq!(origins, ["http://guard.svc", "https://x.example"]);
}
