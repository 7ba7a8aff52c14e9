//! `--to cloudflare`, with a wrangler that keeps its entries in a folder.

use crate::common::{Sandbox, fake};

const KEY: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

fn sandbox() -> Sandbox {
    fake::tool(Sandbox::new(), "npx", fake::NPX)
}

#[test]
fn entries_go_through_files_and_never_through_arguments() {
    let sandbox = sandbox();
    let made = sandbox.run_with_input(&["create", "secret", "gemini-api-key", "--to", "cloudflare"], "sk-canary-0123456789").ok();
    let made = made.says("$ npx --no-install wrangler kv bulk put ").says("made a key for local runs in .dev.vars").says("90 seconds");
    assert!(sandbox.read(".dev.vars").starts_with("POSTERN_KEY=\""));
    let calls = sandbox.read("calls");
    assert!(calls.ends_with("--binding POSTERN --local\n") && !calls.contains("psl1") && !calls.contains("canary"), "{calls}");
    assert_eq!(sandbox.read("modes"), "600\n");
    assert!(sandbox.read("kv/secret%2Fgemini-api-key").starts_with("psl1."));
    assert!(!sandbox.read("put.json").contains("canary") && !made.stderr.contains("canary"));
    let file = calls.split(' ').find(|word| word.starts_with('/')).unwrap();
    assert!(!std::path::Path::new(file).exists(), "the file is gone");
}

#[test]
fn a_credential_lives_there_from_its_making_to_its_end() {
    let sandbox = sandbox();
    let to = ["--to", "cloudflare"];
    let run = |arguments: &[&str]| sandbox.run(&[arguments, &to].concat());
    run(&["create", "credential", "ci", "--user", "app", "--type", "access-token", "-o", "json"]).ok().json();
    run(&["rotate", "ci"]).ok();
    let listed = run(&["get", "credentials", "-o", "json"]).ok().json();
    assert_eq!((&listed["credentials"][0]["name"], &listed["credentials"][0]["liveSecrets"]), (&"ci".into(), &2.into()));
    run(&["delete", "credential", "ci"]).ok().says("bulk delete");
    assert_eq!(std::fs::read_dir(sandbox.path("kv")).unwrap().count(), 0);
    sandbox.run(&["get", "credentials"]).ok().says("There are no credentials");
}

#[test]
fn the_deployed_store_needs_its_key_in_the_environment() {
    let sandbox = sandbox();
    let secret = ["create", "secret", "key-a", "--to", "cloudflare", "--remote", "--env", "eu"];
    sandbox.run_with_input(&secret, "x").refused("--remote needs the deployment's POSTERN_KEY");
    assert!(!sandbox.path(".dev.vars").exists() && !sandbox.path("put.json").exists());
    let sandbox = sandbox.with_env("POSTERN_KEY", KEY);
    let made = sandbox.run_with_input(&secret, "x").ok();
    assert!(sandbox.read("calls").ends_with("--binding POSTERN --remote --env eu\n"));
    assert!(!made.stderr.contains(KEY));
    let elsewhere = sandbox.run(&["get", "secrets", "--remote"]);
    assert_eq!(elsewhere.code, 2);
    assert!(elsewhere.stderr.contains("`--to cloudflare`"));
}

#[test]
fn what_wrangler_says_when_it_fails_is_passed_on() {
    let sandbox = fake::tool(Sandbox::new(), "npx", "echo 'No KV namespace with binding' >&2; exit 1\n");
    sandbox.run_with_input(&["create", "secret", "key-a", "--to", "cloudflare"], "x").refused("No KV namespace with binding");
    let sandbox = fake::tool(Sandbox::new(), "npx", "echo 'hello'\n");
    sandbox.run(&["get", "secrets", "--to", "cloudflare"]).refused("did not answer with JSON");
    let sandbox = Sandbox::new().with_env("PATH", "/nonexistent");
    sandbox.run(&["get", "secrets", "--to", "cloudflare"]).refused("npx is not on the PATH");
}

#[test]
fn a_configuration_is_published_and_extended() {
    let sandbox = sandbox();
    sandbox.run(&["apply", "config", "--to", "cloudflare"]).ok().says("3 added");
    sandbox.write("more.yaml", "kind: Group\nmetadata: {name: staff}\nspec: {}\n");
    sandbox.run(&["apply", "more.yaml", "--to", "cloudflare"]).ok().says("1 added, 0 changed, 3 unchanged, 0 deleted");
    let pointer: serde_json::Value = serde_json::from_str(&sandbox.read("kv/snapshot%2Fcurrent")).unwrap();
    assert_eq!(pointer["audience"], "localhost");
    let content = sandbox.read(&format!("kv/snapshot%2F{}", pointer["sha256"].as_str().unwrap()));
    let snapshot: serde_json::Value = serde_json::from_str(&content).unwrap();
    assert_eq!(snapshot["generation"], pointer["generation"]);
    assert!(snapshot["groups"]["staff"].is_object() && snapshot["users"]["app"].is_object());
    let listed = sandbox.run(&["get", "resources", "--to", "cloudflare", "-o", "json"]).ok().json();
    assert_eq!(listed["resources"].as_array().unwrap().len(), 4);
}
