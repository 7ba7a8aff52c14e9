use std::cell::RefCell;
use std::rc::Rc;

use futures::FutureExt;
use http::StatusCode;
use http::header::{AUTHORIZATION, LOCATION};

use super::super::Origins;
use super::*;
use crate::platform::memory::Memory;
use crate::platform::{Capabilities, HttpClient, LocalBoxFuture, Timestamp};
use crate::testing::{Sevens, test};

/// Redirects as its table says, and else answers 200; keeps what it was sent.
struct Web {
    redirects: Vec<(&'static str, u16, &'static str)>,
    sent: RefCell<Vec<String>>,
}

impl HttpClient for Web {
    fn send(&self, request: Request<Body>, options: SendOptions) -> LocalBoxFuture<'_, Result<Response<Body>, HttpError>> {
        assert!(options.timeout.is_some());
        let (head, body) = request.into_parts();
        let url = head.uri.to_string();
        let names: Vec<&str> = head.headers.keys().map(http::HeaderName::as_str).filter(|name| !name.starts_with("accept-enc")).collect();
        let length = body.known_length().unwrap_or_default();
        self.sent.borrow_mut().push(format!("{} {url} {length} {}", head.method, names.join(",")));
        let mut response = Response::new(Body::from("0123456789".to_owned()));
        if let Some((_, status, to)) = self.redirects.iter().find(|(from, ..)| *from == url) {
            *response.status_mut() = StatusCode::from_u16(*status).unwrap();
            response.headers_mut().insert(LOCATION, HeaderValue::from_static(to));
        }
        Box::pin(async move { options.read(response).await })
    }
}

struct World {
    web: Rc<Web>,
    platform: Platform,
    origins: Origins,
}

impl World {
    fn new(redirects: &[(&'static str, u16, &'static str)]) -> Self {
        let web = Rc::new(Web { redirects: redirects.to_vec(), sent: RefCell::default() });
        let platform = Memory::new(Timestamp(0)).platform(web.clone(), Rc::new(Sevens), Capabilities::none());
        Self { web, platform, origins: Origins::from_literals(["http://a.example", "http://127.0.0.1:9000", "https://b.example"]) }
    }

    fn send(&self, callouts: &Callouts<'_>, request: Request<&'static str>, limits: Limits) -> Result<u16, CalloutError> {
        let request = request.map(|body| Bytes::from_static(body.as_bytes()));
        let response = callouts.send(&self.platform, request, limits).now_or_never().unwrap();
        response.map(|response| response.status().as_u16())
    }

    fn ask(&self, url: &str) -> Result<u16, CalloutError> {
        let request = Request::post(url).header(AUTHORIZATION, "Basic key").header("x-key", "k").header(CONTENT_TYPE, "text/plain");
        self.send(&Callouts::new().with(&self.origins), request.body("body").unwrap(), Limits::default())
    }
}

fn unnamed(url: &str) -> CalloutError {
    CalloutError::Refused(super::super::Refused::Unnamed(Origin::of(&url.parse().unwrap()).unwrap()))
}

#[test]
fn only_what_the_configuration_names() {
    let world = World::new(&[]);
    for url in ["http://a.example/x", "http://A.example:80", "http://127.0.0.1:9000/x", "https://b.example:443/"] {
        assert_eq!(world.ask(url), Ok(200), "{url}");
    }
    for url in [
        "https://a.example",
        "http://a.example:81",
        "http://127.0.0.1",
        "http://a.example.",
        "http://169.254.169.254",
        "http://localhost:9000",
    ] {
        assert_eq!(world.ask(url), Err(unnamed(url)), "{url}");
    }
    for url in [
        "http://2130706433:9000",
        "http://0x7f000001:9000",
        "http://0177.0.0.1:9000",
        "http://127.1:9000",
        "http://[::ffff:127.0.0.1]:9000",
        "http://[64:ff9b::7f00:1]:9000",
        "http://[2002:7f00:1::]:9000",
        "http://a.example@127.0.0.1:9000",
        "ftp://a.example",
        "/x",
        "http://a.example/?key=pst_at_0",
    ] {
        assert!(matches!(world.ask(url), Err(CalloutError::Refused(_))), "{url}");
    }
    assert_eq!(world.web.sent.borrow().len(), 4, "nothing else was sent");
}

#[test]
fn redirects_are_checked_like_requests() {
    let world = World::new(&[
        ("http://a.example/same", 302, "/done"),
        ("http://a.example/keep", 307, "https://b.example/done"),
        ("http://a.example/out", 302, "https://evil.example/"),
        ("http://a.example/metadata", 301, "http://169.254.169.254/latest/meta-data/"),
        ("http://a.example/disguised", 308, "http://2130706433:9000/"),
        ("http://a.example/loop", 308, "/loop"),
        ("http://a.example/bad", 302, "http://"),
    ]);
    assert_eq!(world.ask("http://a.example/same"), Ok(200));
    assert_eq!(world.ask("http://a.example/keep"), Ok(200));
    assert_eq!(
        *world.web.sent.borrow(),
        [
            "POST http://a.example/same 4 authorization,x-key,content-type,user-agent",
            "GET http://a.example/done 0 authorization,x-key,user-agent",
            "POST http://a.example/keep 4 authorization,x-key,content-type,user-agent",
            "POST https://b.example/done 4 content-type,user-agent",
        ]
    );
    assert_eq!(world.ask("http://a.example/out"), Err(unnamed("https://evil.example/")));
    assert_eq!(world.ask("http://a.example/metadata"), Err(unnamed("http://169.254.169.254")));
    assert!(matches!(world.ask("http://a.example/disguised"), Err(CalloutError::Refused(_))));
    assert_eq!(world.ask("http://a.example/bad"), Err(CalloutError::BadRedirect));
    world.web.sent.borrow_mut().clear();
    assert_eq!(world.ask("http://a.example/loop"), Err(CalloutError::TooManyRedirects));
    assert_eq!(world.web.sent.borrow().len(), 6);
}

#[test]
fn a_request_has_so_many_calls() {
    let world = World::new(&[]);
    let callouts = Callouts::new();
    let (one, other) = (callouts.with(&world.origins), callouts.with(&world.origins));
    let get = || Request::get("http://a.example").body("").unwrap();
    let first: Vec<_> = (0..15).map(|_| world.send(&one, get(), Limits::default())).collect();
    assert!(first.iter().all(Result::is_ok));
    assert_eq!(world.send(&other, get(), Limits::default()), Ok(200));
    assert_eq!(world.send(&one, get(), Limits::default()), Err(CalloutError::TooMany));
    assert_eq!(world.send(&other, get(), Limits::default()), Err(CalloutError::TooMany), "the count is common");
}

#[test]
fn responses_and_headers_have_bounds() {
    let world = World::new(&[]);
    let callouts = Callouts::new().with(&world.origins);
    let request =
        || Request::get("http://a.example").header("x-token", "Bearer pst_at_0").header("connection", "x-gone").header("x-gone", "1");
    let small = Limits { body: 9, ..Limits::default() };
    assert_eq!(world.send(&callouts, request().body("").unwrap(), small), Err(CalloutError::Http(HttpError::TooLarge { limit: 9 })));
    assert_eq!(*world.web.sent.borrow(), ["GET http://a.example/ 0 user-agent"]);
}
