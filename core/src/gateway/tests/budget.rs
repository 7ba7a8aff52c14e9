//! What all bodies may have together.

use std::rc::Rc;

use futures::FutureExt;
use http::{Request, Version};
use serde_json::{Value, json};

use super::fixture::{Fixture, SilentUpstream, read};
use crate::gateway::{Client, Incoming};
use crate::platform::{Body, Platform};
use crate::testing::test;

/// Two of them have room, three have not.
const LARGE: usize = 12 << 20;

fn with(mut http: Value, more: Value) -> Fixture {
    http["body"] = json!({"maxRequestSize": LARGE + 1000});
    let mut config = json!({"upstream": {"url": "https://provider.example"}, "http": http});
    config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Fixture::with_config(config)
}

#[test]
fn a_body_counts_until_the_upstream_has_answered() {
    for (http, more) in [
        (json!({}), json!({"ai": {"provider": "OPENAI", "model": "m"}})),
        (json!({"retry": {}}), json!({})),
        (json!({"plugins": [{"name": "a", "condition": {"matchAny": true}, "jsonSchema": {"inline": "{}"}}]}), json!({})),
    ] {
        let fixture = with(http.clone(), more.clone());
        let platform = Platform { http: Rc::new(SilentUpstream), ..fixture.platform() };
        let ask = || {
            let body = Body::from(format!(r#"{{"model":"m","user":"{}"}}"#, "a".repeat(LARGE)));
            let request = Request::post("http://api.localhost/").header("x-postern-auth", &fixture.token).body(body).unwrap();
            Box::pin(fixture.gateway.handle(&platform, Incoming { request, client: Client { ip: None, version: Version::HTTP_2 } }))
        };
        let (mut first, mut second) = (ask(), ask());
        assert!(first.as_mut().now_or_never().is_none() && second.as_mut().now_or_never().is_none(), "{http} {more}");
        assert_eq!(read(ask().now_or_never().unwrap()).status, 503, "{http} {more}");
        drop(first);
        assert!(ask().now_or_never().is_none(), "what is given back can be held again: {http} {more}");
    }
}
