//! `postern serve`, from the quickstart to a token.

use crate::common::http::{get, post};
use crate::common::server::Server;
use crate::common::{GATEWAY, Sandbox, USER};

const ECHO: &str = include_str!("../../../config/echo.yaml");
const PRIVATE: &str = "kind: Service\nmetadata: {name: hello}\nspec: {mode: HTTP, isPublic: true, config: {http: {response: {direct: {inline: \
                       hello}}}}}\n";

fn quickstart() -> Sandbox {
    let sandbox = Sandbox::empty();
    sandbox.write("config/gateway.yaml", GATEWAY);
    sandbox.write("config/user.yaml", USER);
    sandbox.write("config/echo.yaml", ECHO);
    sandbox.write("config/private.yaml", PRIVATE);
    sandbox
}

#[test]
fn without_a_command_it_serves_the_echo() {
    let sandbox = quickstart();
    let server = Server::start(&sandbox, &[]);
    for (host, path) in [("echo.localhost", "/v1/chat/completions"), ("localhost", "/-/echo/v1/chat/completions")] {
        let answer = post(server.address, host, path, &[("content-type", "application/json")], r#"{"stream":false}"#);
        assert_eq!(answer.status, 200);
        assert!(answer.body.contains("Your gateway works"), "{}", answer.body);
    }
    let stream = post(server.address, "echo.localhost", "/", &[("content-type", "application/json")], r#"{"stream":true}"#);
    assert!(stream.body.contains("data: [DONE]"), "{}", stream.body);
    assert!(sandbox.path(".postern/key").exists());
}

#[test]
fn credentials_made_while_it_serves_are_taken() {
    let sandbox = quickstart();
    let server = Server::start(&sandbox, &["serve", "config"]);
    let hello = |token: &str| get(server.address, "hello.localhost", "/", &[("authorization", &format!("Bearer {token}"))]);
    assert_eq!(hello("pst_at_x").status, 401);

    let made = sandbox.run(&["create", "credential", "--user", "app", "--type", "oauth2", "-o", "json"]).ok().json();
    let of = |name: &str| made["oauth2Credentials"][name].as_str().unwrap().to_owned();
    let form = format!("grant_type=client_credentials&client_id={}&client_secret={}", of("clientID"), of("clientSecret"));
    let content_type = [("content-type", "application/x-www-form-urlencoded")];
    let answer = post(server.address, "localhost", "/oauth2/token", &content_type, &form);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let token: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(hello(token["access_token"].as_str().unwrap()).body, "hello");

    let made = sandbox.run(&["create", "credential", "ci", "--user", "app", "--type", "access-token", "-o", "json"]).ok().json();
    let token = made["accessToken"]["accessToken"].as_str().unwrap();
    assert_eq!(hello(token).status, 200);
    sandbox.run(&["delete", "credential", "ci"]).ok();
    assert_eq!(hello(token).status, 401);
}

#[test]
fn a_change_is_taken_and_a_broken_one_is_not() {
    let sandbox = quickstart();
    let server = Server::start(&sandbox, &["serve"]);
    let echo = || post(server.address, "echo.localhost", "/", &[("content-type", "application/json")], "{}");
    sandbox.write("config/echo.yaml", "kind: Service\nmetadata: {name: echo}\nspec: {isPublc: true}\n");
    server.says("did you mean `isPublic`?");
    server.says("the changed configuration is not taken");
    assert!(echo().body.contains("Your gateway works"));
    sandbox.write("config/echo.yaml", &ECHO.replace("Your gateway works", "It changed"));
    server.says("serving the changed configuration");
    assert!(echo().body.contains("It changed"));
}

#[test]
fn what_is_applied_is_served_beside_the_files() {
    let sandbox = quickstart();
    let server = Server::start(&sandbox, &["serve"]);
    let applied = PRIVATE.replace("name: hello", "name: applied").replace("isPublic: true", "isPublic: true, isAnonymous: true");
    assert_eq!(get(server.address, "applied.localhost", "/", &[]).status, 404);
    sandbox.run_with_input(&["apply", "-"], &applied).ok();
    server.says("serving the changed configuration");
    assert_eq!(get(server.address, "applied.localhost", "/", &[]).body, "hello");
    assert_eq!(post(server.address, "echo.localhost", "/", &[], "").status, 200);

    drop(server);
    let server = Server::start(&sandbox, &["serve"]);
    assert_eq!(get(server.address, "applied.localhost", "/", &[]).body, "hello");
}

#[test]
fn a_start_that_cannot_serve_is_refused_with_every_reason() {
    let sandbox = quickstart();
    sandbox.write("config/broken.yaml", "kind: Usr\n---\nkind: User\nmetadata: {name: x y}\nspec: {tpye: 1}\n");
    sandbox.run(&["serve"]).refused("did you mean `User`?").says("did you mean `type`?");
    let sandbox = quickstart();
    sandbox.run(&["serve", "--connect-to", "nonsense"]).refused("--connect-to");
    sandbox.run(&["--listen", "0.0.0.0:0", "--connect-to", "a:1=http://127.0.0.1:1"]).refused("loopback");
    sandbox.run(&["serve", "nowhere"]).refused("there is no file or folder `nowhere`");
}

#[test]
fn secrets_of_another_domain_are_told_at_the_start() {
    let sandbox = quickstart();
    sandbox.run_with_input(&["create", "secret", "key-a"], "x").ok();
    sandbox.write("config/gateway.yaml", &GATEWAY.replace("localhost", "example.com"));
    let outcome = sandbox.run(&["serve", "--connect-to", "a:1=http://10.0.0.1:1"]).refused("loopback");
    assert!(outcome.stderr.contains("the stored secret `key-a` was sealed for another domain or key"));
}
