use super::render_with;
use crate::template::{Escape, Options};
use crate::testing::test;

fn render(source: &str) -> String {
    render_with(source, Options { escape: Escape::InJsonStrings, ..Options::default() })
}

#[test]
fn inside_strings_of_json_only() {
    for (source, expected) in [
        (r#"{"a": "{{ quote }}", "b": {{ list }}}"#, r#"{"a": "a\"b\\c\n", "b": [3,1,2]}"#),
        (r#" ["x {{ obj }}"]"#, r#" ["x {\"a\":{\"c\":[10,20]},\"b\":1}"]"#),
        (r#""{{ quote }}""#, r#""a\"b\\c\n""#),
        (r#"{"\"{{ quote }}\\": 1}"#, r#"{"\"a\"b\\c\n\\": 1}"#.replace("a\"b\\c\n", "a\\\"b\\\\c\\n").as_str()),
        // Escaped once only.
        (r#"{"a": "{{ raw_string(quote) }}"}"#, r#"{"a": "a\"b\\c\n"}"#),
        (r#"{% set x = quote %}{% if t %}{"a": "{{ x }}"{% else %}{"b": "{{ x }}"{% endif %}}"#, r#"{"a": "a\"b\\c\n"}"#),
        (r#"["{% for i in list %}{{ i }}{{ quote }}{% endfor %}"]"#, r#"["3a\"b\\c\n1a\"b\\c\n2a\"b\\c\n"]"#),
        (r#"["a{% if t %}", "{{ quote }}{% else %}{% endif %}"]"#, r#"["a", "a\"b\\c\n"]"#),
    ] {
        assert_eq!(render(source), expected, "{source}");
    }
}

#[test]
fn other_texts_are_left_alone() {
    for (source, expected) in [
        (r#"He said "{{ quote }}""#, "He said \"a\"b\\c\n\""),
        (r#"{{ name }}: "{{ quote }}""#, "Ada: \"a\"b\\c\n\""),
        ("{{ quote }}", "a\"b\\c\n"),
    ] {
        assert_eq!(render(source), expected, "{source}");
    }
}

#[test]
fn strings_that_are_open_in_one_branch_only() {
    for (source, expected) in [
        (r#"{"a{% if t %}": 1}{% endif %}"#, "!line 1, column 4: after this `if` it depends"),
        (r#"[{% for i in list %}"{% endfor %}]"#, "!line 1, column 2: a JSON string that begins in this loop"),
        (r#"{"a": "\{{ name }}"}"#, "!line 1, column 9: a backslash stands before this"),
        (r#"{"a": "{{ name }}}"#, "!line 1, column 19: the JSON of the template ends inside a string"),
    ] {
        let rendered = render(source);
        assert!(rendered.starts_with(expected), "{source}: {rendered}");
    }
}
