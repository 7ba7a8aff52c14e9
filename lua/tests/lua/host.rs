//! The embedder's side: host functions, suspension, slices, limits, objects, trees.

use std::sync::Arc;

use crate::recorder::{Recorder, library, lines};
use postern_lua::{Event, FailureKind, Limits, Progress, Raise, Resource, Script, Value, Vm};

fn vm(source: &str, limits: &Limits) -> Vm<Recorder> {
    Vm::new(&Script::compile(source).unwrap(), &Arc::new(library()), limits, [3; 16], Recorder::default())
}

/// Runs to the end; the answer to a request is the request with an exclamation mark.
fn finish(vm: &mut Vm<Recorder>, mut progress: Progress<String>) -> Progress<String> {
    loop {
        progress = match progress {
            Progress::Suspended(request) => vm.resume(|call| call.returns_string(format!("{request}!"))),
            Progress::Yielded => vm.proceed(),
            other => return other,
        }
    }
}

#[test]
fn a_host_function_suspends_wherever_it_is_called() {
    for source in [
        "print(ask('a'))",
        "print((ask('a')))",
        "local x = ask('a') print(x)",
        "print(select(2, pcall(ask, 'a')))",
        "print(select(3, pcall(pcall, ask, 'a')))",
        "print(select(2, pcall(function() return ask('a') end)))",
        "local function f() return ask('a') end print(f())",
        "local n = 0 for x in function() n = n + 1 if n == 1 then return ask('a') end end do print(x) end",
        "for x in ask, 'a' do print(x) break end",
        "local t = {ask('a')} print(t[1])",
        "local t = {} t.x = {f = ask} print(t.x.f('a'))",
        "local t = {f = function(self, x) return ask(x) end} print(t:f('a'))",
        "print(object():ask('a'))",
        "local x; local function f() x = ask('a') end f() print(x)",
    ] {
        for slice in [None, Some(1), Some(3)] {
            let limits = Limits { slice, ..Limits::default() };
            let mut vm = vm(source, &limits);
            let progress = vm.start();
            let progress = finish(&mut vm, progress);
            assert!(matches!(progress, Progress::Done(_)), "{source}: {progress:?}");
            assert_eq!(vm.host().lines, ["a!"], "{source} {slice:?}");
        }
    }
}

#[test]
fn an_answer_may_be_an_error_or_another_question() {
    let mut vm = vm("print(pcall(ask, 'a')) print(pcall(function() ask('b') end)) ask('c')", &Limits::default());
    assert!(matches!(vm.start(), Progress::Suspended(_)));
    assert!(matches!(vm.resume(|_| Ok(postern_lua::Outcome::Suspend("again".into()))), Progress::Suspended(_)));
    assert!(matches!(vm.resume(|_| Err(Raise::message("no"))), Progress::Suspended(_)));
    assert!(matches!(vm.resume(|_| Err(Raise::message("no"))), Progress::Suspended(_)));
    assert_eq!(vm.host().lines, ["false\tno", "false\tscript:1: no"]);
    let Progress::Failed(failure) = vm.resume(|_| Err(Raise::Fatal("off".into()))) else { panic!() };
    assert_eq!((failure.kind, failure.message.as_str(), failure.line), (FailureKind::Fatal, "script:1: off", Some(1)));
}

#[test]
fn what_ends_a_run_cannot_be_caught() {
    for (source, kind) in [
        ("pcall(fatal)", FailureKind::Fatal),
        ("pcall(pcall, function() fatal() end)", FailureKind::Fatal),
        ("pcall(function() while true do end end)", FailureKind::Exhausted(Resource::Instructions)),
        ("while true do pcall(error) end", FailureKind::Exhausted(Resource::Instructions)),
        ("pcall(function() local s = 'x' while true do s = s .. s end end)", FailureKind::Exhausted(Resource::Memory)),
        ("while true do pcall(ask, 'x') end", FailureKind::Exhausted(Resource::Suspensions)),
    ] {
        let limits = Limits { instructions: 100_000, memory: 1 << 20, suspensions: 5, slice: None };
        let mut vm = vm(source, &limits);
        let progress = vm.start();
        let Progress::Failed(failure) = finish(&mut vm, progress) else { panic!("{source}") };
        assert_eq!(failure.kind, kind, "{source}");
    }
}

