use crate::testing::test;
use futures::FutureExt;
use http::HeaderValue;
use serde_json::json;

use super::super::testing::{Fixture, client_of, table, token_of};
use super::super::{NewCredential, Outage, StoreWrite, X_POSTERN_AUTH, credential_key, revoke, rotate};
use super::*;
use crate::secret::testing::{NOW, master};

const WEEK: Duration = Duration::from_secs(7 * 24 * 3600);

fn headers(name: http::HeaderName, value: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(name, HeaderValue::from_str(value).unwrap());
    headers
}

#[test]
fn no_token_is_nobody() {
    let fixture = Fixture::new();
    let platform = fixture.world.platform();
    let headers = HeaderMap::new();
    let found = fixture.authenticator.authenticate(&platform, &headers, ForeignAuthorization::Refuse);
    assert!(found.now_or_never().unwrap().unwrap().is_none());
    assert_eq!(fixture.world.store.reads.get(), 0);
}

#[test]
fn a_token_says_who_calls() {
    let fixture = Fixture::new();
    let token = fixture.token(&fixture.client("app"), "&scope=service:gemini");
    let identity = fixture.authenticate(&token).unwrap();
    assert_eq!(identity.user().metadata.name, "alice");
    assert_eq!(identity.credential(), "app");
    assert_eq!(identity.token_headers, ["authorization"]);
    let owners: Vec<_> = identity.policy_owners().map(|owner| (owner.kind, owner.name, owner.authorization.policies.join(","))).collect();
    let owner = |kind, name, policy: &str| (kind, name, policy.to_owned());
    assert_eq!(owners, [owner("User", "alice", "of-alice"), owner("Group", "devs", "of-devs"), owner("Credential", "app", "of-app")]);
    assert_eq!(identity.require_service("gemini", "default"), Ok(()));
    assert_eq!(identity.require_service("gemini", "prod"), Err(AuthFailure::InsufficientScope { service: "gemini.prod".into() }));

    let user = identity.ctx_user();
    assert_eq!(user["metadata"], json!({"name": "alice", "uid": identity.user_uid()}));
    assert_eq!(user["spec"]["type"], "WORKLOAD");
    assert_eq!(user["spec"]["isDisabled"], false);
    assert_eq!(user["spec"]["attrs"], json!({"team": "a"}));
    assert_eq!(identity.ctx_groups()[0]["metadata"]["name"], "devs");
    assert_eq!(identity.ctx_groups()[0]["spec"]["attrs"]["floor"], 2);

    let status = &identity.session["status"];
    assert_eq!(identity.session["metadata"]["uid"], identity.session_uid());
    assert_eq!(status["type"], "CLIENTLESS");
    assert_eq!(status["isBrowser"], false);
    assert_eq!(status["userRef"]["name"], "alice");
    assert_eq!(status["credentialRef"]["name"], "app");
    assert_eq!(status["scopes"], json!([{"service": {"filter": {"names": ["gemini.default"]}}}]));
    let info = &status["authentication"]["info"];
    assert_eq!((&info["type"], &info["aal"]), (&json!("CREDENTIAL"), &json!("AAL1")));
    assert_eq!(info["credential"]["type"], "OAUTH2");
    assert_eq!(info["credential"]["tokenID"], identity.token_id());
}

#[test]
fn a_session_is_the_credential() {
    let fixture = Fixture::new();
    let client = fixture.client("app");
    let session = |token: String| fixture.authenticate(&token).unwrap().session_uid().to_owned();
    let first = session(fixture.token(&client, ""));
    assert_eq!(session(fixture.token(&client, "&scope=service:a")), first);
    assert_ne!(session(fixture.token(&fixture.client("other"), "")), first);
}

