//! `postern test`.

use crate::common::Sandbox;

const CASE: &str = "name: the service says hello\nfiles: [../config]\nsteps:\n  - request: {host: hello.localhost}\n    expect: {status: \
                    200}\n";
const HELLO: &str = "kind: Service\nmetadata: {name: hello}\nspec: {mode: HTTP, isPublic: true, isAnonymous: true, config: {http: {response: \
                     {direct: {inline: hello}}}}}\n";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::empty();
    sandbox.write("config/hello.yaml", HELLO);
    sandbox.write("cases/hello.yaml", CASE);
    sandbox
}

#[test]
fn cases_that_hold_pass() {
    let outcome = sandbox().run(&["test", "cases"]).ok().says("1 passed, 0 failed, 0 skipped");
    assert_eq!(outcome.stdout, "ok      the service says hello (cases/hello.yaml)\n");
}

#[test]
fn one_that_does_not_hold_fails_and_says_what_was_seen() {
    let sandbox = sandbox();
    sandbox.write("cases/wrong.yaml", &CASE.replace("200", "418").replace("says hello", "is a teapot"));
    let outcome = sandbox.run(&["test", "cases"]).refused("1 passed, 1 failed");
    assert!(outcome.stdout.contains("FAILED  the service is a teapot (cases/wrong.yaml)\n    step 1: "), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("418") && outcome.stdout.contains("200"));
    sandbox.run(&["test", "cases", "--filter", "hello"]).ok().says("1 passed, 0 failed");
    sandbox.run(&["test", "cases", "--filter", "nothing"]).refused("there is no case that --filter selects");
}

#[test]
fn a_file_that_is_no_case_fails_beside_the_others() {
    let sandbox = sandbox();
    sandbox.write("cases/broken.yaml", "name: a\nstpes: []\n");
    let outcome = sandbox.run(&["test", "cases"]).refused("1 passed, 1 failed");
    assert!(outcome.stdout.contains("stpes"), "{}", outcome.stdout);
    sandbox.run(&["test", "nowhere"]).refused("nowhere");
}

#[test]
fn the_cases_of_every_example_hold() {
    let examples = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples");
    let folders: Vec<_> = std::fs::read_dir(examples).unwrap().map(|entry| entry.unwrap().path().join("cases")).collect();
    assert!(folders.len() >= 5);
    for folder in folders {
        Sandbox::empty().run(&["test", folder.to_str().unwrap()]).ok().says(" 0 failed, 0 skipped");
    }
}

#[test]
fn the_case_of_the_documentation_holds() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/test-cases.md")).unwrap();
    let case = text.split("```yml\n").nth(1).unwrap().split("```").next().unwrap();
    let config = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/route-by-model/config");
    let sandbox = Sandbox::empty();
    sandbox.write("cases/case.yaml", &case.replace("../config", config));
    sandbox.run(&["test", "cases"]).ok().says("1 passed");
}