#[test]
fn functions_of_the_script_are_called_one_after_the_other() {
    let mut vm = vm("local n = 0 function add(k) n = n + k return n, 'x' end function bad() local t; t.x = 1 end", &Limits::default());
    assert!(matches!(vm.call("add", &[]), Progress::Failed(f) if f.kind == FailureKind::Misuse));
    assert!(matches!(vm.start(), Progress::Done(_)));
    assert!(matches!(vm.start(), Progress::Failed(f) if f.kind == FailureKind::Misuse));
    for expected in [2.0, 4.0] {
        let Progress::Done(results) = vm.call("add", &[Value::Number(2.0)]) else { panic!() };
        assert_eq!(vm.heap().number(results[0]), Some(expected));
        assert_eq!(vm.heap().bytes(results[1]), Some(b"x".as_slice()));
        let Progress::Failed(failure) = vm.call("bad", &[]) else { panic!() };
        assert_eq!(failure.message, "script:1: attempt to index local 't' (a nil value)");
    }
    let Progress::Failed(failure) = vm.call("absent", &[]) else { panic!() };
    assert_eq!(failure.message, "attempt to call a nil value");
}

#[test]
fn objects_have_the_methods_of_their_class() {
    assert_eq!(
        lines("local o = object() print(type(o), o:name(), o.absent, o == o, object() == o)"),
        ["userdata\tobject 0\tnil\ttrue\tfalse"]
    );
    assert_eq!(lines("print(pcall(function() object():absent() end))"), ["false\tscript:1: attempt to call method 'absent' (a nil value)"]);
    assert_eq!(lines("print(pcall(function() object().x = 1 end))"), ["false\tscript:1: attempt to index a userdata value"]);
}

#[test]
fn modules_are_tables_within_tables() {
    assert_eq!(lines("print(type(outer), type(outer.inner), outer.inner.twice(4), outer.inner.absent)"), ["table\ttable\t8\tnil"]);
    assert_eq!(lines("outer.inner.twice = nil print(outer.inner.twice)"), ["nil"]);
}

#[test]
fn a_tree_comes_out_as_it_went_in() {
    for text in [
        "null",
        "[]",
        "{}",
        "[[],{}]",
        r#"{"b":1,"a":[null,1.10,1e2,12345678901234567890,null],"c":null,"d":{"e":""},"1":true}"#,
        "[1,null]",
        "-0",
        "1e999",
    ] {
        assert_eq!(lines(&format!("echo(decode([==[{text}]==]))")), [text], "{text}");
    }
}

#[test]
fn nulls_read_as_nil_and_stay_until_they_are_assigned() {
    for (source, expected) in [
        (
            "local t = decode('[1,null,3]') print(#t, t[2]) for i, v in ipairs(t) do print(i, v) end",
            vec!["3\tnil", "1\t1", "2\tnil", "3\t3"],
        ),
        ("local t = decode('[1,null,3]') for k, v in pairs(t) do print(k, v) end", vec!["1\t1", "3\t3"]),
        ("local t = decode('[1,null,3]') t[3] = nil print(#t) echo(t)", vec!["2", "[1,null]"]),
        ("local t = decode('[1,2,3]') t[2] = nil print(#t) echo(t)", vec!["3", "[1,null,3]"]),
        ("local t = decode('[1,2,3]') t[2] = nil t[3] = nil print(#t) echo(t)", vec!["1", "[1]"]),
        (
            "local t = decode('[null,1]') table.insert(t, 1, 0) echo(t) print(table.remove(t, 2)) echo(t)",
            vec!["[0,null,1]", "nil", "[0,1]"],
        ),
        (
            "local t = decode('{\"a\":null,\"b\":1}') print(t.a) for k in pairs(t) do print(k) end echo(t)",
            vec!["nil", "b", "{\"a\":null,\"b\":1}"],
        ),
        ("local t = decode('{\"a\":null,\"b\":null}') t.a = nil t.b = 2 echo(t)", vec!["{\"b\":2}"]),
        ("local t = decode('[]') t[1] = 5 echo(t) t[1] = nil echo(t)", vec!["[5]", "[]"]),
        ("echo({}) echo({1}) echo({x = 1}) echo({{}})", vec!["{}", "[1]", "{\"x\":1}", "[{}]"]),
        ("echo({1, x = 2})", vec!["MixedKeys"]),
        ("local t = {} t.t = t echo(t)", vec!["TooDeep"]),
        ("echo(0/0)", vec!["NotANumber"]),
        ("echo({print})", vec!["Unencodable(\"function\")"]),
        (
            "local n = decode('1.10') print(n, n + 0, n == 1.1, tostring(n), n .. '', ({[1.1] = 'found'})[n]) echo(n) echo(n + 0)",
            vec!["1.1\t1.1\ttrue\t1.1\t1.1\tfound", "1.10", "1.1"],
        ),
    ] {
        assert_eq!(lines(source), expected, "{source}");
    }
}

