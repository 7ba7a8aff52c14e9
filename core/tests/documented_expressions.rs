//! What `docs/expressions.md` shows compiles.

use postern_core::expression::Expression;

#[test]
fn the_examples_of_the_page_compile() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/expressions.md")).unwrap();
    let block = page.split("```cel\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    assert!(block.lines().count() > 3);
    for source in block.lines() {
        let expression = Expression::compile(source).unwrap_or_else(|error| panic!("{source}: {error}"));
        assert_eq!(expression.check_bool(), Ok(()), "{source}");
    }
}