#[test]
fn several_tokens_live_at_once_and_each_ends_alone() {
    let fixture = Fixture::new();
    let client = fixture.client("app");
    let first = fixture.token(&client, "");
    fixture.world.memory.clock.advance(Duration::from_secs(1800));
    let second = fixture.token(&client, "");
    assert_ne!(first, second);
    assert_eq!((fixture.fault(&first), fixture.fault(&second)), (None, None));
    fixture.world.memory.clock.advance(Duration::from_secs(1800));
    assert_eq!((fixture.fault(&first), fixture.fault(&second)), (Some(TokenFault::Expired), None));
}

#[test]
fn access_tokens_need_no_exchange() {
    let fixture = Fixture::new();
    let token = fixture.access_token("key", Some("service:gemini"));
    let platform = fixture.world.platform();
    let headers = headers(X_POSTERN_AUTH, &token);
    let found = fixture.authenticator.authenticate(&platform, &headers, ForeignAuthorization::Refuse).now_or_never().unwrap();
    let identity = found.unwrap().unwrap();
    assert_eq!((identity.credential(), identity.token_headers[0].as_str()), ("key", "x-postern-auth"));
    assert_eq!(identity.session["status"]["authentication"]["info"]["credential"]["type"], "ACCESS_TOKEN");
    assert!(identity.require_service("other", "default").is_err());
    assert!(!identity.session.to_string().contains(&token));
    for wrong in ["pst_at_", "pst_at_AAAA", &token[..token.len() - 1], &format!("{token}A")] {
        assert_eq!(fixture.fault(wrong), Some(TokenFault::UnknownCredential), "{wrong}");
    }
}

#[test]
fn rotation_keeps_two_access_tokens() {
    let fixture = Fixture::new();
    let new = NewCredential { name: "key", kind: CredentialType::AccessToken, user: None, scope: None, expires_at: None };
    let mut issued = fixture.issue(&new);
    let mut tokens = vec![token_of(&issued)];
    for _ in 0..2 {
        issued = rotate(&fixture.ring, &*fixture.world.platform().random, NOW, issued.material, None).unwrap();
        fixture.write(&issued.writes);
        tokens.push(token_of(&issued));
    }
    let faults = |fixture: &Fixture| tokens.iter().map(|token| fixture.fault(token)).collect::<Vec<_>>();
    assert_eq!(faults(&fixture), [Some(TokenFault::UnknownCredential), None, None]);
    let brief = Some(Duration::from_secs(60));
    issued = rotate(&fixture.ring, &*fixture.world.platform().random, NOW, issued.material, brief).unwrap();
    fixture.write(&issued.writes);
    let unknown = || Some(TokenFault::UnknownCredential);
    assert_eq!(faults(&fixture), [unknown(), unknown(), None]);
    fixture.world.memory.clock.advance(Duration::from_secs(60));
    assert_eq!(faults(&fixture), [unknown(), unknown(), unknown()], "its last day has passed, although its index entry is still there");
}

/// A token outlives what it rests on, and must not.
#[test]
fn standing_is_checked_at_every_use() {
    let with = |name: &str, spec: serde_json::Value| json!({"credentials": table("Credential", &[(name, spec)])});
    let user = |spec: serde_json::Value| json!({"users": table("User", &[("alice", spec)])});
    let past = Timestamp::from_seconds(NOW.seconds()).to_rfc3339();
    let oauth2 = |user: &str| json!({"type": "OAUTH2", "user": user});
    let changes = [
        (json!({}), None),
        (json!({"credentials": {}}), Some(TokenFault::UnknownCredential)),
        (with("app", json!({"type": "OAUTH2", "user": "alice", "isDisabled": true})), Some(TokenFault::CredentialDisabled)),
        (with("app", json!({"type": "OAUTH2", "user": "alice", "expiresAt": past})), Some(TokenFault::CredentialExpired)),
        (with("app", json!({"type": "OAUTH2", "user": "alice", "expiresAt": "?"})), Some(TokenFault::CredentialExpired)),
        (with("app", json!({"type": "ACCESS_TOKEN", "user": "alice"})), Some(TokenFault::CredentialMismatch)),
        (with("app", oauth2("carol")), Some(TokenFault::CredentialMismatch)),
        (with("app", oauth2("bob")), Some(TokenFault::UserDisabled)),
        (json!({"users": {}}), Some(TokenFault::UserGone)),
        (user(json!({"isDisabled": true})), Some(TokenFault::UserDisabled)),
        (user(json!({"groups": ["gone"]})), Some(TokenFault::UserGone)),
    ];
    for (change, want) in changes {
        let fixture = Fixture::new();
        let token = fixture.token(&fixture.client("app"), "");
        let fixture = fixture.instance(1, None, change.clone());
        assert_eq!(fixture.fault(&token), want, "{change}");
    }
}