#[test]
fn a_script_that_indexes_with_0_counts_decoded_arrays_from_0() {
    let source = r#"
        local t = decode('["a","b","c"]')
        local one = 1
        print(t[0], t[one], t[2], t[3], #t)
        t[0], t[one + 2] = "A", "d"
        for i, v in ipairs(t) do print(i, v) end
        table.insert(t, 1, "first")
        echo(t)
        local plain = {"x", "y"}
        print(plain[1], plain[one], plain[0])
        print(decode('{"k":1}').k)
    "#;
    assert_eq!(lines(source), ["a\tb\tc\tnil\t3", "1\tA", "2\tb", "3\tc", "4\td", r#"["first","A","b","c","d"]"#, "x\tx\tnil", "1"]);
    let script = Script::compile("local t = {}\nt[1] = t[0]").unwrap();
    assert!(script.is_zero_based());
    assert_eq!(script.zero_index_line(), Some(2));
    for source in ["local t = {[0] = 1} t[1] = 2", "t[1 - 1] = 1", "t[0 + 1] = 1", "t[-0] = 1"] {
        assert!(!Script::compile(source).unwrap().is_zero_based(), "{source}");
    }
}

#[test]
fn the_embedder_walks_and_builds_tables() {
    let mut vm = vm("function f(t) t.seen = t.user.name return t end", &Limits::default());
    assert!(matches!(vm.start(), Progress::Done(_)));
    let mut tree = vm.heap_mut().build();
    tree.begin_object().unwrap();
    tree.key("user").unwrap();
    tree.begin_object().unwrap();
    tree.key("name").unwrap();
    tree.string("ada").unwrap();
    tree.end().unwrap();
    tree.end().unwrap();
    let argument = tree.finish();
    let Progress::Done(results) = vm.call("f", &[argument]) else { panic!() };
    let heap = vm.heap();
    assert_eq!(heap.bytes(heap.member(results[0], "seen")), Some(b"ada".as_slice()));
    assert_eq!(heap.bytes(heap.member(heap.member(results[0], "user"), "name")), Some(b"ada".as_slice()));
    assert!(heap.member(Value::Nil, "x").is_nil());
    let events: Vec<_> = heap.walk(heap.member(results[0], "user"), 4).map(Result::unwrap).collect();
    assert_eq!(events, [Event::BeginObject, Event::Key(b"name"), Event::String(b"ada"), Event::End]);
}

#[test]
fn facts_of_a_script() {
    let script =
        Script::compile("function onRequest(ctx)\n local u = \"http://a.test\"\n ctx.headers['x'] = octelium.req:get [[\nb]]\nend")
            .unwrap();
    assert!(script.defines("onRequest") && !script.defines("onResponse"));
    assert_eq!(script.globals_read().collect::<Vec<_>>(), ["octelium"]);
    assert!(["ctx", "headers", "get", "x", "u"].iter().all(|name| script.mentions(name)) && !script.mentions("getRequestBody"));
    let literals: Vec<_> = script.literals().iter().map(|l| (String::from_utf8_lossy(&l.bytes).into_owned(), l.line)).collect();
    assert_eq!(literals, [("http://a.test".into(), 2), ("x".into(), 3), ("b".to_owned(), 3)]);
}
