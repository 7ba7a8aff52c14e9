use super::*;
use crate::testing::test;

const EXHAUSTED: &str = "more work than one request may cause";

fn refused(text: &str) -> String {
    compiled(&condition(text), Purpose::Condition).map(|_| ()).unwrap_err()
}

#[test]
fn the_text_is_bounded_before_it_is_parsed() {
    let nested = |open: &str, depth: usize, close: &str| format!("match if {}1{} == 1", open.repeat(depth), close.repeat(depth));
    for (open, close) in
        [("[", "]"), ("{", "}"), ("{1: ", "}"), ("(", ")"), ("abs(", ")"), ("[x | x := ", "]"), ("x[", "]"), ("-", ""), ("- ", "")]
    {
        let text = nested(open, 1000, close);
        assert!(refused(&text).contains("nested too deep"), "{open}: {}", refused(&text));
    }
    for (first, next) in
        [("1", " + 1"), ("x", ".a"), ("x", "[1]"), ("x", " == x"), ("1", "\n+ 1"), ("x", " | x"), ("x", " in x"), ("f", "(1)"), ("1", "-1")]
    {
        let text = format!("match if {first}{} == 1", next.repeat(3000));
        assert!(refused(&text).contains("nested too deep"), "{next}: {}", refused(&text));
    }
    assert!(refused(&"#".repeat(MAX_LENGTH)).contains("at most 20000 bytes"));
    assert!(refused("match if true # \0\nmatch if false").contains("control character"));
    // A body of many statements is not deep.
    let text = format!("match if {{\n{}}}", "input.ctx.user.spec.email == \"a\"\n".repeat(400));
    assert!(compiled(&condition(&text), Purpose::Condition).is_ok(), "{:?}", compiled(&condition(&text), Purpose::Condition));
}

/// Everything that is allowed has to fit the stack, of the parser and of the evaluation. This test fails by a trap.
#[test]
fn the_deepest_modules_that_compile_fit_the_stack() {
    let layers: [fn(usize) -> String; 9] = [
        |depth| format!("match if {}1{} == 1", "[".repeat(depth), "][0]".repeat(depth)),
        |depth| format!("match if {}1{} == 1", "abs(".repeat(depth), ")".repeat(depth)),
        |depth| format!("match if 1{} == {}", " + 1".repeat(depth), depth + 1),
        |depth| format!("match if {}1{} == 1", "[x | x := ".repeat(depth), "][0]".repeat(depth)),
        |depth| format!("match if {}1{} == 1", "[[1 | true][0] | ".repeat(depth), "]".repeat(depth)),
        |depth| format!("match if {}true{}", "every x in [1] { ".repeat(depth), " }".repeat(depth)),
        |depth| format!("match if {}true{}", "count([1 | ".repeat(depth), "]) == 1".repeat(depth)),
        |depth| format!("match if {{ {} }}", (0..depth).map(|i| format!("some x{i} in [1]; ")).collect::<String>() + "true"),
        |depth| format!("match if {{ {} }}", (0..depth).map(|i| format!("a{i} := [1][_]; ")).collect::<String>() + "true"),
    ];
    for layer in layers {
        // Once alone, and once at the end of the longest chain of rules, of which each waits within a comprehension.
        let chain = |depth: usize| {
            let rules = (0..depth).map(|i| format!("r{} if count([1 | r{i}]) == 1\n", i + 1)).collect::<String>();
            format!("r0 if {}\n{rules}match if r{depth}", layer(4).replacen("match if ", "", 1))
        };
        for rules in [&layer as &dyn Fn(usize) -> String, &chain] {
            let sound = |depth: &usize| compiled(&condition(&rules(*depth)), Purpose::Condition).is_ok();
            let deepest = (1..100).rev().find(sound).unwrap();
            let decision = decide(&rules(deepest));
            assert!(decision.is_ok(), "{deepest}: {decision:?} {}", rules(deepest));
        }
    }
}