#[test]
fn a_credential_without_a_resource_has_its_user_in_the_record() {
    let fixture = Fixture::new();
    let new = NewCredential { name: "loose", kind: CredentialType::Oauth2, user: Some("alice"), scope: None, expires_at: None };
    let identity = fixture.authenticate(&fixture.token(&client_of(&fixture.issue(&new)), "")).unwrap();
    assert_eq!(identity.user().metadata.name, "alice");
    assert_eq!(identity.policy_owners().count(), 2, "no policies of a credential");
    let new = NewCredential { expires_at: Some(NOW.plus(Duration::from_secs(100))), name: "brief", ..new };
    let token = fixture.token(&client_of(&fixture.issue(&new)), "");
    fixture.world.memory.clock.advance(Duration::from_secs(100));
    assert_eq!(fixture.fault(&token), Some(TokenFault::Expired), "no token outlives its credential");
}

#[test]
fn a_record_is_not_lent_to_another_user() {
    let fixture = Fixture::new();
    let new = NewCredential { name: "loose", kind: CredentialType::AccessToken, user: Some("alice"), scope: None, expires_at: None };
    let token = token_of(&fixture.issue(&new));
    assert_eq!(fixture.fault(&token), None);
    let resource = json!({"type": "ACCESS_TOKEN", "user": "carol"});
    let fixture = fixture.instance(1, None, json!({"credentials": table("Credential", &[("loose", resource)])}));
    assert_eq!(fixture.fault(&token), Some(TokenFault::CredentialMismatch));
}

#[test]
fn revoked_removed_and_made_anew() {
    for kind in [CredentialType::Oauth2, CredentialType::AccessToken] {
        let fixture = Fixture::new();
        let name = if kind == CredentialType::Oauth2 { "app" } else { "key" };
        let new = NewCredential { name, kind, user: None, scope: None, expires_at: None };
        let issued = fixture.issue(&new);
        let token = if kind == CredentialType::Oauth2 { fixture.token(&client_of(&issued), "") } else { token_of(&issued) };
        assert_eq!(fixture.fault(&token), None);
        fixture.write(&revoke(&fixture.ring, NOW, issued.material.clone()).1);
        assert_eq!(fixture.fault(&token), Some(TokenFault::CredentialRevoked));
        fixture.write(&super::super::remove(&issued.material));
        assert_eq!(fixture.fault(&token), Some(TokenFault::UnknownCredential));
        fixture.world.memory.clock.advance(Duration::from_secs(1));
        fixture.issue(&new);
        let want = if kind == CredentialType::Oauth2 { TokenFault::Superseded } else { TokenFault::UnknownCredential };
        assert_eq!(fixture.fault(&token), Some(want));
    }
}

