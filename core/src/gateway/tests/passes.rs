//! A Service whose upstream is the gateway itself.

use std::rc::Rc;

use futures::FutureExt;
use http::{Request, Response, Version};
use serde_json::json;

use super::fixture::{Fixture, read};
use crate::gateway::{Client, Gateway, Incoming};
use crate::platform::{Body, HttpClient, HttpError, LocalBoxFuture, Platform, SendOptions};
use crate::testing::test;

/// Leads back.
struct Mirror {
    gateway: Gateway,
    platform: Platform,
}

impl HttpClient for Mirror {
    fn send(&self, request: Request<Body>, _: SendOptions) -> LocalBoxFuture<'_, Result<Response<Body>, HttpError>> {
        Box::pin(async move {
            let platform = Platform {
                http: Rc::new(Mirror { gateway: self.gateway.clone(), platform: self.platform.clone() }),
                ..self.platform.clone()
            };
            let client = Client { ip: None, version: Version::HTTP_11 };
            Ok(self.gateway.handle(&platform, Incoming { request, client }).await)
        })
    }
}

#[test]
fn a_loop_ends() {
    let spec =
        json!({ "mode": "HTTP", "isPublic": true, "isAnonymous": true, "config": { "upstream": { "url": "http://api.localhost" } } });
    let fixture = Fixture::new(json!({ "api.default": spec }), json!({}));
    let mirror = Mirror { gateway: fixture.gateway.clone(), platform: fixture.platform() };
    let request = Request::get("http://api.localhost/x").body(Body::Empty).unwrap();
    let answer = read(mirror.send(request, SendOptions::default()).now_or_never().unwrap().unwrap());
    assert_eq!((answer.status, answer.code().as_str()), (508, "loop_detected"));
    assert_eq!(fixture.log_entries(), 9);
}
