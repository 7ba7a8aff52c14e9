//! Secrets: made, listed, deleted, refused, and never shown.

use crate::common::Sandbox;

const CANARY: &str = "sk-canary-0123456789";

#[test]
fn a_secret_is_stored_sealed_and_never_shown() {
    let sandbox = Sandbox::empty();
    let made = sandbox.run_with_input(&["create", "secret", "gemini-api-key"], &format!("{CANARY}\n")).ok();
    assert_eq!(made.stdout, "");
    let made = made.says("made the gateway's key").says("fromSecret: gemini-api-key");
    let listed = sandbox.run(&["get", "secrets", "-o", "json"]).ok();
    assert_eq!(listed.json()["secrets"][0], serde_json::json!({ "name": "gemini-api-key", "state": "usable" }));
    let text = sandbox.run(&["get", "secret"]).ok().stdout;
    assert_eq!(text, "NAME            STATE\ngemini-api-key  usable\n");
    for said in [&made.stderr, &listed.stdout, &listed.stderr] {
        assert!(!said.contains(CANARY));
    }
    for file in sandbox.files() {
        let bytes = std::fs::read(&file).unwrap();
        assert!(!bytes.windows(CANARY.len()).any(|window| window == CANARY.as_bytes()), "{}", file.display());
    }
    sandbox.run(&["delete", "secret", "gemini-api-key"]).ok();
    sandbox.run(&["delete", "secret", "gemini-api-key"]).refused("there is no secret `gemini-api-key`");
    sandbox.run(&["get", "secrets"]).ok().says("There are no secrets");
}

#[test]
fn input_that_no_header_can_carry_is_refused_without_a_trace() {
    let sandbox = Sandbox::empty();
    for (input, why) in [("", "empty"), ("\n", "empty"), ("canary\nb", "line break"), ("canary\r", "line break"), ("canary\0", "NUL")] {
        let outcome = sandbox.run_with_input(&["create", "secret", "key-a"], input).refused(why);
        assert!(!outcome.stderr.contains("canary") && outcome.stdout.is_empty());
    }
    for name in ["", "A", "a_b", "../a", "a/b", "1a"] {
        sandbox.run_with_input(&["create", "secret", name], "x").refused("is not a secret's name");
    }
    sandbox.run(&["create", "secret", "key-a", "--from-file", "nope"]).refused("the secret cannot be read from nope");
    assert!(sandbox.files().is_empty());
}

#[test]
fn a_file_is_read_as_standard_input_is() {
    let sandbox = Sandbox::empty();
    sandbox.write("key.txt", "sk-1\n");
    sandbox.run(&["create", "secret", "key-a", "--from-file", "key.txt"]).ok();
    sandbox.write("key.txt", "sk-1\n\n");
    sandbox.run(&["create", "secret", "key-a", "--from-file", "key.txt"]).refused("line break");
}

#[test]
fn a_sealed_secret_is_a_resource_that_builds() {
    let sandbox = Sandbox::new();
    let sealed = sandbox.run_with_input(&["create", "secret", "gemini-api-key", "--sealed"], CANARY).ok();
    assert!(sealed.stdout.starts_with("kind: Secret\nmetadata:\n  name: gemini-api-key\nspec:\n  sealed: psl1."));
    assert!(!sealed.stdout.contains(CANARY));
    sandbox.write("config/secret.yaml", &sealed.stdout);
    let checked = sandbox.run(&["check"]).ok();
    assert!(!checked.stderr.contains("there is no Secret"), "{}", checked.stderr);
    sandbox.run(&["get", "secrets"]).ok().says("There are no secrets");
}

#[test]
fn keys_are_those_of_the_configured_domain() {
    let sandbox = Sandbox::new();
    sandbox.run_with_input(&["create", "secret", "key-a"], "x").ok().says("for the domain localhost");
    sandbox.write("config/gateway.yaml", "kind: Gateway\nmetadata: {name: default}\nspec: {domain: example.com}\n");
    let listed = sandbox.run(&["get", "secrets", "-o", "json"]).ok().json();
    assert_ne!(listed["secrets"][0]["state"], "usable");
    sandbox.run_with_input(&["create", "secret", "key-a"], "x").ok().says("for the domain example.com");

    sandbox.write("config/gateway.yaml", "kind: Gateway\nmetadata: {name: default}\nspec: {domian: example.com}\n");
    sandbox.run_with_input(&["create", "secret", "key-a"], "x").refused("its domain is not known");
}

#[test]
fn an_unusable_key_is_said_to_be_one() {
    let sandbox = Sandbox::empty().with_env("POSTERN_KEY", "c2hvcnQ=");
    let outcome = sandbox.run_with_input(&["create", "secret", "key-a"], "x").refused("POSTERN_KEY holds 5 bytes");
    assert!(!outcome.stderr.contains("c2hvcnQ="));
}
