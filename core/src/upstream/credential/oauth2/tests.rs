use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use futures::FutureExt;
use http::{HeaderMap, Request, Response};
use serde_json::{Value, json};

use super::client::TokenError;
use super::*;
use crate::platform::memory::Memory;
use crate::platform::{Body, Capabilities, Capability, Clock, HttpClient, HttpError, LocalBoxFuture, Platform, SendOptions};
use crate::problem::Problems;
use crate::resource::service::Oauth2ClientCredentials;
use crate::secret::testing::{World, key_text};
use crate::secret::{KEY, Keys, SecretValue};
use crate::testing::test;

/// A token endpoint that numbers its tokens, which last an hour.
#[derive(Default)]
struct Issuer {
    requests: RefCell<Vec<(HeaderMap, String)>>,
    /// Answers wait while this is set.
    is_slow: Cell<bool>,
    is_down: Cell<bool>,
    lifetime: Cell<Option<u64>>,
}

impl Issuer {
    fn calls(&self) -> usize {
        self.requests.borrow().len()
    }
}

impl HttpClient for Issuer {
    fn send(&self, request: Request<Body>, options: SendOptions) -> LocalBoxFuture<'_, Result<Response<Body>, HttpError>> {
        assert_eq!((options.timeout, options.whole), (Some(Duration::from_secs(10)), Some(64 * 1024)));
        assert_eq!((request.method().as_str(), request.uri().to_string().as_str()), ("POST", "https://issuer.example/token?tenant=1"));
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let (form, _) = body.buffer(1000).await.unwrap();
            self.requests.borrow_mut().push((head.headers, String::from_utf8(form.to_vec()).unwrap()));
            let number = self.calls();
            poll_fn(|_| if self.is_slow.get() { Poll::Pending } else { Poll::Ready(()) }).await;
            if self.is_down.get() {
                return Err(HttpError::Connect("refused".into()));
            }
            let expires_in = self.lifetime.get().unwrap_or(3600);
            let answer = json!({"access_token": format!("token-{number}"), "token_type": "Bearer", "expires_in": expires_in});
            Ok(Response::new(Body::from(answer.to_string())))
        })
    }
}

struct Scene {
    world: World,
    issuer: Rc<Issuer>,
    capabilities: Capabilities,
}

impl Scene {
    fn new() -> Self {
        let world = World::empty();
        world.memory.secrets.insert(KEY, &key_text(1));
        Self { world, issuer: Rc::default(), capabilities: Capabilities::none() }
    }

    fn platform(&self) -> Platform {
        Platform { http: self.issuer.clone(), capabilities: self.capabilities, ..self.world.platform() }
    }

    fn memory(&self) -> &Memory {
        &self.world.memory
    }

    fn advance(&self, seconds: u64) {
        self.memory().clock.advance(Duration::from_secs(seconds));
    }

    fn run_tasks(&self) {
        self.memory().tasks.run().now_or_never().unwrap();
    }

    fn get(&self, tokens: &Tokens) -> Result<Used, TokenError> {
        tokens.get(&self.platform(), client("s", &json!({}))).now_or_never().unwrap()
    }

    /// The token that a request gets now.
    fn token(&self, tokens: &Tokens) -> String {
        text(self.get(tokens))
    }
}

fn tokens() -> Tokens {
    Tokens::new(Rc::new(Keys::new("localhost")))
}

fn text(used: Result<Used, TokenError>) -> String {
    used.map_or_else(|error| error.to_string(), |used| String::from_utf8(used.value().expose().to_vec()).unwrap())
}

fn client(secret: &str, changes: &Value) -> Client {
    let mut source =
        json!({"clientID": "a client", "clientSecret": {"fromSecret": "secret"}, "tokenURL": "https://issuer.example/token?tenant=1"});
    source.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    let source: Oauth2ClientCredentials = serde_json::from_value(source).unwrap();
    let mut problems = Problems::new();
    let oauth2 = Oauth2::compile(&source, &mut problems).unwrap();
    assert!(problems.is_empty());
    Client::new(oauth2.endpoint, SecretValue::from(secret.to_owned()))
}

