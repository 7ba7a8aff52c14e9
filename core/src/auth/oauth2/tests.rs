use crate::testing::test;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures::FutureExt;
use http::Request;
use http::header::{ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, PRAGMA, RETRY_AFTER, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS};
use serde_json::json;

use super::*;
use crate::auth::testing::{Answer, BASE, Fixture, client_of};
use crate::auth::{NewCredential, StoreWrite, TokenFault, credential_key, rotate};
use crate::resource::CredentialType;
use crate::secret::testing::NOW;

const GRANT: &str = "grant_type=client_credentials";

fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

fn form((id, secret): &(String, String)) -> String {
    format!("{GRANT}&client_id={id}&client_secret={secret}")
}

fn error(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.json["error"].as_str().unwrap_or("none"))
}

#[test]
fn both_ways_to_authenticate_give_a_token() {
    let fixture = Fixture::new();
    let client = fixture.client("app");
    let answers = [
        fixture.post("/oauth2/token", &form(&client), None),
        fixture.post("/token", &form(&client), None),
        fixture.post("/oauth2/token", &format!("{}&unknown=1&scope=", form(&client)), None),
        fixture.post("/oauth2/token", GRANT, Some(&basic(&client.0, &client.1))),
        fixture.post("/oauth2/token", GRANT, Some(&basic(&client.0, &client.1).replace("Basic", "bAsIc"))),
        fixture.post("/oauth2/token", GRANT, Some(&basic(&client.0.replace('-', "%2D"), &client.1))),
        fixture.post("/oauth2/token", &format!("{GRANT}&client_id={}", client.0), Some(&basic(&client.0, &client.1))),
        fixture.post("/oauth2/token?lang=en", &form(&client), None),
    ];
    for (row, answer) in answers.iter().enumerate() {
        assert_eq!(answer.status, 200, "row {row}: {}", answer.json);
        assert_eq!(answer.json["token_type"], "Bearer");
        assert_eq!(answer.json["expires_in"], 3600);
        assert!(answer.json.get("scope").is_none() && answer.json.get("refresh_token").is_none());
        assert_eq!(answer.headers[CACHE_CONTROL], "no-store");
        assert_eq!(answer.headers[PRAGMA], "no-cache");
        assert_eq!(answer.headers[CONTENT_TYPE], "application/json");
        assert_eq!(answer.headers[X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert!(fixture.authenticate(answer.json["access_token"].as_str().unwrap()).is_ok());
    }
}

#[test]
fn refusals_of_the_token_endpoint() {
    let fixture = Fixture::new();
    let client = fixture.client("app");
    let (id, secret) = &client;
    let good = form(&client);
    let other = fixture.client("other");
    let of = |name: &str| form(&fixture.client(name));
    let header = basic(id, secret);
    let invalid_request = (400, "invalid_request");
    let invalid_client = (401, "invalid_client");
    let too_large = format!("{good}&x={}", "a".repeat(MAX_FORM));
    let table = [
        ("no grant", good.replace(GRANT, ""), None, invalid_request),
        ("empty grant", good.replace(GRANT, "grant_type="), None, invalid_request),
        ("other grant", good.replace(GRANT, "grant_type=password"), None, (400, "unsupported_grant_type")),
        ("other grant, nobody", "grant_type=refresh_token".into(), None, (400, "unsupported_grant_type")),
        ("nobody", GRANT.into(), None, invalid_client),
        ("empty secret", format!("{GRANT}&client_id={id}&client_secret="), None, invalid_client),
        ("no secret", format!("{GRANT}&client_id={id}"), None, invalid_client),
        ("wrong secret", format!("{good}x"), None, invalid_client),
        ("unknown client", good.replace(id, "abcd-efgh"), None, invalid_client),
        ("another client's secret", good.replace(id, &other.0), None, invalid_client),
        ("client id of another case", good.replace(id, &id.to_uppercase()), None, invalid_client),
        ("a path as client id", good.replace(id, "../credential/app"), None, invalid_client),
        ("a long client id", good.replace(id, &"a".repeat(5000)), None, invalid_client),
        ("wrong secret in header", GRANT.into(), Some(basic(id, "wrong")), invalid_client),
        ("header without colon", GRANT.into(), Some(format!("Basic {}", STANDARD.encode("abc"))), invalid_client),
        ("header that is not base64", GRANT.into(), Some("Basic !!!".into()), invalid_client),
        ("header of another scheme", GRANT.into(), Some("Bearer abc".into()), invalid_client),
        ("both ways", good.clone(), Some(header.clone()), invalid_request),
        ("two clients", format!("{GRANT}&client_id={}", other.0), Some(header.clone()), invalid_request),
        ("an assertion as well", format!("{good}&client_assertion=x"), None, invalid_request),
        ("a parameter twice", format!("{good}&scope=service:a&scope=service:b"), None, invalid_request),
        ("the secret twice", format!("{good}&client_secret={secret}"), None, invalid_request),
        ("broken escape", format!("{good}&x=%zz"), None, invalid_request),
        ("too large", too_large, None, invalid_request),
        ("empty", String::new(), None, invalid_request),
        ("bad scope", format!("{good}&scope=openid"), None, (400, "invalid_scope")),
        ("doubled space", format!("{good}&scope=service:a++service:b"), None, (400, "invalid_scope")),
        ("disabled user", of("of-bob"), None, (400, "unauthorized_client")),
        ("a person", of("of-carol"), None, (400, "unauthorized_client")),
        ("user gone", of("of-nobody"), None, invalid_client),
        ("group gone", of("of-dave"), None, invalid_client),
        ("disabled credential", of("off"), None, invalid_client),
        ("expired credential", of("expired"), None, invalid_client),
        ("credential with an unreadable date", of("undated"), None, invalid_client),
        ("of another type", of("key"), None, invalid_client),
        ("without resource or user", of("unknown"), None, invalid_client),
    ];
    for (what, form, authorization, want) in table {
        let answer = fixture.post("/oauth2/token", &form, authorization.as_deref());
        assert_eq!(error(&answer), want, "{what}");
        assert_eq!(answer.headers.contains_key(WWW_AUTHENTICATE), want.0 == 401, "{what}");
        assert_eq!((&answer.headers[CACHE_CONTROL], &answer.headers[PRAGMA]), (&"no-store".parse().unwrap(), &"no-cache".parse().unwrap()));
        assert!(!answer.json.to_string().contains(secret.as_str()), "{what}");
    }
}

#[test]
fn refusals_by_the_shape_of_the_request() {
    let fixture = Fixture::new();
    let client = fixture.client("app");
    let good = form(&client);
    for query in [&good, "client_secret=x", "client%5Fid=x", "token=x", "a=%zz", "a=1&a=1"] {
        let answer = fixture.post(&format!("/oauth2/token?{query}"), &good, None);
        assert_eq!(error(&answer), (400, "invalid_request"), "{query}");
    }
    for kind in ["application/json", "text/plain", "multipart/form-data", ""] {
        let request = Request::post("/oauth2/token").header(CONTENT_TYPE, kind).body(Body::from(good.clone())).unwrap();
        assert_eq!(error(&fixture.send(request)), (400, "invalid_request"), "{kind}");
    }
    let kind = "Application/x-www-form-urlencoded; charset=UTF-8";
    let request = Request::post("/oauth2/token").header(CONTENT_TYPE, kind).body(Body::from(good.clone())).unwrap();
    assert_eq!(fixture.send(request).status, 200);
    let twice = Request::post("/oauth2/token").header(CONTENT_TYPE, kind);
    let header = basic(&client.0, &client.1);
    let twice = twice.header(AUTHORIZATION, &header).header(AUTHORIZATION, &header).body(Body::from(GRANT.to_owned())).unwrap();
    assert_eq!(error(&fixture.send(twice)), (400, "invalid_request"));
    for path in ["/oauth2/token", "/oauth2/introspect", "/oauth2/revoke"] {
        let answer = fixture.send(Request::get(path).body(Body::Empty).unwrap());
        assert_eq!((answer.status, &answer.headers[ALLOW]), (405, &"POST".parse().unwrap()), "{path}");
    }
}

#[test]
fn scopes_only_narrow() {
    let fixture = Fixture::new();
    let new = NewCredential { name: "app", kind: CredentialType::Oauth2, user: None, scope: Some("service:prod/*"), expires_at: None };
    let good = form(&client_of(&fixture.issue(&new)));
    let table = [
        ("", (200, "none"), Some("service:prod/*")),
        ("&scope=service:a.prod", (200, "none"), Some("service:a.prod")),
        ("&scope=service:a.prod+service:b.prod", (200, "none"), Some("service:a.prod service:b.prod")),
        ("&scope=service:a", (400, "invalid_scope"), None),
        ("&scope=service:*", (400, "invalid_scope"), None),
        ("&scope=service:a.prod%20service:b", (400, "invalid_scope"), None),
    ];
    for (scope, want, given) in table {
        let answer = fixture.post("/oauth2/token", &format!("{good}{scope}"), None);
        assert_eq!((error(&answer), answer.json["scope"].as_str()), (want, given), "{scope}");
    }
}

#[test]
fn lifetimes() {
    let table = [(json!({"minutes": 5}), 300), (json!({"seconds": 1}), 60), (json!({"days": 9}), 86_400)];
    for (duration, want) in table {
        let fixture = Fixture::with(json!({"tokens": {"accessTokenDuration": duration}}), json!({}));
        let answer = fixture.post("/oauth2/token", &form(&fixture.client("app")), None);
        assert_eq!(answer.json["expires_in"], want, "{duration}");
    }
    let fixture = Fixture::new();
    let answer = fixture.post("/oauth2/token", &form(&fixture.client("soon")), None);
    assert_eq!(answer.json["expires_in"], 100, "not beyond the credential");
}

#[test]
fn two_secrets_live_while_one_is_replaced() {
    let fixture = Fixture::new();
    let mut issued = fixture.issue(&NewCredential { name: "app", kind: CredentialType::Oauth2, user: None, scope: None, expires_at: None });
    let mut clients = vec![client_of(&issued)];
    for _ in 0..2 {
        issued = rotate(&fixture.ring, &*fixture.world.platform().random, NOW, issued.material, None).unwrap();
        fixture.write(&issued.writes);
        clients.push(client_of(&issued));
    }
    let statuses: Vec<_> = clients.iter().map(|client| fixture.post("/oauth2/token", &form(client), None).status).collect();
    assert_eq!(statuses, [401, 200, 200]);
    let fixture = fixture.instance(2, Some(1), json!({}));
    let rotated = rotate(&fixture.ring, &*fixture.world.platform().random, NOW, issued.material, None).unwrap();
    fixture.write(&rotated.writes);
    let new = client_of(&rotated);
    let statuses = [&clients[2], &new].map(|client| fixture.post("/oauth2/token", &form(client), None).status);
    assert_eq!(statuses, [200, 200], "under the previous master key and the current one");
    let fixture = fixture.instance(3, Some(2), json!({}));
    let statuses = [&clients[2], &new].map(|client| fixture.post("/oauth2/token", &form(client), None).status);
    assert_eq!(statuses, [401, 200]);
}

#[test]
fn a_store_that_is_down_or_altered_gives_no_token() {
    let fixture = Fixture::new();
    let good = form(&fixture.client("app"));
    fixture.write(&[StoreWrite::Put { key: credential_key("app"), value: b"garbage".to_vec() }]);
    assert_eq!(error(&fixture.post("/oauth2/token", &good, None)), (503, "temporarily_unavailable"));
    fixture.world.store.down.set(true);
    let answer = fixture.post("/oauth2/token", &good, None);
    assert_eq!(error(&answer), (503, "temporarily_unavailable"));
    assert!(answer.headers.contains_key(RETRY_AFTER));
}

#[test]
fn throttled_by_address_and_by_client() {
    let fixture = Fixture::with(json!({"limits": {"tokenRequestsPerMinute": 3}}), json!({}));
    let good = form(&fixture.client("app"));
    let send = |address: Option<&str>, form: &str| {
        let request = Request::post("/oauth2/token").header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let request = request.body(Body::from(form.to_owned())).unwrap();
        let origin = Origin { address: address.map(|address| address.parse().unwrap()), base: BASE };
        let platform = fixture.world.platform();
        let (response, _) = serve(&fixture.authenticator, &platform, Endpoint::Token, request, origin).now_or_never().unwrap();
        (response.status().as_u16(), response.headers().get(RETRY_AFTER).map(|value| value.to_str().unwrap().to_owned()))
    };
    let refused = |seconds: &str| (429, Some(seconds.to_owned()));
    fixture.world.memory.clock.advance(Duration::from_secs(20));
    for _ in 0..3 {
        assert_eq!(send(Some("192.0.2.7"), "garbage").0, 400);
    }
    assert_eq!(send(Some("192.0.2.7"), &good), refused("40"));
    assert_eq!(send(Some("::ffff:192.0.2.7"), &good), refused("40"), "the same address, mapped");
    for address in ["2001:db8::1", "2001:db8::2", "2001:db8::3"] {
        assert_eq!(send(Some(address), &good).0, 200);
    }
    assert_eq!(send(Some("2001:db8::4"), "garbage"), refused("40"), "a /64 is one address");
    assert_eq!(send(Some("2001:db8:0:1::1"), &good), refused("40"), "the client has had its three, from wherever");
    assert_eq!(send(Some("2001:db8:0:1::1"), "garbage").0, 400);
    assert_eq!(send(None, "garbage").0, 400);
    fixture.world.memory.clock.advance(Duration::from_secs(40));
    assert_eq!(send(Some("192.0.2.7"), &good).0, 200, "the next window");
}

#[test]
fn invented_clients_make_no_counters() {
    let fixture = Fixture::new();
    for n in 0..5 {
        fixture.post("/oauth2/token", &format!("{GRANT}&client_id=x{n}&client_secret=y"), None);
    }
    let platform = fixture.world.platform();
    let count = |owner: &str, principal: &str| {
        let series = crate::platform::CounterSeries::new("oauth2", owner, principal, Duration::from_secs(60));
        platform.counters.increment(&series.counter(series.number(NOW)), 0, NOW).now_or_never().unwrap().unwrap()
    };
    assert_eq!((count("token/address", "192.0.2.1"), count("token/client", "x1")), (5, 0));
}

#[test]
fn introspection() {
    let fixture = Fixture::new();
    let client = fixture.client("app");
    let ask = |fixture: &Fixture, token: &str| {
        let answer = fixture.post("/oauth2/introspect", &format!("token={token}"), Some(&basic(&client.0, &client.1)));
        assert_eq!(answer.status, 200, "{}", answer.json);
        answer.json
    };
    let token = fixture.token(&client, "&scope=service:a");
    let (now, identity) = (NOW.seconds(), fixture.authenticate(&token).unwrap());
    let issuer = "https://localhost";
    assert_eq!(
        ask(&fixture, &token),
        json!({
            "active": true, "token_type": "Bearer", "client_id": client.0, "username": "alice", "sub": identity.user_uid(), "iss": issuer,
            "aud": issuer, "jti": identity.token_id(), "iat": now, "exp": now + 3600, "scope": "service:a",
        })
    );
    let access = fixture.access_token("key", None);
    let described = ask(&fixture, &access);
    assert_eq!((&described["active"], &described["username"]), (&json!(true), &json!("alice")));
    assert!(described.get("exp").is_none() && described.get("client_id").is_none());
    let inactive = json!({"active": false});
    let of_bob = fixture.access_token("key-of-bob", None);
    for bad in ["x", "a.b.c", "pst_at_unknown", &token[..token.len() - 1], &of_bob, &client.1] {
        assert_eq!(ask(&fixture, bad), inactive, "{bad}");
    }
    fixture.world.memory.clock.advance(Duration::from_secs(3600));
    assert_eq!(ask(&fixture, &token), inactive);

    assert_eq!(error(&fixture.post("/oauth2/introspect", &format!("token={token}"), None)), (401, "invalid_client"));
    assert_eq!(error(&fixture.post("/oauth2/introspect", "", Some(&basic(&client.0, &client.1)))), (400, "invalid_request"));
    assert_eq!(error(&fixture.post(&format!("/oauth2/introspect?token={token}"), "", None)), (400, "invalid_request"));
}

#[test]
fn revocation() {
    let fixture = Fixture::new();
    fixture.world.store.reuse_for.set(Duration::from_secs(30));
    let (client, other) = (fixture.client("app"), fixture.client("other"));
    let revoke = |client: &(String, String), token: &str| {
        let answer = fixture.post("/oauth2/revoke", &format!("token={token}&token_type_hint=x"), Some(&basic(&client.0, &client.1)));
        (answer.status, answer.json)
    };
    let (first, second) = (fixture.token(&client, ""), fixture.token(&client, ""));
    let access = fixture.access_token("key", None);
    let done = (200, json!({}));
    for token in [&first, &second, &access] {
        assert_eq!(fixture.fault(token), None);
        assert_eq!(revoke(&other, token), done, "another client's");
        assert_eq!(fixture.fault(token), None);
    }
    assert_eq!(revoke(&client, "unknown"), done);
    assert_eq!(revoke(&client, &first), done);
    assert_eq!(fixture.fault(&first), Some(TokenFault::Revoked), "at once where it was revoked");
    assert_eq!(fixture.fault(&second), None);
    assert_eq!(revoke(&client, &first), done, "again");

    assert_eq!(error(&fixture.post("/oauth2/revoke", &format!("token={second}"), None)), (401, "invalid_client"));
    assert_eq!(error(&fixture.post("/oauth2/revoke", "", Some(&basic(&client.0, &client.1)))), (400, "invalid_request"));
    fixture.world.store.down.set(true);
    assert_eq!(revoke(&client, &second).0, 503, "what is not written is not done");
    fixture.world.store.down.set(false);
    let fixture = fixture.instance(1, None, json!({}));
    assert_eq!((fixture.fault(&first), fixture.fault(&second)), (Some(TokenFault::Revoked), None), "seen by other instances");
}

#[test]
fn metadata() {
    let get = |fixture: &Fixture, path: &str| fixture.send(Request::get(path).body(Body::Empty).unwrap());
    let answer = get(&Fixture::new(), "/.well-known/oauth-authorization-server");
    assert_eq!((answer.status, &answer.json["issuer"]), (200, &json!(BASE)));
    assert_eq!(answer.json["token_endpoint"], "http://localhost:8080/oauth2/token");
    assert_eq!(answer.json["token_endpoint_auth_methods_supported"], json!(["client_secret_basic", "client_secret_post"]));

    let fixture = Fixture::with(json!({"url": "https://gw.example.com/ai"}), json!({}));
    let answer = get(&fixture, "/.well-known/oauth-authorization-server/ai");
    assert_eq!(answer.json["issuer"], "https://gw.example.com/ai");
    assert_eq!(answer.json["revocation_endpoint"], "https://gw.example.com/ai/oauth2/revoke");
    for (path, want) in [
        ("/ai/oauth2/token", Some(Endpoint::Token)),
        ("/oauth2/token", None),
        ("/ai/oauth2/token/", None),
        ("/.well-known/oauth-authorization-server", None),
        ("/", None),
    ] {
        assert_eq!(fixture.authenticator.endpoint(path), want, "{path}");
    }
    let head = Request::head("/.well-known/oauth-authorization-server/ai").body(Body::Empty).unwrap();
    assert_eq!(fixture.send(head).json, serde_json::Value::Null);
    let post = Request::post("/.well-known/oauth-authorization-server/ai").body(Body::Empty).unwrap();
    assert_eq!(fixture.send(post).status, 405);
}
