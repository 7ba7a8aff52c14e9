//! Scripts that mean harm: each ends, with bounded instructions and memory, and without a panic.

use std::sync::Arc;

use postern_lua::{FailureKind, Limits, Progress, Resource, Script, Vm};

use crate::recorder::{Recorder, library};

const LIMITS: Limits = Limits { instructions: 300_000, memory: 4 << 20, suspensions: 10, slice: None };

const INSTRUCTIONS: FailureKind = FailureKind::Exhausted(Resource::Instructions);
const MEMORY: FailureKind = FailureKind::Exhausted(Resource::Memory);

/// How it ends; nothing when it ends well.
fn end(source: &str) -> Option<FailureKind> {
    end_within(source, &LIMITS)
}

fn end_within(source: &str, limits: &Limits) -> Option<FailureKind> {
    let script = Script::compile(source).unwrap_or_else(|error| panic!("{source}: {error}"));
    let mut vm = Vm::new(&script, &Arc::new(library()), limits, [3; 16], Recorder::default());
    let mut progress = vm.start();
    loop {
        assert!(vm.heap().memory_used() <= limits.memory, "{source}");
        progress = match progress {
            Progress::Suspended(_) => vm.resume(|call| call.returns(&[])),
            Progress::Done(_) => return None,
            Progress::Failed(failure) => return Some(failure.kind),
            Progress::Yielded => panic!("{source}"),
        };
    }
}

#[test]
fn time_is_bounded() {
    for source in [
        "while true do end",
        "repeat until false",
        "for i = 1, math.huge do end",
        "for i = 2, 1, 0 do end",
        "for i = 0, 1, 1e-300 do end",
        "for _ in function() return 1 end do end",
        "while true do pcall(error) end",
        "while true do pcall(error, 'x') end",
        "while true do pcall(function() while true do end end) end",
        "while true do pcall(pcall, pcall, error) end",
        "local function f() return f() end f()",
        "local function a() return b() end function b() return a() end b()",
        "local function f() pcall(f) pcall(f) end f()",
        "local function f() pcall(f) return f() end f()",
        "while true do outer.inner.twice(1) end",
        "while true do object().name(object()) end",
        // Work that grows with its operands.
        "local s = 'x' for i = 1, 18 do s = s .. s end local t = s .. 'a' local u = s .. 'a' while true do local x = t == u end",
        "local s = 'x' for i = 1, 18 do s = s .. s end local t = s .. 'a' local u = s .. 'b' while true do local x = t < u end",
        "local s = '1' for i = 1, 19 do s = s .. s end while true do local x = s + 1 end",
        "local s = '1' for i = 1, 19 do s = s .. s end while true do tonumber(s) end",
        "local s = '1' for i = 1, 19 do s = s .. s end while true do tonumber(s, 36) end",
        "local t = {} for i = 1, 20000 do t[i] = i end while true do table.insert(t, 1, 0) table.remove(t, 1) end",
        "local t = {} for i = 1, 3000 do t['k' .. i] = i end for i = 1, 2999 do t['k' .. i] = nil end while true do for k in pairs(t) do break end end",
        "local t = {} for i = 1, 20000 do t[i] = i end for i = 1, 19999 do t[i] = nil end while true do for k in pairs(t) do break end end",
        "local function f(n, ...) if n == 0 then while true do select('#', ...) select(2, ...) end end return f(n - 1, n, ...) end f(10000)",
        "local t = {} while true do table.insert(t, -1e15, 1) end",
    ] {
        assert_eq!(end(source), Some(INSTRUCTIONS), "{source}");
    }
}

