//! What a processor is told of a request and its response.

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, HeaderValue, Response};
use serde_json::Value;

use crate::auth::holds_gateway_token;
use crate::context::{Context, Request, headers_to_json};
use crate::platform::Body;
use crate::platform::processor::Content;
use crate::plugin::Draft;
use crate::receive::forwardable;

/// The headers of a request that go on, without what proves to the gateway who calls.
pub fn told(headers: &HeaderMap, before_authentication: bool) -> HeaderMap {
    let mut told = headers.clone();
    if before_authentication {
        // What is the gateway's business is still among them.
        told = forwardable(&told);
        told.remove(AUTHORIZATION);
    }
    let ours: Vec<HeaderName> =
        told.iter().filter(|(_, value)| holds_gateway_token(value.as_bytes())).map(|(name, _)| name.clone()).collect();
    for name in ours {
        told.remove(name);
    }
    told
}

/// The request's head as it would go on.
pub fn request_headers(draft: &Draft, told: &HeaderMap, context: &Request<'_>) -> Content {
    let path = match &draft.query {
        Some(query) => format!("{}?{query}", draft.path.as_str()),
        None => draft.path.as_str().to_owned(),
    };
    let mut lines = vec![
        pseudo(":method", draft.method.as_str()),
        pseudo(":path", &path),
        pseudo(":authority", context.host),
        pseudo(":scheme", context.scheme),
    ];
    lines.extend(told.iter().map(|(name, value)| line(name, value)));
    Content::Headers(lines)
}

pub fn response_headers(response: &Response<Body>) -> Content {
    let status = pseudo(":status", response.status().as_str());
    Content::Headers(std::iter::once(status).chain(response.headers().iter().map(|(name, value)| line(name, value))).collect())
}

/// `ctx`, with the headers that are told, and without the body, which has a message of its own.
pub fn context(context: &Context<'_>, told: &HeaderMap) -> Value {
    let mut value = context.to_json();
    let http = value.get_mut("request").and_then(|request| request.get_mut("http")).and_then(Value::as_object_mut);
    if let Some(http) = http {
        http.remove("body");
        http.remove("bodyMap");
        http.insert("headers".to_owned(), headers_to_json(told));
    }
    value
}

fn pseudo(name: &str, value: &str) -> (String, Bytes) {
    (name.to_owned(), Bytes::copy_from_slice(value.as_bytes()))
}

fn line(name: &HeaderName, value: &HeaderValue) -> (String, Bytes) {
    (name.as_str().to_owned(), Bytes::copy_from_slice(value.as_bytes()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{bare, test};

    #[test]
    fn tokens_and_bodies_are_not_told() {
        let lines = [
            ("authorization", "Basic own"),
            ("x-octelium-auth", "anything"),
            ("x-forwarded-for", "192.0.2.1"),
            ("cookie", "octelium_rt=anything; a=b"),
            ("x-key", "Bearer pst_at_0"),
            ("x-kept", "1"),
        ];
        let headers: HeaderMap =
            lines.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect();
        let early = json!({"cookie": "a=b", "x-kept": "1"});
        assert_eq!(headers_to_json(&told(&headers, true)), early);
        // What is left after authentication goes on, plugins' own headers among it.
        let late = json!({
            "authorization": "Basic own", "x-octelium-auth": "anything", "x-forwarded-for": "192.0.2.1",
            "cookie": "octelium_rt=anything; a=b", "x-kept": "1",
        });
        assert_eq!(headers_to_json(&told(&headers, false)), late);

        let body_map = json!({"secret": 1});
        let mut request = bare(&headers);
        (request.body, request.body_map) = (Some("secret"), Some(&body_map));
        let context = context(&Context::new(request), &told(&headers, true));
        assert_eq!(
            context,
            json!({"request": {"http": {
                "method": "GET", "path": "/", "uri": "/", "host": "h", "queryParams": {}, "headers": early,
            }}})
        );
    }
}
