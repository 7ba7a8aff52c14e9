use crate::context::Context;
use crate::expression::{Expression, MAX_DEPTH, MAX_LENGTH};
use crate::platform::Timestamp;
use crate::testing::{bare, test};

/// Each of these is as long as a source may be, and as deep as such a source can be. The stack is that of a Wasm instance.
#[test]
fn no_source_overflows_the_stack() {
    let units = [
        ("(", "1", ")"),
        ("[", "", "]"),
        ("{1:", "1", "}"),
        ("true?1:", "1", ""),
        ("true?", "1", ":1"),
        ("1+", "1", ""),
        ("", "1", "+1"),
        ("1==", "1", ""),
        ("!", "true", ""),
        ("-", "1", ""),
        ("!-", "a", ""),
        ("", "ctx.user", ".a"),
        ("", "ctx.user", "[0]"),
        ("", "ctx.user", ".trim()"),
        ("size(", "1", ")"),
        ("true&&", "true", ""),
        ("true||", "true", ""),
        ("(true||true&&", "true", ")"),
        ("[1].all(a,", "true", ")"),
        ("cel.bind(a,1,", "true", ")"),
        ("((((", "", ""),
        ("a(b[c{", "", ""),
        ("1||1&&1==1+1*(", "1", ")"),
        ("1||1&&1==1+1*size([{1:", "1", "}])"),
        ("true?1:(", "1", ")"),
        (".", "", ""),
        ("\\", "", ""),
        ("'", "", ""),
    ];
    let check = move || {
        for (before, middle, after) in units {
            let times = (MAX_LENGTH - middle.len()) / (before.len() + after.len()).max(1);
            let source = format!("{}{middle}{}", before.repeat(times), after.repeat(times));
            assert!(Expression::compile(&source).is_err() || source.contains("&&") || source.contains("||"), "{source:.40}");
            // And the deepest that is accepted can be evaluated.
            let source = format!("{}{middle}{}", before.repeat(MAX_DEPTH - 2), after.repeat(MAX_DEPTH - 2));
            if let Ok(expression) = Expression::compile(&source) {
                let headers = http::HeaderMap::new();
                let context = Context::new(bare(&headers));
                let _ = expression.evaluate_bool(&context, None, Timestamp(0));
            }
        }
    };
    // Without optimization the frames are several times larger: too large for a Wasm instance, which has no threads to enlarge
    // its stack with either.
    let optimized = !cfg!(debug_assertions);
    if !cfg!(target_family = "wasm") {
        let stack = if optimized { 1 << 20 } else { 4 << 20 };
        std::thread::Builder::new().stack_size(stack).spawn(check).unwrap().join().unwrap();
    } else if optimized {
        check();
    }
}