#[test]
fn memory_is_bounded() {
    for source in [
        "local s = 'x' while true do s = s .. s end",
        "local s = 'x' while true do s = s .. s .. s .. s .. s end",
        "local s = 'x' pcall(function() while true do s = s .. s end end) while true do s = s .. s end",
        "local t = {} while true do t[#t + 1] = {} end",
        "local t = {} while true do t[{}] = 1 end",
        "local t = {} local i = 0 while true do i = i + 1 t['k' .. i] = i end",
        "local t = {} local i = 0.5 while true do i = i + 1 t[i] = i end",
        "local t while true do t = {t, t, t, t, t, t, t, t} end",
        "local f while true do local g = f f = function() return g end end",
        "while true do local x = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16} end",
        "local s = 'x' for i = 1, 19 do s = s .. s end local t = {} for i = 1, 100 do t[i] = s .. i end",
        "local s = 'x' for i = 1, 20 do s = s .. s end while true do print(s) end",
        "local s = 'x' for i = 1, 20 do s = s .. s end while true do pcall(error, s .. 'y') end",
        "local s = 'x' for i = 1, 20 do s = s .. s end while true do pcall(function() error(s) end) end",
        "local function f(...) return f(0, ...), f(0, ...) end local function g(...) return {...}, g(..., ...) end local t = {} while true do t = {t, {}, {}} end",
        "while true do object() end",
        "while true do decode('[1.10,{}]') end",
        "local t = decode('[null]') while true do t[#t + 1] = 2 t[#t + 1] = 3 t[#t + 1] = 4 t[#t + 1] = 4 end",
        "local t = {} for i = 1, 60 do t[i] = i end local s = '' while true do s = s .. 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' end",
    ] {
        let limits = Limits { instructions: 10_000_000, ..LIMITS };
        assert_eq!(end_within(source, &limits), Some(MEMORY), "{source}");
    }
}

#[test]
fn time_or_memory_is_bounded() {
    for source in [
        "local function f(...) return f(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, ...) end f()",
        "local function f(...) return f(..., ...) end f(1, 2, 3)",
        "local function f(n, ...) return f(n, {...}, ...) end f(1)",
        "local t = {} for i = 1, 200 do t = {t, t} end while true do t = {t, t} end",
    ] {
        assert!(matches!(end(source), Some(INSTRUCTIONS | MEMORY)), "{source}");
    }
}

#[test]
fn depth_is_bounded_and_can_be_caught() {
    for source in [
        "local function f() return 1 + f() end assert(not pcall(f))",
        "local function f() f() end local ok, message = pcall(f) assert(message == 'script:1: stack overflow')",
        "local a, b function a() b() end function b() a() end assert(not pcall(a))",
        "local function f() return (pcall(f)) end f()",
        "local function f(n) local ok = pcall(f, n + 1) return ok end f(0)",
        "local o = {} function o:m() return self:m() + 1 end assert(not pcall(o.m, o))",
        "local function it() for x in it do end end assert(not pcall(it))",
        "for i = 1, 20 do assert(not pcall(function() local function f() f() end f() end)) end",
        "assert(not pcall(pcall, pcall, pcall, pcall, pcall, error) == false)",
    ] {
        assert_eq!(end(source), None, "{source}");
    }
    let nested = format!("assert(select('#', {}) > 1)", "pcall(".repeat(90) + "print" + &")".repeat(90));
    assert_eq!(end(&nested), None);
    let chain = format!("print(pcall({} error))", "pcall, ".repeat(150));
    assert_eq!(end(&chain), None);
    let too_long = format!("local ok, message = pcall({} error) assert(ok) print(message)", "pcall, ".repeat(220));
    assert_eq!(end(&too_long), None);
}

#[test]
fn calls_to_the_outside_are_bounded() {
    for source in
        ["while true do ask('x') end", "while true do pcall(ask, 'x') end", "for x in ask do end ask('x') while true do ask('y') end"]
    {
        assert_eq!(end(source), Some(FailureKind::Exhausted(Resource::Suspensions)), "{source}");
    }
}