#[test]
fn one_serves_until_its_end_is_near_and_the_next_is_fetched_aside() {
    let (scene, tokens) = (Scene::new(), tokens());
    assert_eq!(scene.token(&tokens), "token-1");
    scene.advance(3539);
    assert_eq!((scene.token(&tokens).as_str(), scene.issuer.calls()), ("token-1", 1));
    scene.advance(1);
    scene.issuer.is_down.set(true);
    assert_eq!(scene.token(&tokens), "token-1");
    scene.run_tasks();
    assert_eq!((scene.token(&tokens).as_str(), scene.issuer.calls()), ("token-1", 2), "a failure costs nobody anything");
    assert!(scene.memory().log.lines().concat().contains("the token of issuer.example is not renewed: cannot connect"));
    scene.issuer.is_down.set(false);
    scene.run_tasks();
    assert_eq!((scene.token(&tokens).as_str(), scene.issuer.calls()), ("token-3", 3));
}

#[test]
fn an_expired_one_is_not_used() {
    let (scene, tokens) = (Scene::new(), tokens());
    assert_eq!(scene.token(&tokens), "token-1");
    scene.advance(3600);
    assert_eq!(scene.token(&tokens), "token-2");
    scene.advance(3600);
    scene.issuer.is_down.set(true);
    assert_eq!(scene.token(&tokens), "cannot connect: refused");
    scene.issuer.is_down.set(false);
    assert_eq!(scene.token(&tokens), "token-4", "a failure is not remembered");
    scene.issuer.lifetime.set(Some(0));
    scene.advance(3600);
    assert_eq!((scene.token(&tokens).as_str(), scene.token(&tokens).as_str()), ("token-5", "token-6"), "one for each request");
}

#[test]
fn other_instances_find_it_in_the_store() {
    let scene = Scene::new();
    assert_eq!(scene.token(&tokens()), "token-1");
    scene.run_tasks();
    assert_eq!((scene.token(&tokens()).as_str(), scene.issuer.calls()), ("token-1", 1));
    let other_domain = Tokens::new(Rc::new(Keys::new("example.com")));
    assert_eq!(scene.token(&other_domain), "token-2", "nobody else can read it");
    scene.advance(3540);
    assert_eq!(scene.token(&tokens()), "token-3", "one whose end is near is no start");
    scene.world.store.down.set(true);
    assert_eq!(scene.token(&tokens()), "token-4", "the store is no condition");
}

#[test]
fn without_a_master_key_it_stays_with_the_instance() {
    let scene = Scene { world: World::empty(), ..Scene::new() };
    let tokens = tokens();
    assert_eq!((scene.token(&tokens).as_str(), scene.token(&tokens).as_str()), ("token-1", "token-1"));
    scene.run_tasks();
    assert_eq!(scene.token(&self::tokens()), "token-2");
}

#[test]
fn each_purpose_has_its_own() {
    let (scene, tokens) = (Scene::new(), tokens());
    let clients = [
        client("s", &json!({})),
        client("t", &json!({})),
        client("s", &json!({"clientID": "b"})),
        client("s", &json!({"scopes": ["x"]})),
        client("s", &json!({"authMethod": "POST"})),
    ];
    for client in clients {
        tokens.get(&scene.platform(), client).now_or_never().unwrap().ok().unwrap();
    }
    assert_eq!(scene.issuer.calls(), 5);
    scene.token(&tokens);
    assert_eq!(scene.issuer.calls(), 5);
}

#[test]
fn a_refused_one_is_dropped_but_not_again_and_again() {
    let (scene, tokens) = (Scene::new(), tokens());
    let now = || scene.memory().clock.now();
    let (first, same) = (scene.get(&tokens).ok().unwrap(), scene.get(&tokens).ok().unwrap());
    scene.run_tasks();
    assert!(first.refuse(now()));
    assert!(same.refuse(now()), "another request was refused with the same one");
    assert_eq!(scene.token(&tokens), "token-2", "although the store has the first one");
    assert!(same.refuse(now()), "there is another one meanwhile");
    let second = scene.get(&tokens).ok().unwrap();
    assert!(!second.refuse(now()));
    scene.advance(30);
    assert!(second.refuse(now()));
    assert_eq!(scene.token(&tokens), "token-3");
}

#[test]
fn requests_that_may_wait_share_one_flight() {
    for (capabilities, calls) in [(Capabilities::none().with(Capability::SharedWait), 1), (Capabilities::none(), 2)] {
        let scene = Scene { capabilities, ..Scene::new() };
        let (tokens, platform) = (tokens(), scene.platform());
        scene.issuer.is_slow.set(true);
        let mut first = Box::pin(tokens.get(&platform, client("s", &json!({}))));
        let mut second = Box::pin(tokens.get(&platform, client("s", &json!({}))));
        assert!(first.as_mut().now_or_never().is_none());
        assert!(second.as_mut().now_or_never().is_none());
        scene.issuer.is_slow.set(false);
        first.now_or_never().unwrap().ok().unwrap();
        second.now_or_never().unwrap().ok().unwrap();
        assert_eq!(scene.issuer.calls(), calls);
    }
}

