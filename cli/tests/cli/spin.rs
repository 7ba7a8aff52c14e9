//! `--to spin`: files, and a script that starts `spin up` with them.

use std::process::Command;

use crate::common::{Sandbox, fake};

fn sandbox() -> Sandbox {
    fake::tool(Sandbox::new(), "spin", "for argument; do echo \"<$argument>\"; done > calls\n")
}

fn up(sandbox: &Sandbox) -> Vec<String> {
    let path = format!("{}:{}", sandbox.path("bin").display(), std::env::var("PATH").unwrap());
    let script = sandbox.path(".postern/spin/up");
    let status =
        Command::new(script).args(["--listen", "127.0.0.1:3001"]).current_dir(sandbox.path("")).env("PATH", path).status().unwrap();
    assert!(status.success());
    sandbox.read("calls").lines().map(String::from).collect()
}

#[test]
fn spin_is_started_with_what_was_made() {
    let sandbox = sandbox();
    let made = sandbox.run_with_input(&["create", "secret", "gemini-api-key", "--to", "spin"], "sk-canary-0123456789").ok();
    made.says("$ .postern/spin/up").says(".spin.vars.toml");
    let credential = ["create", "credential", "ci", "--user", "app", "--type", "oauth2", "--to", "spin", "-o", "json"];
    let secret = sandbox.run(&credential).ok().json()["oauth2Credentials"]["clientSecret"].as_str().unwrap().to_owned();
    let value = ".postern/spin/values/secret/gemini-api-key";
    assert_eq!((sandbox.mode(value), sandbox.mode(".postern/spin/up"), sandbox.mode(".postern/spin")), (0o600, 0o700, 0o700));

    let arguments = up(&sandbox);
    assert_eq!(arguments.first().map(String::as_str), Some("<up>"));
    assert!(arguments.join(" ").contains("<--variable> <@.spin.vars.toml>"));
    assert!(arguments.join(" ").ends_with("<--listen> <127.0.0.1:3001>"), "its own arguments come last");
    assert!(arguments.contains(&format!("<secret/gemini-api-key={}>", sandbox.read(value))));
    let record = arguments.iter().find(|argument| argument.starts_with("<credential/ci=pcr1.")).unwrap();
    assert!(record.ends_with("}>") && record.contains("\"name\":\"ci\""), "quotes survive the shell");
    assert!(!arguments.join("").contains(&secret) && !arguments.join("").contains("canary"));
}

#[test]
fn what_was_deleted_is_overwritten_with_nothing() {
    let sandbox = sandbox();
    sandbox.run_with_input(&["create", "secret", "key-a", "--to", "spin"], "x").ok();
    sandbox.run(&["delete", "secret", "key-a", "--to", "spin"]).ok();
    assert!(up(&sandbox).contains(&"<secret/key-a=>".to_owned()));
    sandbox.run(&["delete", "secret", "key-a", "--to", "spin"]).refused("there is no secret `key-a`");
    sandbox.run(&["get", "secrets", "--to", "spin"]).ok().says("There are no secrets");
}

#[test]
fn a_configuration_that_the_component_may_not_call_is_refused() {
    let sandbox = sandbox();
    sandbox.write("spin.toml", "[component.postern]\nallowed_outbound_hosts = []\n");
    sandbox.run(&["apply", "config", "--to", "spin"]).refused("spin.toml does not allow calls to https://api.example.com");
    sandbox.run(&["build", "--dev", "--for", "spin"]).ok();
    sandbox.run(&["apply", "config", "--to", "spin"]).ok();
    assert!(up(&sandbox).iter().any(|argument| argument.starts_with("<snapshot/current={\"generation\":")));
}

#[test]
fn what_is_too_large_for_an_argument_is_refused() {
    let sandbox = sandbox();
    let large = format!("kind: User\nmetadata: {{name: large}}\nspec: {{type: WORKLOAD, attrs: {{text: {:?}}}}}\n", "x".repeat(9000));
    let many: Vec<String> = (0..16).map(|n| large.replace("large", &format!("large{n}"))).collect();
    sandbox.write("many.yaml", &many.join("---\n"));
    sandbox.run(&["apply", "config", "many.yaml", "--to", "spin"]).refused("too large to be given to `spin up --key-value`");
}
