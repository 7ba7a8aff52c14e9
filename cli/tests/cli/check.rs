//! `postern check`.

use crate::common::{Sandbox, USER};

#[test]
fn warnings_are_0_and_errors_are_1() {
    let sandbox = Sandbox::new();
    sandbox.run(&["check"]).ok().says("gemini-api-key").says("0 errors");
    sandbox.write("config/broken.yaml", "kind: User\nmetadata: {name: other}\nspec: {tpye: WORKLOAD}\n---\nkind: Usr\n");
    let outcome = sandbox.run(&["check"]).refused("did you mean `type`?").says("broken.yaml:3").says("did you mean `User`?");
    assert!(outcome.stdout.is_empty());
}

#[test]
fn json_is_on_standard_output_and_alone_there() {
    let sandbox = Sandbox::new();
    sandbox.write("config/broken.yaml", "kind: User\nmetadata: {name: other}\nspec: {tpye: WORKLOAD}\n");
    let outcome = sandbox.run(&["check", "-o", "json"]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (1, ""));
    let report = outcome.json();
    assert_eq!(report["errors"], 1);
    let problem = report["problems"].as_array().unwrap().iter().find(|problem| problem["severity"] == "error").unwrap();
    assert_eq!((problem["file"].as_str(), problem["line"].as_u64()), (Some("config/broken.yaml"), Some(3)));
}

#[test]
fn reads_standard_input_and_single_files() {
    let sandbox = Sandbox::new();
    sandbox.run_with_input(&["check", "-"], USER).ok();
    sandbox.run_with_input(&["check", "-"], "kind: [").refused("<stdin>");
    sandbox.run(&["check", "config/user.yaml", "config/gateway.yaml"]).ok().says("2 files");
}

#[test]
fn a_host_refuses_what_it_cannot_do() {
    let sandbox = Sandbox::new();
    let text = "kind: Service\nmetadata: {name: other}\nspec: {mode: HTTP, isPublic: true, config: {upstream: {url: 'https://a.example'}, http: \
                {header: {host: {value: b.example}}}}}\n";
    sandbox.write("config/host.yaml", text);
    sandbox.run(&["check"]).ok();
    sandbox.run(&["check", "--for", "native"]).ok();
    sandbox.run(&["check", "--for", "spin"]).refused("host");
}

#[test]
fn what_is_not_there_is_named() {
    let sandbox = Sandbox::empty();
    sandbox.run(&["check"]).refused("there is no folder `config` here");
    sandbox.run(&["check", "nope.yaml"]).refused("there is no file or folder `nope.yaml`");
    sandbox.run(&[]).refused("there is no folder `config` here");
    assert!(sandbox.files().is_empty(), "a refused start makes no key");
}