#[test]
fn master_keys_rotate_with_overlap() {
    let fixture = Fixture::new();
    let client = fixture.client("app");
    let (token, access) = (fixture.token(&client, ""), fixture.access_token("key", None));
    let fixture = fixture.instance(2, Some(1), json!({}));
    assert_eq!((fixture.fault(&token), fixture.fault(&access)), (None, None));
    let renewed = fixture.token(&client, "");
    let fixture = fixture.instance(3, Some(2), json!({}));
    assert_eq!(fixture.fault(&token), Some(TokenFault::UnknownKey));
    assert_eq!(fixture.fault(&access), Some(TokenFault::UnknownCredential));
    let record = super::super::MaterialError::WrongKey { id: master(1).id().to_string() };
    assert_eq!(
        fixture.authenticate(&renewed).err(),
        Some(AuthFailure::Unavailable(Outage::Record(record))),
        "its record was not rewritten"
    );
}

#[test]
fn signing_keys_rotate_by_themselves() {
    let fixture = Fixture::with(json!({"tokens": {"accessTokenDuration": {"hours": 24}}}), json!({}));
    let client = fixture.client("app");
    let boundary = (NOW.seconds() / WEEK.as_secs() + 1) * WEEK.as_secs();
    fixture.world.memory.clock.set(Timestamp::from_seconds(boundary - 1));
    let before = fixture.token(&client, "");
    fixture.world.memory.clock.set(Timestamp::from_seconds(boundary));
    let after = fixture.token(&client, "");
    assert_ne!(before.split('.').next(), after.split('.').next(), "another kid");
    assert_eq!((fixture.fault(&before), fixture.fault(&after)), (None, None));
}

#[test]
fn corrupted_records_and_a_store_that_is_down_let_nobody_in() {
    let fixture = Fixture::new();
    let token = fixture.token(&fixture.client("app"), "");
    let good = fixture.world.platform().store.get("credential/app").now_or_never().unwrap().unwrap().unwrap();
    let mut flipped = good.clone();
    *flipped.last_mut().unwrap() ^= 1;
    for value in [flipped, Vec::new(), b"{}".to_vec(), vec![0xff; 64]] {
        fixture.write(&[StoreWrite::Put { key: credential_key("app"), value: value.clone() }]);
        let corrupted = AuthFailure::Unavailable(Outage::Record(super::super::MaterialError::Corrupted));
        assert_eq!(fixture.authenticate(&token).err(), Some(corrupted), "{value:?}");
    }
    fixture.write(&[StoreWrite::Put { key: credential_key("app"), value: good }]);
    assert_eq!(fixture.fault(&token), None);
    fixture.world.store.down.set(true);
    assert!(matches!(fixture.authenticate(&token).err(), Some(AuthFailure::Unavailable(Outage::Store(_)))));
}

#[test]
fn without_a_master_key_nobody_is_let_in() {
    let fixture = Fixture::new();
    let token = fixture.token(&fixture.client("app"), "");
    fixture.world.memory.secrets.insert(crate::secret::KEY, "");
    let authenticator = Authenticator::new(fixture.authenticator.snapshot.clone(), Rc::new(Keys::new("localhost")));
    let fixture = Fixture { authenticator, ..fixture };
    let missing = Outage::Key(crate::secret::KeyError::Missing);
    assert_eq!(fixture.authenticate(&token).err(), Some(AuthFailure::Unavailable(missing)));
}

#[test]
fn what_an_instance_remembers_ends_in_time() {
    let fixture = Fixture::new();
    fixture.world.store.reuse_for.set(Duration::from_secs(30));
    let issued = fixture.issue(&NewCredential { name: "app", kind: CredentialType::Oauth2, user: None, scope: None, expires_at: None });
    let token = fixture.token(&client_of(&issued), "");
    assert_eq!(fixture.fault(&token), None);
    let reads = fixture.world.store.reads.get();
    assert_eq!(fixture.fault(&token), None);
    assert_eq!(fixture.world.store.reads.get(), reads, "nothing is asked again");
    fixture.write(&revoke(&fixture.ring, NOW, issued.material).1);
    assert_eq!(fixture.fault(&token), None, "another instance's write is seen later");
    fixture.world.memory.clock.advance(Duration::from_secs(30));
    assert_eq!(fixture.fault(&token), Some(TokenFault::CredentialRevoked));
}