#[test]
fn source_that_nests_too_deep_is_refused() {
    for (open, middle, close) in [
        ("(", "1", ")"),
        ("{", "", "}"),
        ("- ", "1", ""),
        ("not ", "1", ""),
        ("#", "x", ""),
        ("2^", "2", ""),
        ("function() return ", "1", " end"),
        ("{a = ", "1", "}"),
        ("{[", "1", "] = 1}"),
        ("f(", "1", ")"),
        ("t[", "1", "]"),
        ("f{", "1", "}"),
        ("1 < (", "1", ")"),
        ("a and (", "1", ")"),
        ("a or not (", "1", ")"),
        ("a .. (", "1", ")"),
        ("(function(...) return ", "...", " end)()"),
    ] {
        let source = |depth: usize| format!("local x = {}{middle}{}", open.repeat(depth), close.repeat(depth));
        assert!(Script::compile(&source(20)).is_ok(), "{open}");
        let error = Script::compile(&source(10_000)).unwrap_err();
        assert!(error.message.contains("levels of nesting"), "{open}: {error}");
    }
    for (open, close) in [
        ("do ", " end"),
        ("while true do ", " end"),
        ("if x then ", " end"),
        ("if x then else ", " end"),
        ("for i = 1, 2 do ", " end"),
        ("for k in pairs(t) do ", " end"),
        ("repeat ", " until x"),
        ("function f() ", " end"),
        ("local function f() ", " end"),
        ("x = function() ", " end"),
        ("f(function() ", " end)"),
    ] {
        let source = |depth: usize| open.repeat(depth) + &close.repeat(depth);
        assert!(Script::compile(&source(20)).is_ok(), "{open}");
        // Loops have variables of their own, which run out first.
        let error = Script::compile(&source(10_000)).unwrap_err();
        assert!(error.message.contains("levels of nesting") || error.message.contains("local variables"), "{open}: {error}");
    }
}

#[test]
fn long_chains_that_do_not_nest_are_fine_or_refused() {
    for (start, part, fine) in [
        ("return 1", " + 1", true),
        ("return x", " and x", true),
        ("return x", " or x", true),
        ("return x", " == x", true),
        ("return x", ".y", true),
        ("return x", "[1]", true),
        ("return x", "()", true),
        ("return x", ":m()", true),
        ("return x", "{}", true),
        ("if x then", " elseif x then", true),
        ("local x = 1", " local x = 2", false),
        ("return 'x'", " .. 'x'", false),
        ("return {1", ", 1", true),
        ("return {x = 1", ", x = 1", true),
        ("return f(1", ", 1", false),
        ("return function(a", ", a", false),
        ("x", ", x", false),
        ("local x", ", x", false),
    ] {
        let mut source = start.to_owned() + &part.repeat(5_000);
        source.push_str(match start {
            "if x then" => " end",
            "return {1" | "return {x = 1" => "}",
            "return f(1" => ")",
            "return function(a" => ") end",
            "x" => " = 1",
            _ => "",
        });
        match Script::compile(&source) {
            Ok(_) => assert!(fine, "{start}"),
            Err(error) => assert!(!fine, "{start}: {error}"),
        }
    }
}

#[test]
fn a_closed_door_stays_closed() {
    // Names that Lua has and scripts must not reach.
    for name in [
        "string",
        "os",
        "io",
        "debug",
        "coroutine",
        "require",
        "load",
        "loadstring",
        "loadfile",
        "dofile",
        "setmetatable",
        "getmetatable",
        "next",
        "unpack",
        "rawget",
        "rawset",
        "rawequal",
        "module",
        "package",
        "newproxy",
        "collectgarbage",
        "gcinfo",
        "getfenv",
        "setfenv",
        "xpcall",
        "_G",
        "_VERSION",
        "arg",
    ] {
        assert_eq!(end(&format!("assert({name} == nil)")), None, "{name}");
    }
    assert_eq!(end("assert(table.concat == nil and table.sort == nil and table.getn == nil and table.maxn == nil)"), None);
    assert_eq!(end("assert(not pcall(function() return ('x'):upper() end))"), None);
}