#[test]
fn rules_do_not_depend_on_themselves_or_too_deep() {
    for rules in [
        "f(x) := f(x)\nmatch if f(1)",
        "match if a\na if b\nb if match",
        "match if data.octelium.condition.a\na if match",
        "f(x) := g(x)\ng(x) := [y | y := f(x)]\nmatch if f(1)",
        "a contains x if some x in b\nb contains x if some x in a\nmatch if count(a) == 0",
    ] {
        assert!(refused(rules).contains("rules depend on themselves"), "{rules}: {}", refused(rules));
    }
    let chain = (0..50).map(|i| format!("r{} if r{i}\n", i + 1)).collect::<String>();
    assert!(refused(&format!("r0 if true\n{chain}match if r50")).contains("would go too deep"));
    let loops = (0..80).map(|i| format!("some x{i} in [1]; ")).collect::<String>();
    assert!(refused(&format!("match if {{ {loops} true }}")).contains("would go too deep"));
    // Ten levels of ten functions that each call the level below ten times.
    let wraps = (1..10).map(|i| format!("f{i}(x) := {}x{}\n", format!("f{}(", i - 1).repeat(10), ")".repeat(10))).collect::<String>();
    assert!(refused(&format!("f0(x) := [x]\n{wraps}match if f9(1)")).contains("can be nested more than 256 deep"));
    // A variable with the name of a rule is no call.
    assert_eq!(decide("role := 1 if f(2) == 2\nf(role) := role\nmatch if role == 1"), Ok(Some(true)));
}

#[test]
fn values_as_deep_as_a_module_can_build_do_no_harm() {
    let lines = (1..200).map(|i| format!("\tx{i} := [x{}]\n\ty{i} := [y{}]\n", i - 1, i - 1)).collect::<String>();
    let rules = format!("deep := x199 if {{\n\tx0 := 1\n\ty0 := 2\n{lines}}}\nmatch if not deep == [deep, 1]");
    assert!(refused(&rules).contains("256 deep"));
    let lines = (1..120).map(|i| format!("\tx{i} := [x{}]\n", i - 1)).collect::<String>();
    let rules = format!(
        "a := x119 if {{\n\tx0 := 1\n{lines}}}\nb := x119 if {{\n\tx0 := 2\n{lines}}}\nmatch if {{ a != b; a < b; count({{a, b, a}}) == 2 }}"
    );
    assert_eq!(decide(&rules), Ok(Some(true)));
}

#[test]
fn loops_over_what_a_caller_sends_end() {
    let body = json!({"xs": (0..200).collect::<Vec<_>>(), "text": "a".repeat(10_000), "many": vec!["a"; 20_000]});
    for rules in [
        "match if count([1 | some x in b.xs; some y in b.xs; some z in b.xs]) > 0",
        "match if { some x in b.xs; some y in b.xs; some z in b.xs; x + y + z < 0 }",
        "match if { every x in b.many { every y in b.many { x == y } } }",
        "match if count({[x, y, z] | some x in b.xs; some y in b.xs; some z in b.xs}) > 0",
        "match if count([1 | b.xs[_] + b.xs[_] + b.xs[_] < 0]) > 0",
        // What a single step of the library costs as much as the list is long.
        "match if count([1 | some i, x in b.many; not \"b\" in b.many]) > 0",
        "match if count([s | some i, x in b.many; s := {y | some y in numbers.range(1, 10000)} | {i}]) > 0",
        "match if count([1 | some i, x in b.many; b.many == array.concat(b.many, [])]) > 0",
        "match if count([1 | some i, x in b.many; [b.many] < [array.concat(b.many, [i])]]) > 0",
    ] {
        let failure = decide_on(&format!("b := input.ctx.request.http.bodyMap\n{rules}"), &body).unwrap_err();
        assert!(failure.contains(EXHAUSTED), "{rules}: {failure}");
    }
}

