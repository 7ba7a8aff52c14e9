use super::{check, render_with};
use crate::template::{Escape, Options};
use crate::testing::test;

#[test]
fn values_are_printed() {
    check(&[
        ("plain } text } %} #}", "plain } text } %} #}"),
        ("{{ name }}, {{name}}\n", "Ada, Ada\n"),
        ("{{ t }} {{ no }} [{{ none }}]", "true false []"),
        ("{{ n }} {{ f }} {{ list }} {{ obj }}", "7 1.5 [3,1,2] {\"a\":{\"c\":[10,20]},\"b\":1}"),
        ("{{ \"a\\tb\\u00e4\" }} {{ [1, \"x\"] }} {{ {\"b\": {\"a\": 1}} }}", "a\tbä [1,\"x\"] {\"b\":{\"a\":1}}"),
        ("{{ 1 / 3 }} {{ 0.1 + 0.2 }} {{ 4 / 2 }}", "0.3333333333333333 0.30000000000000004 2.0"),
        ("{{ 100000000000000000000 }} {{ 1e2 }} {{ 0.0001 }} {{ 1.25e-7 }} {{ -0.0 }}", "1e+20 100.0 0.0001 1.25e-07 -0.0"),
        (
            "{{ 123456789012345.5 }} {{ 1234567890123456.5 }} {{ 18446744073709551615 }}",
            "123456789012345.5 1.2345678901234565e+15 18446744073709551615",
        ),
        ("a{# a comment {{ x }} #}b", "ab"),
    ]);
}

#[test]
fn names_lead_into_values() {
    check(&[
        ("{{ choices.0.message.content }} {{ choices/0/message/content }} {{ obj.a.c.1 }}", "Hi Hi 20"),
        ("{{ my-ext }} {{ first(choices).message.content }} {{ at(choices, 0).message.content }}", "x Hi Hi"),
        ("{{ x }}", "!variable 'x' not found"),
        ("{{ obj.x.y }}", "!variable 'obj.x.y' not found"),
        ("{{ list.3 }}", "!variable 'list.3' not found"),
        ("{{ list.01 }}", "!variable 'list.01' not found"),
        ("{{ name.0 }}", "!variable 'name.0' not found"),
        ("{{ first(choices).x }}", "!variable 'x' not found"),
        ("{{ body }} {{ length(context) }}", "the body 15"),
    ]);
    let advanced = Options { dots: false, ..Options::default() };
    assert_eq!(render_with("{{ choices/0/message/content }} {{ dotted.key }}", advanced), "Hi d");
    assert_eq!(render_with("{{ choices.0 }}", advanced), "!variable 'choices.0' not found");
}

#[test]
fn operators() {
    check(&[
        ("{{ 1 + 2 * 3 }} {{ (1 + 2) * 3 }} {{ 7 % 4 }} {{ 2 ^ 3 ^ 2 }} {{ 2 ^ -1 }} {{ 2.5 ^ 2 }}", "7 9 3 512 0.5 6.25"),
        ("{{ 5 - 3 }} {{ 5 -3 }} {{ 5-3 }} {{ n - 1 }} {{ -3 + 5 }}", "2 2 2 6 2"),
        ("{{ \"a\" + name }} {{ \"a\" + 1 }}", "!`+` needs two numbers"),
        ("{{ \"a\" + name }}", "aAda"),
        ("{{ 1 == 1.0 }} {{ zero == no }} {{ name == \"Ada\" }} {{ name != \"Ada\" }} {{ list == [3,1,2] }}", "true false true false true"),
        ("{{ 1 < 2 }} {{ 2 <= 2 }} {{ \"b\" > \"a\" }} {{ 1 >= 2 }} {{ none < no }} {{ 9 < \"1\" }}", "true true true false true true"),
        ("{{ 2 in list }} {{ 9 in list }} {{ 1 in obj }} {{ \"b\" in obj }} {{ \"a\" in none }}", "true false true false false"),
        ("{{ not t }} {{ not x-y }}", "!variable 'x-y' not found"),
        ("{{ not no and t }} {{ not n == 7 }}", "true false"),
        ("{{ name and 0 }} {{ 0 or name }} {{ no and x }} {{ t or x }}", "false true false true"),
        // Neither of the two binds more tightly.
        ("{{ t or t and no }}", "false"),
        ("{{ 1 / 0 }}", "!division by zero"),
        ("{{ 1 % 0 }}", "!division by zero"),
        ("{{ 9223372036854775807 + 1 }}", "!the number is too large"),
        ("{{ 1e308 * 10 }}", "!the number is too large"),
        ("{{ 2 ^ 100 }}", "!the number is too large"),
    ]);
}

