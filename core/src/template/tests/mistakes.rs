use super::render;
use crate::testing::test;

#[test]
fn each_has_its_place() {
    for (source, expected) in [
        ("a\n {{ name", "line 2, column 2: this has no end `}}`"),
        ("{% if t", "line 1, column 1: this has no end `%}`"),
        ("{# x", "line 1, column 1: this comment has no end"),
        ("a\n{% if t %}b", "line 2, column 1: this has no `endif`"),
        ("{% for i in list %}b{% endif %}", "line 1, column 1: this has no `endfor`"),
        ("{% endif %}", "line 1, column 1: there is no `if` that this belongs to"),
        ("{% endfor %}", "line 1, column 1: there is no loop that ends here"),
        ("{% if t %}{% else %}{% else %}{% endif %}", "line 1, column 1: this has no `endif`"),
        ("{% elif t %}", "line 1, column 4: write `else if` instead of `elif`"),
        ("{% include \"x\" %}", "line 1, column 4: there is no `include`, as templates have no files"),
        ("{% extends \"x\" %}", "line 1, column 4: there is no `extends`"),
        ("{% macro x %}", "line 1, column 4: there is no statement `macro`"),
        ("{% 5 %}", "line 1, column 4: a statement begins with"),
        ("{% for i of list %}{% endfor %}", "line 1, column 10: a loop is `for item in list`"),
        ("{% for a.b in list %}{% endfor %}", "line 1, column 8: `a.b` is not a plain name"),
        ("{% set x %}", "line 1, column 10: it is `set name = value`"),
        ("{{ }}", "line 1, column 4: a value is needed here"),
        ("{{ name | upper }}", "line 1, column 9: there are no filters"),
        ("{{ 'a' }}", "line 1, column 4: strings stand in double quotes"),
        ("{{ list[0] }}", "line 1, column 8: an item is named by its index: `list.0`"),
        ("{{ name name }}", "line 1, column 9: `name` is not expected here"),
        ("{{ t ? 1 }}", "line 1, column 6: '?' is not expected here"),
        ("{{ - n }}", "line 1, column 4: a minus stands before a number"),
        ("{{ (n }}", "line 1, column 7: `)` is needed here"),
        ("{{ nope(1) }}", "line 1, column 4: there is no function `nope`"),
        ("{{ env(\"HOME\") }}", "line 1, column 4: there is no function `env`: the gateway has nothing"),
        ("{{ upper() }}", "line 1, column 4: `upper` takes 1 arguments, and there are 0"),
        ("{{ substring(name) }}", "line 1, column 4: `substring` takes 2 or 3 arguments, and there are 1"),
        ("{{ \"a }}", "line 1, column 4: this string has no end"),
        ("{{ \"\\x\" }}", "line 1, column 4: this is no string"),
        ("{{ 1.2.3 }}", "line 1, column 4: this is no number"),
        ("{{ [1, x] }}", "line 1, column 4: this literal is no JSON"),
        ("{{ [1 }}", "line 1, column 4: this literal is no JSON"),
        ("{{ a..b }}", "line 1, column 4: `a..b` has an empty part"),
        ("ä {{ and }}", "line 1, column 6: a value is needed before `and`"),
        ("{{ 1 + }}", "line 1, column 8: a value is needed here"),
    ] {
        let rendered = render(source);
        assert!(rendered.strip_prefix('!').is_some_and(|error| error.starts_with(expected)), "{source}: {rendered}");
    }
}