#[test]
fn a_failure_is_shared_and_a_leader_that_leaves_is_followed() {
    let scene = Scene { capabilities: Capabilities::none().with(Capability::SharedWait), ..Scene::new() };
    let (tokens, platform) = (tokens(), scene.platform());
    scene.issuer.is_slow.set(true);
    let mut first = Box::pin(tokens.get(&platform, client("s", &json!({}))));
    let mut second = Box::pin(tokens.get(&platform, client("s", &json!({}))));
    let mut third = Box::pin(tokens.get(&platform, client("s", &json!({}))));
    for waiting in [&mut first, &mut second, &mut third] {
        assert!(waiting.as_mut().now_or_never().is_none());
    }
    drop(first);
    assert!(second.as_mut().now_or_never().is_none());
    assert_eq!(scene.issuer.calls(), 2);
    scene.issuer.is_down.set(true);
    scene.issuer.is_slow.set(false);
    assert_eq!(text(second.now_or_never().unwrap()), "cannot connect: refused");
    assert_eq!(text(third.now_or_never().unwrap()), "cannot connect: refused");
    assert_eq!(scene.issuer.calls(), 2);
}

/// RFC 6749 §2.3.1 and §4.4.2.
#[test]
fn requests() {
    let (scene, tokens) = (Scene::new(), tokens());
    let secret = "s:+\u{e4} /";
    for (changes, authorization, form) in [
        (json!({}), Some("Basic YStjbGllbnQ6cyUzQSUyQiVDMyVBNCslMkY="), "grant_type=client_credentials"),
        (
            json!({"scopes": ["a/b", "c:d"], "authMethod": "POST"}),
            None,
            "grant_type=client_credentials&scope=a%2Fb+c%3Ad&client_id=a+client&client_secret=s%3A%2B%C3%A4+%2F",
        ),
    ] {
        tokens.get(&scene.platform(), client(secret, &changes)).now_or_never().unwrap().ok().unwrap();
        let (headers, sent) = scene.issuer.requests.borrow_mut().pop().unwrap();
        let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(header("authorization").as_deref(), authorization);
        assert_eq!(header("content-type").as_deref(), Some("application/x-www-form-urlencoded"));
        assert_eq!(sent, form);
    }
}

#[test]
fn settings() {
    let compile = |changes: Value| {
        let mut source = json!({"clientID": "c", "clientSecret": {"fromSecret": "secret"}, "tokenURL": "https://issuer.example/token"});
        source.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        let mut problems = Problems::new();
        Oauth2::compile(&serde_json::from_value(source).unwrap(), &mut problems);
        problems.into_vec().into_iter().map(|problem| problem.to_string()).collect::<Vec<_>>().join("\n")
    };
    for (changes, want) in [
        (json!({}), ""),
        (json!({"tokenURL": "http://localhost:8080/token"}), ""),
        (json!({"tokenURL": "http://127.0.0.1:8080/token"}), ""),
        (json!({"tokenURL": "http://[::1]/token"}), ""),
        (json!({"tokenURL": "http://issuer.example/token"}), "warning: tokenURL: the client's secret would travel in the clear"),
        (json!({"tokenURL": "ftp://issuer.example/token"}), "error: tokenURL: a token endpoint's address begins with"),
        (json!({"tokenURL": "issuer.example/token"}), "error: tokenURL"),
        (json!({"tokenURL": "https://c:s@issuer.example/token"}), "error: tokenURL: an address may not hold a user name"),
        (json!({"clientID": ""}), "error: clientID"),
        (json!({"clientID": "a\nb"}), "error: clientID"),
        (json!({"clientSecret": {"fromSecret": "A"}}), "error: clientSecret.fromSecret"),
        (json!({"scopes": ["a b"]}), "error: scopes[0]: \"a b\" is not a scope"),
        (json!({"scopes": vec!["a"; 65]}), "error: scopes: at most 64 scopes"),
    ] {
        let found = compile(changes.clone());
        assert!(found.starts_with(want) && found.is_empty() == want.is_empty(), "{changes}: {found}");
    }
}