#[test]
fn functions_do_not_explode() {
    let body = json!({
        "text": "a".repeat(20_000), "half": "a".repeat(9_999) + "b", "pattern": "(a+)+$", "width": "%999999999999d", "superscript": "%\u{b2}d",
        "number": "1e999999999", "object": "{\"$serde_json::private::Number\":\"1e999999999\"}", "big": 1e18, "empty": "", "list": [], "many": vec!["ab"; 3000],
        "duplicate": "{\"a\":1,\"\\u0061\":2}",
    });
    let table = [
        ("count(numbers.range(1, 1000000000000)) > 0", EXHAUSTED),
        ("count(numbers.range_step(0, 9223372036854775807, 1)) > 0", EXHAUSTED),
        ("count(replace(b.text, \"\", b.text)) > 0", EXHAUSTED),
        ("count(replace(replace(b.text, \"a\", b.half), \"a\", b.half)) > 0", EXHAUSTED),
        ("count(concat(b.text, b.many)) > 0", EXHAUSTED),
        ("count(strings.replace_n({\"a\": b.text}, b.text)) > 0", EXHAUSTED),
        (
            "{ x1 := concat(\"\", [b.text, b.text]); x2 := concat(\"\", [x1, x1]); x3 := concat(\"\", [x2, x2, x2, x2, x2, x2, x2, x2]); x4 := concat(\"\", [x3, x3, x3, x3, x3, x3, x3, x3]); x5 := concat(\"\", [x4, x4, x4, x4, x4, x4, x4, x4]); count(concat(\"\", [x5, x5, x5, x5])) > 0 }",
            EXHAUSTED,
        ),
        (
            "{ x1 := array.concat(b.many, b.many); x2 := array.concat(x1, x1); x3 := array.concat(x2, x2); x4 := array.concat(x3, x3); x5 := array.concat(x4, x4); x6 := array.concat(x5, x5); x7 := array.concat(x6, x6); x8 := array.concat(x7, x7); count(array.concat(x8, x8)) > 0 }",
            EXHAUSTED,
        ),
        (
            "{ x1 := [b.many, b.many]; x2 := [x1, x1, x1, x1]; x3 := [x2, x2, x2, x2]; x4 := [x3, x3, x3, x3]; x5 := [x4, x4, x4, x4]; x6 := [x5, x5, x5, x5]; count(json.marshal([x6, x6, x6])) > 0 }",
            EXHAUSTED,
        ),
        ("sprintf(b.width, [1]) == \"\"", "`sprintf`: a width or precision is 1000 at most"),
        ("sprintf(b.superscript, [1]) == \"\"", "`sprintf`: there is no such verb"),
        ("to_number(b.number) > 1", "`to_number`: the text is no number"),
        ("json.unmarshal(b.number) > 1", "`json.unmarshal`: the text is no strict JSON"),
        ("json.unmarshal(b.duplicate).a == 1", "`json.unmarshal`: the text is no strict JSON"),
        ("product([x | some x in numbers.range(1, 1000)]) > 1", "`product`: a factor has more than 128 bits"),
        ("bits.lsh(1, 100000000000) > 1", "`bits.lsh`: a shift is a number of bits"),
        ("bits.lsh(1, 4000000000) > 1", "`bits.lsh`: the result has more than 128 bits"),
        ("{ x1 := 9223372036854775807 * 9223372036854775807; x2 := x1 * x1; x2 * x2 > 1 }", "`*`: a factor has more than 128 bits"),
    ];
    let decide = |rule: &str| decide_on(&format!("b := input.ctx.request.http.bodyMap\nmatch if {rule}"), &body);
    for (rule, expected) in table {
        let decision = decide(rule);
        assert!(decision.as_ref().is_err_and(|failure| failure.contains(expected)), "{rule}: {decision:?}");
    }
    // What the library alone takes for too long, or panics on.
    for (rule, expected) in [
        ("regex.match(b.pattern, b.half)", None),
        ("indexof(b.text, b.half) == -1", Some(true)),
        ("strings.count(b.text, b.empty) == 20001", Some(true)),
        ("strings.count(b.text, b.half) == 0", Some(true)),
        ("object.subset([1], b.list)", Some(true)),
        ("object.subset({\"x\": [1]}, {\"x\": b.list})", Some(true)),
        ("json.unmarshal(b.object)[\"$serde_json::private::Number\"] == b.number", Some(true)),
        ("substring(b.text, 0, 4294967297) == b.text", Some(true)),
        ("array.slice([1, 2], 0, 4294967297) == [1, 2]", Some(true)),
    ] {
        assert_eq!(decide(rule), Ok(expected), "{rule}");
    }
}

#[test]
fn the_budget_is_that_of_the_request() {
    let rules = condition("match if count([1 | some x in numbers.range(1, 100)]) > 0");
    let module = compiled(&rules, Purpose::Condition).unwrap();
    with_context(&json!({}), |context| {
        let before = context.budget.left();
        let evaluations = (0..10_000).take_while(|_| module.evaluate_bool(context, None, Timestamp(0)).is_ok()).count();
        assert!((10..5000).contains(&evaluations), "{evaluations} of {before} steps");
        assert_eq!(context.budget.left(), 0);
        assert!(module.evaluate_bool(context, None, Timestamp(0)).unwrap_err().to_string().contains(EXHAUSTED));
    });
    let large = json!({"xs": vec![0; 600_000]});
    assert!(decide_on("match if count(input.ctx.request.http.bodyMap.xs) > 0", &large).unwrap_err().contains(EXHAUSTED));
}

/// The checks before leave nothing that goes so deep, so this goes around them.
#[test]
fn the_stack_is_watched_where_nothing_else_does() {
    let timer = meter::install().unwrap();
    let engine = prepare("package a\nf(x) := f(x)\nm := f(1)", &"data.a.m".into(), timer, std::iter::empty());
    let engine = engine.map_err(|error| error.message).unwrap();
    let outcome = meter::metered(&crate::context::Budget::default(), Timestamp(0), || engine.clone().eval_rule("data.a.m".to_owned()));
    assert!(outcome.unwrap_err().to_string().contains("too deep"));
}
