use super::check;
use crate::testing::test;

#[test]
fn of_inja() {
    check(&[
        ("{{ upper(name) }} {{ lower(name) }} {{ length(name) }} {{ length(list) }} {{ length(obj) }}", "ADA ada 3 3 2"),
        ("{{ first(list) }} {{ last(list) }} {{ sort(list) }} {{ max(list) }} {{ min(list) }}", "3 2 [1,2,3] 3 1"),
        ("{{ range(3) }} {{ round(3.14159, 2) }} {{ round(2.5, 0) }} {{ int(\"12abc\") }} {{ int(3.9) }}", "[0,1,2] 3.14 3 12 3"),
        ("{{ float(\"1.5\") }} {{ even(4) }} {{ odd(4) }} {{ divisibleBy(9, 3) }} {{ divisibleBy(9, 0) }}", "1.5 true false true false"),
        ("{{ at(obj, \"b\") }} {{ at(list, 1) }} {{ join([\"a\", 1, null, [\"b\"]], \", \") }}", "1 1 a, 1, null, [\"b\"]"),
        ("{{ isString(name) }}{{ isArray(list) }}{{ isObject(obj) }}{{ isNumber(f) }}", "truetruetruetrue"),
        ("{{ isInteger(n) }}{{ isInteger(f) }}{{ isFloat(f) }}{{ isBoolean(t) }}{{ isString(n) }}", "truefalsetruetruefalse"),
        ("{{ sort([\"b\", 2, null, \"a\", 1.5, true]) }}", "[null,true,1.5,2,\"a\",\"b\"]"),
    ]);
}

#[test]
fn of_gloo() {
    check(&[
        ("{{ header(\"x-a\") }}{{ header(\"x-b\") }}{{ request_header(\"x-b\") }}{{ extraction(\"key\") }}{{ extraction(\"x\") }}", "12k"),
        ("{{ body() }} {{ context().name }} {{ trim(\"  a b \\n\") }}", "the body Ada a b"),
        ("{{ base64_encode(\"a?>\") }} {{ base64_decode(\"YT8+\") }} {{ base64_decode(\"no\") }}.", "YT8+ a?> ."),
        ("{{ base64url_encode(\"a?>~\") }} {{ base64url_decode(\"YT8-fg\") }} {{ base64url_decode(\"YT8-fg==\") }}", "YT8-fg a?>~ a?>~"),
        ("{{ substring(\"hello\", 1) }} {{ substring(\"hello\", 1, 2) }} {{ substring(\"hello\", 1, 99) }}", "ello el ello"),
        (
            "{{ substring(\"hello\", 1, 0) }}[{{ substring(\"hello\", 5) }}{{ substring(\"hello\", -1) }}{{ substring(\"hello\", \"1\") }}]",
            "ello[]",
        ),
        ("{{ substring(\"aäb\", 0, 2) }}|{{ substring(\"aäb\", 2) }}", "a|b"),
        ("{{ replace_with_random(\"a-X-X\", \"X\") }} {{ replace_with_random(\"a\", \"\") }}", "a-<X>-<X> a"),
        ("{{ raw_string(quote) }}", "a\\\"b\\\\c\\n"),
        ("{{ word_count(\"a  b\\nc\") }} {{ word_count([\"a b\", {\"x\": \"c\"}, 1]) }}", "3 3"),
    ]);
}

#[test]
fn what_they_refuse() {
    check(&[
        ("{{ upper(n) }}", "!`upper` needs a string"),
        ("{{ first(nothing) }}", "!`first` needs an array with items"),
        ("{{ max(name) }}", "!`max` needs an array with items"),
        ("{{ at(list, 9) }}", "!`at` finds nothing there"),
        ("{{ at(list, -1) }}", "!`at` finds nothing there"),
        ("{{ at(obj, \"x\") }}", "!`at` finds nothing there"),
        ("{{ at(name, 0) }}", "!`at` needs an object or an array"),
        ("{{ range(-1) }}", "!`range` needs a number that is not negative"),
        ("{{ int(name) }}", "!`int` needs the text of a whole number"),
        ("{{ sort(name) }}", "!`sort` needs an array"),
        ("{{ base64_decode(\"/w==\") }}", "!what `base64_decode` decodes is not text"),
    ]);
}