#[test]
fn conditions() {
    check(&[
        ("{% if n > 5 %}big{% else if n > 3 %}middle{% else %}small{% endif %}", "big"),
        ("{% if n > 9 %}big{% else if n > 3 %}middle{% else %}small{% endif %}", "middle"),
        ("{% if n > 9 %}big{% else if n > 8 %}middle{% else %}small{% endif %}", "small"),
        ("{% if no %}a{% endif %}", ""),
        (
            "{% if empty %}1{% endif %}{% if zero %}2{% endif %}{% if none %}3{% endif %}{% if nothing %}4{% endif %}{% if f %}5{% endif %}",
            "15",
        ),
        ("{% if exists(\"obj.a.c\") %}1{% endif %}{% if exists(\"obj.x\") %}2{% endif %}{% if existsIn(obj, \"b\") %}3{% endif %}", "13"),
        (
            "{{ default(x.y, \"d\") }} {{ default(none, \"d\") }}- {{ default(name, x) }} {{ default(default(x, y), 3) }}",
            "!variable 'y' not found",
        ),
        ("{{ default(x.y, \"d\") }} {{ default(none, \"d\") }}- {{ default(name, x) }}", "d - Ada"),
    ]);
}

#[test]
fn loops() {
    check(&[
        (
            "{% for i in list %}{{ loop.index }}{{ loop.index1 }}{{ i }}{% if loop.is_last %}.{% else %},{% endif %}{% endfor %}",
            "013,121,232.",
        ),
        ("{% for i in list %}{% if loop.is_first %}<{% endif %}{{ i }}{% endfor %}", "<312"),
        ("{% for k, v in obj %}{{ k }}={{ v }};{% endfor %}", "a={\"c\":[10,20]};b=1;"),
        ("{% for i in [1,2] %}{% for j in range(2) %}{{ loop.parent.index }}{{ loop.index }} {% endfor %}{% endfor %}", "00 01 10 11 "),
        ("{% for c in choices %}{{ c.message.content }}{% endfor %}{{ c }}", "!variable 'c' not found"),
        ("{% for name in list %}{{ name }}{% endfor %}{{ name }}", "312Ada"),
        ("{% for i in obj %}{% endfor %}", "!a loop with one name needs an array"),
        ("{% for k, v in list %}{% endfor %}", "!a loop with two names needs an object"),
        ("{% for i in name %}{% endfor %}", "!a loop with one name needs an array"),
        ("{{ loop.index }}", "!variable 'loop.index' not found"),
    ]);
}

#[test]
fn what_is_set() {
    check(&[
        ("{% set x = n + 1 %}{{ x }}", "8"),
        ("{% set obj.z = 5 %}{{ obj.z }} {{ obj.b }}", "5 1"),
        ("{% for i in list %}{% set last_one = i %}{% endfor %}{{ last_one }}", "2"),
        ("{% for i in list %}{% set i = 0 %}{{ i }}{% endfor %}{{ list }}", "000[3,1,2]"),
        ("{% for c in choices %}{% set c.message.content = \"Ho\" %}{{ c.message.content }}{% endfor %}", "Ho"),
        ("{% set a = [1,2] %}{% set a.1 = 9 %}{{ a }}{% for i in a %}{{ i }}{% endfor %}", "[1,9]19"),
        ("{% set a = [1,2] %}{% set a.2 = 9 %}", "!'a.2' cannot be set: there is no such item"),
        ("{% set a = 1 %}{% set a.b.c = 9 %}{{ a }}", "{\"b\":{\"c\":9}}"),
    ]);
}

#[test]
fn white_space() {
    check(&[
        ("a \n  {%- if t -%} \n b \n {%- endif -%} \n c", "a \nb \nc"),
        ("a {{- n -}} \n b", "a 7b"),
        ("  {{- n }}", "7"),
        ("a\n  {#- x -#}  \n b", "a\nb"),
        ("## not a statement\n{{ n }}\n", "## not a statement\n7\n"),
    ]);
    let lines = Options { line_statements: true, ..Options::default() };
    for (source, expected) in
        [("## for i in list\n- {{ i }}\n## endfor\nend", "- 3\n- 1\n- 2\nend"), ("x ## y\n## if t\nz\n## endif", "x ## y\nz\n")]
    {
        assert_eq!(render_with(source, lines), expected);
    }
}

#[test]
fn strings_alone_are_escaped_where_that_is_asked_for() {
    let strings = Options { escape: Escape::Strings, ..Options::default() };
    assert_eq!(render_with("{{ quote }} {{ obj.b }} {% if t %}{{ [\"a\"] }}{% endif %}", strings), "a\\\"b\\\\c\\n 1 [\"a\"]");
}
