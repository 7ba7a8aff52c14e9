//! A configuration with a user of every kind, on the memory platform.

use std::rc::Rc;

use futures::FutureExt;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Request};
use serde_json::{Value, json};

use super::oauth2::{Origin, serve};
use super::*;
use crate::platform::Body;
use crate::resource::CredentialType;
use crate::secret::testing::{NOW, World, key_text, master, snapshot};
use crate::secret::{KEY, KEY_PREVIOUS, KeyRing, Keys};

pub(super) struct Fixture {
    pub(super) world: World,
    pub(super) authenticator: Authenticator,
    pub(super) ring: KeyRing,
}

/// A response, read.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) json: Value,
}

pub(super) const BASE: &str = "http://localhost:8080";

impl Fixture {
    pub(super) fn new() -> Self {
        Self::with(json!({}), json!({}))
    }

    /// With this Gateway, and these tables over the usual ones.
    pub(super) fn with(gateway: Value, tables: Value) -> Self {
        let world = World::empty();
        world.memory.secrets.insert(KEY, &key_text(1));
        let snapshot = Rc::new(snapshot(configuration(gateway, tables)));
        let authenticator = Authenticator::new(snapshot, Rc::new(Keys::new("localhost")));
        Self { world, authenticator, ring: KeyRing::new("localhost", master(1), None) }
    }

    /// The same store and clock, seen by another instance with other master keys and another configuration.
    pub(super) fn instance(self, current: u8, previous: Option<u8>, tables: Value) -> Self {
        self.world.memory.secrets.insert(KEY, &key_text(current));
        if let Some(previous) = previous {
            self.world.memory.secrets.insert(KEY_PREVIOUS, &key_text(previous));
        }
        let snapshot = Rc::new(snapshot(configuration(json!({}), tables)));
        let authenticator = Authenticator::new(snapshot, Rc::new(Keys::new("localhost")));
        Self { authenticator, ring: KeyRing::new("localhost", master(current), previous.map(master)), ..self }
    }

    pub(super) fn write(&self, writes: &[StoreWrite]) {
        write_all(&*self.world.platform().store, writes).now_or_never().unwrap().unwrap();
    }

    pub(super) fn issue(&self, new: &NewCredential<'_>) -> Issued {
        let issued = issue(&self.ring, &*self.world.platform().random, self.world.platform().clock.now(), new).unwrap();
        self.write(&issued.writes);
        issued
    }

    /// Client id and secret of a new credential of this name, whose resource says the user.
    pub(super) fn client(&self, name: &str) -> (String, String) {
        client_of(&self.issue(&NewCredential { name, kind: CredentialType::Oauth2, user: None, scope: None, expires_at: None }))
    }

    pub(super) fn access_token(&self, name: &str, scope: Option<&str>) -> String {
        let issued = self.issue(&NewCredential { name, kind: CredentialType::AccessToken, user: None, scope, expires_at: None });
        token_of(&issued)
    }

    pub(super) fn send(&self, request: Request<Body>) -> Answer {
        let endpoint = self.authenticator.endpoint(request.uri().path()).unwrap();
        let origin = Origin { address: Some([192, 0, 2, 1].into()), base: BASE };
        let platform = self.world.platform();
        let (response, _) = serve(&self.authenticator, &platform, endpoint, request, origin).now_or_never().unwrap();
        let (parts, body) = response.into_parts();
        let (bytes, _) = body.buffer(1 << 20).now_or_never().unwrap().unwrap();
        let json = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
        Answer { status: parts.status.as_u16(), headers: parts.headers, json }
    }

    pub(super) fn post(&self, target: &str, form: &str, authorization: Option<&str>) -> Answer {
        let mut request = Request::post(target).body(Body::from(form.to_owned())).unwrap();
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        if let Some(value) = authorization {
            request.headers_mut().insert(AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        }
        self.send(request)
    }

    /// A token from the token endpoint.
    pub(super) fn token(&self, (id, secret): &(String, String), more: &str) -> String {
        let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}{more}");
        let answer = self.post("/oauth2/token", &form, None);
        assert_eq!(answer.status, 200, "{}", answer.json);
        answer.json["access_token"].as_str().unwrap().to_owned()
    }

