//! Programs with the output that PUC Lua 5.1 gave for them. `UPDATE=1` asks it again, for new ones.

use crate::puc::Puc;
use crate::recorder::output;

macro_rules! corpus {
    ($($name:ident)*) => {
        [$((stringify!($name), include_str!(concat!("../corpus/", stringify!($name), ".lua")), include_str!(concat!("../corpus/", stringify!($name), ".txt")))),*]
    };
}

/// Name, program, and what it prints.
pub const CORPUS: [(&str, &str, &str); 16] = corpus! {
    assignment calls closures ends_with_a_number ends_with_an_error errors lexer loops mathlib numbers precedence programs scope strings
    tables varargs
};

#[test]
fn programs_print_what_they_should() {
    for (name, program, expected) in CORPUS {
        let actual = output(program).unwrap_or_default();
        for (at, (actual, expected)) in actual.lines().zip(expected.lines()).enumerate() {
            assert_eq!(actual, expected, "{name}, line {} of its output", at + 1);
        }
        assert_eq!(actual.lines().count(), expected.lines().count(), "{name}");
    }
}

#[test]
fn the_corpus_says_what_puc_lua_does() {
    let Some(puc) = Puc::find("corpus") else { return };
    for (name, program, expected) in CORPUS {
        let actual = puc.run(program);
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(format!("{}/tests/corpus/{name}.txt", env!("CARGO_MANIFEST_DIR")), actual).unwrap();
        } else {
            assert_eq!(actual, expected, "{name}");
        }
    }
}
