//! The master key, made and rotated.

use crate::common::{Sandbox, fake};

#[test]
fn a_new_key_is_44_characters_and_another_each_time() {
    let [one, two] = [0, 1].map(|_| Sandbox::empty().run(&["key", "create"]).ok().says("POSTERN_KEY").stdout);
    assert_eq!((one.len(), one.ends_with("=\n")), (45, true));
    assert_ne!(one, two);
}

#[test]
fn everything_is_sealed_under_the_new_key_and_the_old_one_kept() {
    let sandbox = Sandbox::new();
    sandbox.run_with_input(&["create", "secret", "key-a"], "x").ok();
    sandbox.run(&["create", "credential", "ci", "--user", "app", "--type", "oauth2"]).ok();
    sandbox.run_with_input(&["apply", "-"], "kind: Secret\nmetadata: {name: plain-key}\nspec: {data: {value: y}}\n").ok();
    let old = sandbox.read(".postern/key");
    let rotated = sandbox.run(&["key", "rotate"]).ok().says("Sealed 3 entries").says("Restart a running `postern serve`");
    assert_eq!(rotated.stdout, "");
    assert_eq!(sandbox.read(".postern/key.previous").trim(), old.trim());
    assert_eq!((sandbox.mode(".postern/key"), sandbox.mode(".postern/key.previous")), (0o600, 0o600));
    assert_ne!(sandbox.read(".postern/key"), old);

    // Without the old key: nothing but the client secret's digest was under it.
    std::fs::remove_file(sandbox.path(".postern/key.previous")).unwrap();
    assert_eq!(sandbox.run(&["get", "secrets", "-o", "json"]).ok().json()["secrets"][0]["state"], "usable");
    assert_eq!(sandbox.run(&["get", "credentials", "-o", "json"]).ok().json()["credentials"][0]["state"], "usable");
    assert_eq!(sandbox.run(&["get", "resources", "-o", "json"]).ok().json()["resources"][0]["name"], "plain-key");
}

#[test]
fn a_rotation_that_would_end_a_credential_is_refused() {
    let sandbox = Sandbox::new();
    sandbox.run(&["create", "credential", "ci", "--user", "app", "--type", "oauth2"]).ok();
    sandbox.run(&["key", "rotate"]).ok();
    let before = sandbox.read(".postern/key");
    sandbox.run(&["key", "rotate"]).refused("which another would end: ci");
    assert_eq!(sandbox.read(".postern/key"), before);
    sandbox.run(&["rotate", "ci"]).ok();
    sandbox.run(&["rotate", "ci"]).ok();
    sandbox.run(&["key", "rotate"]).ok();
}

#[test]
fn what_cannot_be_opened_stops_a_rotation() {
    let sandbox = Sandbox::new();
    sandbox.run_with_input(&["create", "secret", "key-a"], "x").ok();
    std::fs::remove_file(sandbox.path(".postern/key")).unwrap();
    sandbox.run(&["key", "rotate"]).refused("secret/key-a");
}

#[test]
fn where_the_environment_has_the_key_both_are_needed() {
    let key = |sandbox: &Sandbox| sandbox.run(&["key", "create"]).stdout.trim().to_owned();
    let sandbox = Sandbox::new();
    let (old, new) = (key(&sandbox), key(&sandbox));
    let sandbox = sandbox.with_env("POSTERN_KEY", &old);
    sandbox.run_with_input(&["create", "secret", "key-a"], "x").ok();
    sandbox.run(&["key", "rotate"]).refused("POSTERN_KEY_PREVIOUS");
    let sandbox = sandbox.with_env("POSTERN_KEY", &new).with_env("POSTERN_KEY_PREVIOUS", &old);
    sandbox.run(&["key", "rotate"]).ok();
    let sandbox = sandbox.with_env("POSTERN_KEY_PREVIOUS", "");
    assert_eq!(sandbox.run(&["get", "secrets", "-o", "json"]).ok().json()["secrets"][0]["state"], "usable");
    assert!(!sandbox.path(".postern/key").exists());
}

#[test]
fn the_hosts_files_get_both_keys() {
    let sandbox = fake::tool(Sandbox::new(), "npx", fake::NPX);
    sandbox.run_with_input(&["create", "secret", "key-a", "--to", "cloudflare"], "x").ok();
    sandbox.run(&["key", "rotate", "--to", "cloudflare"]).ok();
    assert!(sandbox.read(".dev.vars").contains("POSTERN_KEY_PREVIOUS=\""));
    sandbox.run_with_input(&["create", "secret", "key-a", "--to", "spin"], "x").ok();
    sandbox.run(&["key", "rotate", "--to", "spin"]).ok();
    assert!(sandbox.read(".spin.vars.toml").contains("postern_key_previous = \""));
    for target in ["cloudflare", "spin"] {
        let listed = sandbox.run(&["get", "secrets", "-o", "json", "--to", target]).ok().json();
        assert_eq!(listed["secrets"][0]["state"], "usable", "{target}");
    }
}