    pub(super) fn authenticate(&self, token: &str) -> Result<Identity, AuthFailure> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::from_str(&format!("Bearer {token}")).unwrap());
        let platform = self.world.platform();
        let found = self.authenticator.authenticate(&platform, &headers, ForeignAuthorization::Refuse).now_or_never().unwrap();
        found.map(Option::unwrap)
    }

    /// Why a token is refused.
    pub(super) fn fault(&self, token: &str) -> Option<TokenFault> {
        match self.authenticate(token) {
            Ok(_) => None,
            Err(AuthFailure::InvalidToken(fault)) => Some(fault),
            Err(other) => panic!("{other:?}"),
        }
    }
}

pub(super) fn client_of(issued: &Issued) -> (String, String) {
    let Plaintext::Oauth2 { client_id, client_secret } = &issued.plaintext else { panic!("{issued:?}") };
    (client_id.clone(), String::from_utf8(client_secret.expose().to_vec()).unwrap())
}

pub(super) fn token_of(issued: &Issued) -> String {
    let Plaintext::AccessToken(token) = &issued.plaintext else { panic!("{issued:?}") };
    String::from_utf8(token.expose().to_vec()).unwrap()
}

/// A table of resources of a kind.
pub(super) fn table(kind: &str, specs: &[(&str, Value)]) -> Value {
    let resource = |(name, spec): &(&str, Value)| (name.to_string(), json!({"kind": kind, "metadata": {"name": name}, "spec": spec}));
    Value::Object(specs.iter().map(resource).collect())
}

fn configuration(gateway: Value, tables: Value) -> Value {
    let past = crate::platform::Timestamp::from_seconds(NOW.seconds() - 1).to_rfc3339();
    let soon = crate::platform::Timestamp::from_seconds(NOW.seconds() + 100).to_rfc3339();
    let oauth2 = |user: &str| json!({"type": "OAUTH2", "user": user});
    let mut all = json!({
        "gateway": {"kind": "Gateway", "metadata": {"name": "default"}, "spec": gateway},
        "users": table("User", &[
            ("alice", json!({"type": "WORKLOAD", "groups": ["devs"], "attrs": {"team": "a"}, "authorization": {"policies": ["of-alice"]}})),
            ("bob", json!({"type": "WORKLOAD", "isDisabled": true})),
            ("carol", json!({"type": "HUMAN", "email": "carol@example.com"})),
            ("dave", json!({"type": "WORKLOAD", "groups": ["gone"]})),
        ]),
        "groups": table("Group", &[("devs", json!({"attrs": {"floor": 2}, "authorization": {"policies": ["of-devs"]}}))]),
        "credentials": table("Credential", &[
            ("app", json!({"type": "OAUTH2", "user": "alice", "authorization": {"policies": ["of-app"]}})),
            ("other", oauth2("alice")),
            ("of-bob", oauth2("bob")),
            ("of-carol", oauth2("carol")),
            ("of-dave", oauth2("dave")),
            ("of-nobody", oauth2("nobody")),
            ("off", json!({"type": "OAUTH2", "user": "alice", "isDisabled": true})),
            ("expired", json!({"type": "OAUTH2", "user": "alice", "expiresAt": past})),
            ("soon", json!({"type": "OAUTH2", "user": "alice", "expiresAt": soon})),
            ("undated", json!({"type": "OAUTH2", "user": "alice", "expiresAt": "next year"})),
            ("key", json!({"type": "ACCESS_TOKEN", "user": "alice"})),
            ("key-of-bob", json!({"type": "ACCESS_TOKEN", "user": "bob"})),
        ]),
    });
    for (name, table) in tables.as_object().unwrap() {
        all[name] = table.clone();
    }
    all
}
