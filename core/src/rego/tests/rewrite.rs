use super::*;
use crate::testing::test;

fn rewritten(text: &str) -> Result<String, ModuleError> {
    let source = Source::from_contents(FILE.to_owned(), text.to_owned()).unwrap();
    let tree = parse(&source).unwrap();
    crate::rego::rewrite::rewrite(text, &tree, &Outline::of(&tree, "match")).map(|rewritten| rewritten.text)
}

#[test]
fn operators_become_calls_where_they_stand() {
    let table = [
        ("a == b", "__postern_eq(a , b)"),
        (r#""x" == b"#, r#"__postern_eq("x" , b)"#),
        (r#"a == "x""#, r#"__postern_eq(a , "x")"#),
        ("a==`x`", "__postern_eq(a,`x`)"),
        ("(a + 1) * 2 > 3", "__postern_gt(__postern_mul((__postern_add(a , 1)) , 2) , 3)"),
        ("a - 1 - 2 == -1", "__postern_eq(__postern_sub(__postern_sub(a , 1) , 2) , -1)"),
        ("a -1 == 0", "__postern_eq(__postern_sub(a ,1) , 0)"),
        ("set() | {1} == {1}", "__postern_eq(__postern_or(set() , {1}) , {1})"),
        ("a in b", "__postern_in(a  , b)"),
        ("(k, v in b)", "(__postern_in_key(k, v  , b))"),
        ("a # == no\n == # nor here\n b", "__postern_eq(a # == no\n , # nor here\n b)"),
        (r#"{"k": a == 1, "l": a != 2} == c"#, r#"__postern_eq({"k": __postern_eq(a , 1), "l": __postern_ne(a , 2)} , c)"#),
        ("c[a + 1][_] < 3", "__postern_lt(c[__postern_add(a , 1)][_] , 3)"),
        ("count([x | some x in c; x > 1]) >= 2", "__postern_ge(count([x | some x in c; __postern_gt(x , 1)]) , 2)"),
        ("x := a % 2", "x := __postern_rem(a , 2)"),
        ("not a <= b", "not __postern_le(a , b)"),
    ];
    for (from, to) in table {
        let text = |body: &str| format!("package octelium.condition\nmatch if {{\n{body}\n}}");
        assert_eq!(rewritten(&text(from)).map_err(|error| error.message), Ok(text(to)), "{from}");
    }
    assert!(rewritten("package octelium.condition\nmatch if __postern_eq(1, 1)").is_err());
}

/// A small generator of numbers, the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn pick<'t>(&mut self, from: &[&'t str]) -> &'t str {
        from[usize::try_from(self.roll(from.len() as u64)).unwrap()]
    }

    fn number(&mut self, depth: u64) -> String {
        if depth == 0 {
            return self.pick(&["1", "2", "-3", "n", "m.a", "m[\"b\"]", "xs[0]", "count(xs)"]).to_owned();
        }
        let (a, b) = (self.number(depth - 1), self.number(self.0 % depth));
        let (operator, space) = (self.pick(&["+", "-", "*", "/", "%"]), self.pick(&[" ", "  ", " \n ", " # x == y\n "]));
        match self.roll(4) {
            0 => format!("({a}{space}{operator}{space}{b})"),
            1 => format!("{a} {operator}{space}({b})"),
            2 => format!("({a}) {operator} ({b})"),
            _ => format!("{a}{space}{operator} {b}"),
        }
    }

    fn set(&mut self) -> String {
        let (a, b) = (self.number(0), self.number(1));
        let operator = self.pick(&["|", "&", "-"]);
        match self.roll(3) {
            0 => format!("{{{a}, {b}}} {operator} {{x | some x in xs}}"),
            1 => format!("(set() | {{{a}}}) {operator} ({{2, {b}}})"),
            _ => format!("{{1, \"a\"}} {operator} {{\"a\", {a}}}"),
        }
    }

    fn truth(&mut self) -> String {
        let compare = self.pick(&["==", "!=", "<", "<=", ">", ">="]);
        let number = self.number(2);
        match self.roll(8) {
            0 => format!("{} {compare} {number}", self.number(1)),
            1 => format!("{number} in xs"),
            2 => format!("{} {compare} {}", self.set(), self.set()),
            3 => format!("{} in [\"a\", s, {number}]", self.pick(&["s", "\"a\"", "\"b\""])),
            4 => format!("\"a\" {compare} {}", self.pick(&["s", "m.missing"])),
            5 => format!("[x | some x in xs; x {compare} {}] == [{number}]", self.number(0)),
            6 => format!("{{\"k\": {number}, \"l\": s}} {compare} {{\"k\": n, \"l\": s}}"),
            _ => format!("{{k: v | some k, v in m; v {compare} n}} != {{}}"),
        }
    }
}

/// With the library's own operators and functions.
fn as_written(text: &str, input: &Json) -> Option<Value> {
    let timer = meter::install().unwrap();
    let engine =
        prepare(text, &"data.octelium.condition.match".into(), timer, std::iter::empty()).map_err(|error| panic!("{text}: {error:?}"));
    let input = Value::from(input.clone());
    let outcome = meter::metered(&crate::context::Budget::default(), Timestamp(0), || {
        let mut engine = engine.unwrap();
        engine.set_input(input);
        engine.eval_rule("data.octelium.condition.match".to_owned())
    });
    outcome.ok()
}

#[test]
fn a_rewritten_module_means_what_was_written() {
    let input = json!({"ctx": {"user": {"n": 2, "s": "a", "xs": [1, 2, 5], "m": {"a": 4, "b": 3}}}});
    let mut dice = Dice(7);
    let mut seen = [0; 3];
    for _ in 0..300 {
        let (first, second) = (dice.truth(), dice.truth());
        let not = dice.pick(&["", "not "]);
        let text = format!(
            "package octelium.condition\nn := input.ctx.user.n\ns := input.ctx.user.s\nxs := input.ctx.user.xs\nm := input.ctx.user.m\n\
             match := [a, b] if {{\n\ta := {first}\n\tb := count([1 | {not}{second}])\n}}"
        );
        let expected = as_written(&text, &input);
        let module = compiled(&text, Purpose::Condition).unwrap();
        let found = meter::metered(&crate::context::Budget::default(), Timestamp(0), || {
            let mut engine = module.engine.clone();
            engine.set_input(Value::from(input.clone()));
            engine.eval_rule(module.decision.to_string())
        });
        assert_eq!(found.as_ref().ok(), expected.as_ref(), "{text}\n{found:?}");
        seen[match &found {
            Err(_) => 0,
            Ok(Value::Undefined) => 1,
            Ok(_) => 2,
        }] += 1;
    }
    assert!(seen.iter().all(|count| *count > 5), "{seen:?}");
}
