//! A gateway with one user and an upstream that records what it gets.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use futures::FutureExt;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, Uri, Version};
use serde_json::{Value, json};

use crate::auth::{NewCredential, Plaintext, issue, write_all};
use crate::gateway::{Client, Gateway, Incoming, Settings};
use crate::platform::{Body, Capabilities, Capability, HttpClient, HttpError, LocalBoxFuture, Platform, SendOptions};
use crate::resource::CredentialType;
use crate::secret::testing::{World, key_text, master, snapshot};
use crate::secret::{KEY, KeyRing};

/// What a provider's credential looks like here. No test may find it anywhere but in the upstream's `Authorization`.
pub const PROVIDER_KEY: &str = "canary-provider-key";

pub struct Fixture {
    pub world: World,
    pub upstream: Rc<Upstream>,
    pub gateway: Gateway,
    pub capabilities: Capabilities,
    /// A token of the user `alice`.
    pub token: String,
}

/// What the caller gets.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

/// A request as the upstream got it.
pub struct Sent {
    pub method: Method,
    pub uri: String,
    pub headers: HeaderMap,
    pub body: String,
    pub options: SendOptions,
}

type Reply = dyn Fn() -> Result<Response<Body>, HttpError>;

/// Answers 200 unless told otherwise.
pub struct Upstream {
    sent: RefCell<Vec<Sent>>,
    reply: RefCell<Box<Reply>>,
    by_origin: RefCell<BTreeMap<String, Box<Reply>>>,
}

impl Fixture {
    /// With these tables of the Snapshot; `services` gives the `spec` of each.
    pub fn new(services: Value, tables: Value) -> Self {
        let world = World::empty();
        world.memory.secrets.insert(KEY, &key_text(1));
        world.memory.secrets.insert("POSTERN_SECRET_PROVIDER", PROVIDER_KEY);
        let resource = |kind: &str, name: &str, spec: &Value| json!({"kind": kind, "metadata": {"name": name}, "spec": spec});
        let services = services.as_object().unwrap().iter();
        let mut all = json!({
            "services": services.map(|(name, spec)| (name.clone(), resource("Service", name, spec))).collect::<serde_json::Map<_, _>>(),
            "users": {"alice": resource("User", "alice", &json!({"type": "WORKLOAD"}))},
            "credentials": {"key": resource("Credential", "key", &json!({"type": "ACCESS_TOKEN", "user": "alice"}))},
        });
        for (name, table) in tables.as_object().unwrap() {
            all[name] = table.clone();
        }
        let settings = Settings { region: Some("eu".to_owned()), base_url: None, max_request_size: 1000 };
        let gateway = Gateway::new(snapshot(all), settings);
        let upstream = Rc::new(Upstream {
            sent: RefCell::default(),
            reply: RefCell::new(Box::new(|| Ok(Response::new(Body::Empty)))),
            by_origin: RefCell::default(),
        });
        let token = access_token(&world, "key", None, None);
        Self { world, upstream, gateway, capabilities: Capabilities::none(), token }
    }

    /// One public Service `api` that everybody known may call.
    pub fn with_config(config: Value) -> Self {
        Self::new(json!({"api.default": public(config)}), json!({}))
    }

    pub fn platform(&self) -> Platform {
        Platform { http: self.upstream.clone(), capabilities: self.capabilities, ..self.world.platform() }
    }

    /// A host that can do everything.
    #[must_use]
    pub fn on_a_capable_host(mut self) -> Self {
        for capability in [Capability::WebSocket, Capability::Grpc, Capability::HostOverride] {
            self.capabilities = self.capabilities.with(capability);
        }
        self
    }

    /// Another token of alice's, limited to a scope.
    pub fn scoped_token(&self, scope: &str) -> String {
        access_token(&self.world, "key", None, Some(scope))
    }

    /// A token of another credential, which is in the store and belongs to this user.
    pub fn token_of(&self, credential: &str, user: &str) -> String {
        access_token(&self.world, credential, Some(user), None)
    }

    /// Hands a request over as a host does, and gives back the answer with its body unread.
    pub fn handle(&self, method: &str, url: &str, headers: &[(&str, &str)], body: Body) -> Response<Body> {
        let mut request = Request::builder().method(method).body(body).unwrap();
        *request.uri_mut() = uri(url);
        for (name, value) in headers {
            request.headers_mut().append(HeaderName::try_from(*name).unwrap(), HeaderValue::try_from(*value).unwrap());
        }
        let client = Client { ip: Some([192, 0, 2, 7].into()), version: Version::HTTP_11 };
        self.gateway.handle(&self.platform(), Incoming { request, client }).now_or_never().unwrap()
    }

    /// Sends a request with nothing added.
    pub fn send_raw(&self, method: &str, url: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        read(self.handle(method, url, headers, Body::from(body.to_owned())))
    }

    /// Sends a request with alice's token.
    pub fn send(&self, method: &str, url: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let bearer = format!("Bearer {}", self.token);
        let with_token: Vec<(&str, &str)> = [("authorization", bearer.as_str())].into_iter().chain(headers.iter().copied()).collect();
        self.send_raw(method, url, &with_token, body)
    }

