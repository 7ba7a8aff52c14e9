//! Damaged expressions: whatever compiles must evaluate without panic, and must read no more of the body than it says.

use serde_json::Value as Json;

use super::{evaluate_over, sample_body};
use crate::expression::Expression;
use crate::testing::test;

/// Pieces to put together.
const PIECES: [&str; 44] = [
    "ctx",
    ".request",
    ".http",
    ".bodyMap",
    ".model",
    ".messages",
    ".user",
    ".nothing",
    ".absent",
    "[0]",
    "[\"model\"]",
    "[n]",
    ".role",
    ".headers",
    ".size()",
    ".contains('x')",
    ".map(n, n",
    ".exists(n, n",
    ".all(n, ",
    ")",
    "(",
    "has(",
    "cel.bind(n, ",
    ", ",
    " == ",
    " + ",
    " in ",
    " && ",
    " || ",
    " ? ",
    " : ",
    "!",
    "-",
    "1",
    "1.5",
    "'model'",
    "[",
    "]",
    "{",
    "}",
    "n",
    "attrs",
    "size(",
    "json.marshal(",
];

/// Whole expressions over the body, to be damaged.
const SEEDS: [&str; 6] = [
    "ctx.request.http.bodyMap.messages.exists(n, n.role == ctx.request.http.bodyMap.user.name)",
    "cel.bind(n, ctx.request.http.bodyMap, n.model == 'x' || has(n.user.name) && n['temperature'] < 0.7)",
    "has(ctx.request.http.bodyMap.user.name) ? size(ctx.request.http.bodyMap.messages[0].content) : 1",
    "ctx.request.http.bodyMap[ctx.request.http.bodyMap.model] == null || 'model' in ctx.request.http.bodyMap",
    "json.marshal({'a': ctx.request.http.bodyMap.user, 'b': [ctx.request.http.bodyMap.messages[1].role]})",
    "ctx['request']['http']['bodyMap'].messages.map(n, {n.role: n}) == [] && ctx.request.http.bodyMap.nothing.x == 1",
];

/// A small deterministic generator (xorshift64).
fn below(state: &mut u64, bound: usize) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    (*state % bound as u64) as usize
}

#[test]
fn damaged_expressions_read_what_they_say_and_never_panic() {
    let text = sample_body().to_string();
    let mut state = 7;
    let (mut compiled, mut values) = (0, 0);
    for _ in 0..20_000 {
        let mut source = SEEDS[below(&mut state, SEEDS.len())].to_owned();
        for _ in 0..=below(&mut state, 2) {
            let at = below(&mut state, source.len() + 1);
            let end = (at + below(&mut state, 12)).min(source.len());
            source.replace_range(at..end, PIECES[below(&mut state, PIECES.len())]);
        }
        if Expression::compile(&source).is_err() {
            continue;
        }
        let Ok(expression) = Expression::compile(&format!("json.marshal([{source}])")) else { continue };
        compiled += 1;
        let projected = crate::json::read(text.as_bytes(), &expression.reads().body_map).unwrap();
        let whole: Json = sample_body();
        let result = evaluate_over(&expression, &whole);
        assert_eq!(evaluate_over(&expression, &projected), result, "{source} over {projected}");
        values += usize::from(matches!(result, Ok(Some(_))));
    }
    assert!(compiled > 700 && values > 150, "too few to tell anything: {compiled} compiled, {values} gave values");
}
