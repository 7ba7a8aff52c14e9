use serde_json::{Value, json};

use super::{Sample, render};
use crate::template::{Budget, MAX_SOURCE, Options, Template};
use crate::testing::test;

#[test]
fn sources_are_bounded() {
    let deep_blocks = format!("{}{}", "{% if t %}".repeat(33), "{% endif %}".repeat(33));
    let deep_operations = format!("{{{{ {}1{} }}}}", "(".repeat(100), ")".repeat(100));
    for (source, expected) in [
        (" ".repeat(MAX_SOURCE + 1), "!line 1, column 1: a template has at most 65536 bytes"),
        ("{{n}}".repeat(7000), "a template has at most 20000 parts"),
        (deep_blocks, "blocks are nested more than 32 deep"),
        (deep_operations, "operations are nested more than 64 deep"),
        (format!("{{{{ {}1 }}}}", "1 + ".repeat(100)), "operations are nested more than 64 deep"),
        (format!("{{{{ {}t }}}}", "not ".repeat(100)), "operations are nested more than 64 deep"),
        (format!("{{{{ {}{} }}}}", "[".repeat(9000), "]".repeat(9000)), "this literal is no JSON"),
        (format!("{{{{ {} }}}}", "[".repeat(60_000)), "this literal has no end"),
    ] {
        let rendered = render(&source);
        assert!(rendered.contains(expected), "{}: {rendered}", &source[..40]);
    }
    // Just inside of the bounds nothing overflows.
    assert_eq!(render(&format!("{}x{}", "{% if t %}".repeat(32), "{% endif %}".repeat(32))), "x");
    assert_eq!(render(&format!("{{{{ {}1{} }}}}", "(".repeat(63), ")".repeat(63))), "1");
    assert_eq!(render(&format!("{{{{ {}1 }}}}", "1 + ".repeat(63))), "64");
}

#[test]
fn bombs_end_in_an_error() {
    let loops = |count: usize| format!("{}x{}", "{% for i in range(1000) %}".repeat(count), "{% endfor %}".repeat(count));
    for source in [
        loops(2),
        loops(5),
        "{{ range(1000000000) }}".to_owned(),
        "{% set x = \"aaaaaaaa\" %}{% for i in range(100) %}{% set x = x + x %}{% endfor %}{{ x }}".to_owned(),
        "{% set x = [1] %}{% for i in range(1000) %}{% set y.a = x %}{% set x = y %}{% endfor %}{{ x }}".to_owned(),
        "{% set x = {} %}{% for i in range(1000) %}{% set x.a = x %}{% set x.b = x %}{% endfor %}".to_owned(),
        "{% for i in range(1000) %}{{ sort(range(1000)) }}{% endfor %}".to_owned(),
        "{% for i in range(100000) %}{{ replace_with_random(\"aaaaaaaaaaaaaaaaaaaaaaa\", \"a\") }}{% endfor %}".to_owned(),
    ] {
        let rendered = render(&source);
        let expected = ["!the template takes too many steps", "!the template takes too much text", "!values are nested too deeply"];
        assert!(expected.contains(&rendered.as_str()), "{source}: {}", &rendered[..rendered.len().min(80)]);
    }
}

#[test]
fn a_longer_body_may_be_shown() {
    let long = "x".repeat(5 << 20);
    let render = |source: &str, budget: usize| {
        let data = Sample(json!({"long": long, "list": Value::from(vec![1; 100])}));
        Template::compile(source, Options::default()).unwrap().render(&data, &Budget::for_body(budget))
    };
    assert!(render("{{ long }}", 0).is_err());
    assert!(render("{{ long }}{{ long }}", long.len()).is_ok());
    assert!(render("{% for i in list %}{{ long }}{% endfor %}", long.len()).is_err());
}