    pub fn get(&self, url: &str) -> Answer {
        self.send("GET", url, &[], "")
    }

    /// The last entry of the access log.
    pub fn log(&self) -> Value {
        let lines = self.world.memory.log.lines();
        serde_json::from_str(lines.last().unwrap()).unwrap()
    }

    pub fn log_entries(&self) -> usize {
        self.world.memory.log.lines().iter().filter(|line| line.contains("\"AccessLog\"")).count()
    }
}

impl Upstream {
    pub fn answers(&self, reply: impl Fn() -> Result<Response<Body>, HttpError> + 'static) {
        *self.reply.borrow_mut() = Box::new(reply);
    }

    /// What one of several servers answers.
    #[cfg(feature = "otlp")]
    pub fn answers_by_origin(&self, origin: &str, reply: impl Fn() -> Result<Response<Body>, HttpError> + 'static) {
        self.by_origin.borrow_mut().insert(origin.to_owned(), Box::new(reply));
    }

    pub fn calls(&self) -> usize {
        self.sent.borrow().len()
    }

    /// The last request.
    pub fn last(&self) -> Sent {
        self.sent.borrow_mut().pop().unwrap()
    }

    /// All requests since it was asked last.
    #[cfg(feature = "otlp")]
    pub fn all(&self) -> Vec<Sent> {
        std::mem::take(&mut self.sent.borrow_mut())
    }
}

impl HttpClient for Upstream {
    fn send(&self, request: Request<Body>, options: SendOptions) -> LocalBoxFuture<'_, Result<Response<Body>, HttpError>> {
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let (bytes, _) = body.buffer(1 << 20).await.map_err(|error| HttpError::RequestBody(error.to_string()))?;
            let body = String::from_utf8(bytes.to_vec()).unwrap();
            let origin = format!("{}://{}", head.uri.scheme_str().unwrap(), head.uri.authority().unwrap());
            let sent = Sent { method: head.method, uri: head.uri.to_string(), headers: head.headers, body, options };
            self.sent.borrow_mut().push(sent);
            if let Some(reply) = self.by_origin.borrow().get(&origin) {
                return reply();
            }
            (self.reply.borrow())()
        })
    }
}

/// An upstream that never answers.
pub struct SilentUpstream;

impl HttpClient for SilentUpstream {
    fn send(&self, _: Request<Body>, _: SendOptions) -> LocalBoxFuture<'_, Result<Response<Body>, HttpError>> {
        Box::pin(std::future::pending())
    }
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The gateway's own name for an error.
    pub fn code(&self) -> String {
        let json: Value = serde_json::from_str(&self.body).unwrap();
        json["error"]["code"].as_str().unwrap().to_owned()
    }
}

impl Sent {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

/// The `spec` of a public Service with this configuration that lets everybody in who is known.
pub fn public(config: Value) -> Value {
    json!({"mode": "HTTP", "isPublic": true, "authorization": {"policies": ["allow-all"]}, "config": config})
}

/// A configuration with an upstream, its credential, and these settings.
pub fn upstream(mut http: Value) -> Value {
    http["auth"] = json!({"bearer": {"fromSecret": "provider"}});
    json!({"upstream": {"url": "https://provider.example"}, "http": http})
}

/// A response of the upstream's.
pub fn response(status: u16, headers: &[(&str, &str)], body: Body) -> Response<Body> {
    let mut response = Response::builder().status(status).body(body).unwrap();
    for (name, value) in headers {
        response.headers_mut().append(HeaderName::try_from(*name).unwrap(), HeaderValue::try_from(*value).unwrap());
    }
    response
}

/// Reads a response to its end, as a client that stays does.
pub fn read(response: Response<Body>) -> Answer {
    let (head, body) = response.into_parts();
    let (bytes, _) = body.buffer(1 << 20).now_or_never().unwrap().unwrap();
    Answer { status: head.status.as_u16(), headers: head.headers, body: String::from_utf8(bytes.to_vec()).unwrap() }
}

/// `*` after a host is how hosts hand over `OPTIONS *`, and the one form that has no text.
fn uri(url: &str) -> Uri {
    match url.strip_suffix("/*") {
        Some(origin) => {
            let mut parts = Uri::try_from(origin).unwrap().into_parts();
            parts.path_and_query = Some(PathAndQuery::from_static("*"));
            Uri::from_parts(parts).unwrap()
        }
        None => Uri::try_from(url).unwrap(),
    }
}

fn access_token(world: &World, name: &str, user: Option<&str>, scope: Option<&str>) -> String {
    let new = NewCredential { name, kind: CredentialType::AccessToken, user, scope, expires_at: None };
    let platform = world.platform();
    let ring = KeyRing::new("localhost", master(1), None);
    let issued = issue(&ring, platform.random.as_ref(), platform.clock.now(), &new).unwrap();
    write_all(platform.store.as_ref(), &issued.writes).now_or_never().unwrap().unwrap();
    let Plaintext::AccessToken(token) = issued.plaintext else { panic!("not an access token") };
    String::from_utf8(token.expose().to_vec()).unwrap()
}
