//! Credentials: made, shown once, rotated, listed, deleted, refused.

use crate::common::Sandbox;

#[test]
fn json_has_the_shape_of_octeliumctl() {
    let sandbox = Sandbox::new();
    let made = sandbox.run(&["create", "credential", "ci", "--user", "app", "--type", "oauth2", "-o", "json"]).ok().json();
    let id = made["oauth2Credentials"]["clientID"].as_str().unwrap().to_owned();
    let secret = made["oauth2Credentials"]["clientSecret"].as_str().unwrap();
    assert!(secret.starts_with("pst_cs_"));
    assert_eq!(made.as_object().unwrap().len(), 1);

    let rotated = sandbox.run(&["rotate", "ci", "-o", "json"]).ok().says("until the next rotation").json();
    assert_eq!(rotated["oauth2Credentials"]["clientID"], id.as_str());
    assert_ne!(rotated["oauth2Credentials"]["clientSecret"], secret);
    let listed = sandbox.run(&["get", "credentials", "-o", "json"]).ok();
    let row = &listed.json()["credentials"][0];
    assert_eq!((&row["name"], &row["liveSecrets"], &row["state"]), (&"ci".into(), &2.into(), &"usable".into()));
    assert!(!listed.stdout.contains("pst_"));

    let token = sandbox.run(&["create", "credential", "--user", "app", "--type", "access-token", "-o", "json"]).ok().json();
    assert!(token["accessToken"]["accessToken"].as_str().unwrap().starts_with("pst_at_"));
}

#[test]
fn api_keys_are_made_rotated_and_deleted() {
    let sandbox = Sandbox::new();
    let create = ["create", "credential", "laptop", "--user", "app", "--type", "api-key", "-o", "json"];
    let made = sandbox.run(&create).ok().says("authentication.apiKey").json();
    let key = made["apiKey"]["apiKey"].as_str().unwrap();
    assert!(key.starts_with("pst_ak_"), "{made}");
    let rotated = sandbox.run(&["rotate", "laptop"]).ok();
    assert!(rotated.stdout.starts_with("API key:  pst_ak_") && !rotated.stdout.contains(key), "{}", rotated.stdout);
    sandbox.run(&["delete", "credential", "laptop"]).ok();
    sandbox.run(&create).ok();
}

#[test]
fn text_shows_the_secret_on_standard_output_and_the_rest_elsewhere() {
    let sandbox = Sandbox::new();
    let made = sandbox.run(&["create", "credential", "--user", "app", "--type", "oauth2"]).ok().says("curl").says("app-oauth2-");
    assert!(made.stdout.starts_with("Client ID:") && made.stdout.contains("pst_cs_") && made.stdout.lines().count() == 2);
    assert!(!made.stderr.contains("pst_cs_"));
}

#[test]
fn a_deleted_credential_is_gone_and_its_name_free() {
    let sandbox = Sandbox::new();
    let create = ["create", "credential", "ci", "--user", "app", "--type", "oauth2"];
    sandbox.run(&create).ok();
    sandbox.run(&create).refused("`postern rotate ci` gives it another secret");
    sandbox.run(&["delete", "credential", "ci"]).ok();
    sandbox.run(&["delete", "credential", "ci"]).refused("there is no credential `ci`");
    sandbox.run(&["rotate", "ci"]).refused("there is no credential `ci`");
    sandbox.run(&create).ok();
}

#[test]
fn mistakes_are_refused() {
    let sandbox = Sandbox::new();
    sandbox.write("config/cred.yaml", "kind: Credential\nmetadata: {name: bound}\nspec: {type: ACCESS_TOKEN, user: app}\n");
    let table: [(&[&str], &str); 6] = [
        (&["--user", "nobody", "--type", "oauth2"], "there is no User `nobody`"),
        (&["Bad", "--user", "app", "--type", "oauth2"], "is not a credential's name"),
        (&["bound", "--user", "app", "--type", "oauth2"], "has type ACCESS_TOKEN"),
        (&["ci", "--user", "app", "--type", "oauth2", "--scope", "openid"], "scope"),
        (&["ci", "--user", "app", "--type", "oauth2", "--expires-at", "tomorrow"], "is not a time"),
        (&["ci", "--user", "app", "--type", "oauth2", "--expires-at", "2001-01-01T00:00:00Z"], "in the past"),
    ];
    for (arguments, why) in table {
        let arguments: Vec<&str> = ["create", "credential"].iter().chain(arguments).copied().collect();
        let outcome = sandbox.run(&arguments).refused(why);
        assert_eq!(outcome.stdout, "", "{arguments:?}");
    }
    sandbox.run(&["create", "credential", "bound", "--user", "app", "--type", "access-token"]).ok();
    let listed = sandbox.run(&["get", "credentials", "-o", "json"]).ok().json();
    assert_eq!(listed["credentials"].as_array().unwrap().len(), 1);
    assert!(listed["credentials"][0]["user"].is_null(), "the resource says whose it is");
}

#[test]
fn works_without_a_configuration() {
    let sandbox = Sandbox::empty();
    sandbox.run(&["create", "credential", "ci", "--user", "app", "--type", "oauth2"]).ok();
}
