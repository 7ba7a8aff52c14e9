use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::{Value, json};

use super::{Cors, vary_by_origin};
use crate::error::{ErrorKind, GatewayError};
use crate::platform::{Body, Capabilities};
use crate::problem::{Problems, Severity};
use crate::receive::{Client, Incoming, Received, receive};
use crate::testing::{Sevens, test};

fn compile(source: &Value) -> (Cors, Problems) {
    let mut problems = Problems::new();
    let cors = Cors::compile(&serde_json::from_value(source.clone()).unwrap(), &mut problems);
    (cors, problems)
}

fn received(method: Method, url: &str, headers: &[(&str, &str)]) -> Received {
    let mut request = http::Request::builder().method(method).uri(url).body(Body::Empty).unwrap();
    for (name, value) in headers {
        request.headers_mut().append(HeaderName::try_from(*name).unwrap(), HeaderValue::try_from(*value).unwrap());
    }
    let client = Client { ip: None, version: http::Version::HTTP_11 };
    receive(Incoming { request, client }, &Sevens, Capabilities::none()).unwrap()
}

/// What a page may read, by the headers of its request.
fn allowed(source: &Value, url: &str, origins: &[&str]) -> Option<String> {
    let headers: Vec<(&str, &str)> = origins.iter().map(|origin| ("origin", *origin)).collect();
    let (cors, problems) = compile(source);
    assert!(!problems.has_errors(), "{problems:?}");
    let page = cors.page(&received(Method::POST, url, &headers), "example.com");
    let answer = page.tell(Err(GatewayError::new(ErrorKind::Unauthenticated, ""))).unwrap_err();
    assert!(answer.headers.iter().any(|(name, value)| name == "vary" && value == "Origin"), "{origins:?}");
    let header = answer.headers.iter().find(|(name, _)| name == "access-control-allow-origin");
    header.map(|(_, value)| value.to_str().unwrap().to_owned())
}

#[test]
fn origins_are_compared_whole() {
    let listed =
        json!({ "allowOriginStringMatch": ["https://example.org", "http://localhost:3000", "HTTPS://Upper.Example:443/", "null"] });
    let any = json!({ "allowOriginStringMatch": ["*"] });
    let cluster = json!({ "allowClusterServices": true });
    let api = "https://api.example.com/x";
    let table: &[(&Value, &str, &[&str], bool)] = &[
        (&listed, api, &["https://example.org"], true),
        (&listed, api, &["http://localhost:3000"], true),
        (&listed, api, &["https://upper.example"], true),
        (&listed, api, &["null"], true),
        (&listed, api, &["https://api.example.com"], true), // Its own.
        (&listed, api, &["http://example.org"], false),
        (&listed, api, &["https://example.org:8443"], false),
        (&listed, api, &["https://evil-example.org"], false),
        (&listed, api, &["https://example.org.evil.com"], false),
        (&listed, api, &["https://a.example.org"], false),
        (&listed, api, &["https://example.org/"], false),
        (&listed, api, &["https://example.org, https://evil.com"], false),
        (&listed, api, &["https://example.org", "https://evil.com"], false),
        (&listed, api, &["https://example.org", "https://example.org"], false),
        (&listed, api, &[""], false),
        (&listed, api, &[], false),
        (&any, api, &["https://anything.example:9"], true),
        (&any, api, &["chrome-extension://abcdef"], true),
        (&any, api, &["http://[::1]:3000"], true),
        (&any, api, &["null"], false),
        (&any, api, &["https://a b"], false),
        (&any, api, &["https://user@a"], false),
        (&any, api, &["https://a:0"], false),
        (&any, api, &["not an origin"], false),
        (&cluster, api, &["https://app.example.com"], true),
        (&cluster, api, &["https://a.b.example.com:8443"], true),
        (&cluster, api, &["https://example.com"], true),
        (&cluster, api, &["https://evil-example.com"], false),
        (&cluster, api, &["https://example.com.evil.org"], false),
        (&cluster, api, &["https://example.com@evil.org"], false),
        (&cluster, api, &["http://app.example.com"], false),
        (&cluster, "http://api.example.com", &["http://app.example.com"], true),
        (&cluster, api, &["ftp://app.example.com"], false),
        (&cluster, api, &["null"], false),
    ];
    for (source, url, origins, expected) in table {
        let origin = origins.first().filter(|_| *expected).map(|origin| (*origin).to_owned());
        assert_eq!(allowed(source, url, origins), origin, "{source} {origins:?}");
    }
}

#[test]
fn a_preflight_request_is_answered() {
    let settings = json!({ "allowOriginStringMatch": ["https://app.example"], "allowCredentials": true, "maxAge": "600", "exposeHeaders": "X-Request-Id" });
    let ask = |method: Method, extra: &[(&str, &str)]| {
        let (cors, _) = compile(&settings);
        let received = received(method, "https://api.example.com", extra);
        cors.page(&received, "example.com").preflight(&received).map(|answer| answer.map(|response| response.headers().clone()))
    };
    let origin = ("origin", "https://app.example");
    let wanted = [origin, ("access-control-request-method", "POST"), ("access-control-request-headers", "authorization, x-a")];
    let headers = ask(Method::OPTIONS, &wanted).unwrap().unwrap();
    let mut lines: Vec<String> = headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
    lines.sort();
    assert_eq!(
        lines,
        [
            "access-control-allow-credentials: true",
            "access-control-allow-headers: authorization, x-a",
            "access-control-allow-methods: POST",
            "access-control-allow-origin: https://app.example",
            "access-control-max-age: 600",
            "vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
        ]
    );
    for (method, extra, is_preflight) in [
        (Method::OPTIONS, &[("origin", "https://evil.example"), ("access-control-request-method", "POST")][..], true),
        (Method::OPTIONS, &[origin, ("access-control-request-method", "P ST")], true),
        (Method::OPTIONS, &[origin, origin, ("access-control-request-method", "POST")], true),
        (Method::OPTIONS, &[("access-control-request-method", "POST")], false),
        (Method::OPTIONS, &[origin], false),
        (Method::POST, &[origin, ("access-control-request-method", "POST")], false),
    ] {
        let answer = ask(method, extra);
        assert_eq!(answer.is_some(), is_preflight, "{extra:?}");
        assert!(answer.is_none_or(|answer| answer.is_err_and(|error| error.kind == ErrorKind::Forbidden)), "{extra:?}");
    }
}

#[test]
fn what_is_configured_replaces_what_the_upstream_says() {
    let (cors, _) = compile(&json!({ "allowOriginStringMatch": ["https://app.example"], "exposeHeaders": "x-a, x-b" }));
    let tell = |origin: &str| {
        let mut response = http::Response::new(Body::Empty);
        for (name, value) in
            [("access-control-allow-origin", "*"), ("access-control-allow-credentials", "true"), ("vary", "Accept"), ("x-a", "1")]
        {
            response.headers_mut().append(name, HeaderValue::from_static(value));
        }
        let page = cors.page(&received(Method::GET, "https://api.example.com", &[("origin", origin)]), "example.com");
        page.tell(Ok(response)).unwrap().headers().clone()
    };
    let expected = HeaderMap::from_iter([
        (HeaderName::from_static("vary"), HeaderValue::from_static("Accept, Origin")),
        (HeaderName::from_static("x-a"), HeaderValue::from_static("1")),
    ]);
    assert_eq!(tell("https://evil.example"), expected);
    let mut expected = expected;
    expected.insert("access-control-allow-origin", HeaderValue::from_static("https://app.example"));
    expected.insert("access-control-expose-headers", HeaderValue::from_static("x-a, x-b"));
    assert_eq!(tell("https://app.example"), expected);
}

#[test]
fn vary_is_merged() {
    for (lines, merged) in [
        (&[][..], "Origin"),
        (&["Accept-Encoding"], "Accept-Encoding, Origin"),
        (&["Accept", "Cookie"], "Accept, Cookie, Origin"),
        (&["accept, ORIGIN"], "accept, ORIGIN"),
        (&["*"], "*"),
    ] {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("vary", HeaderValue::from_static(line));
        }
        vary_by_origin(&mut headers);
        let all: Vec<_> = headers.get_all("vary").iter().map(|value| value.to_str().unwrap()).collect();
        assert_eq!(all.join(", "), merged, "{lines:?}");
    }
}

#[test]
fn mistakes_are_told_at_their_place() {
    let many: Vec<String> = (0..65).map(|n| format!("https://a{n}.example")).collect();
    for (source, severity, path) in [
        (json!({ "allowOriginStringMatch": ["https://a.example"] }), None, ""),
        (json!({ "allowOriginStringMatch": ["*"], "allowCredentials": true }), Some(Severity::Error), "allowOriginStringMatch[0]"),
        (json!({ "allowOriginStringMatch": ["null"], "allowCredentials": true }), Some(Severity::Warning), "allowOriginStringMatch[0]"),
        (json!({ "allowOriginStringMatch": ["https://*.example"] }), Some(Severity::Error), "allowOriginStringMatch[0]"),
        (json!({ "allowOriginStringMatch": ["https://a.example/x"] }), Some(Severity::Error), "allowOriginStringMatch[0]"),
        (json!({ "allowOriginStringMatch": ["a.example"] }), Some(Severity::Error), "allowOriginStringMatch[0]"),
        (json!({ "allowOriginStringMatch": ["https://u:p@a.example"] }), Some(Severity::Error), "allowOriginStringMatch[0]"),
        (json!({ "allowOriginStringMatch": many }), Some(Severity::Error), "allowOriginStringMatch"),
        (json!({}), Some(Severity::Warning), ""),
        (json!({ "allowClusterServices": true, "maxAge": "10m" }), Some(Severity::Error), "maxAge"),
        (json!({ "allowClusterServices": true, "allowMethods": "GET POST" }), Some(Severity::Error), "allowMethods"),
        (json!({ "allowClusterServices": true, "allowHeaders": "*" }), Some(Severity::Warning), "allowHeaders"),
        (json!({ "allowClusterServices": true, "allowCredentials": true, "exposeHeaders": "*" }), Some(Severity::Warning), "exposeHeaders"),
    ] {
        let found: Vec<_> = compile(&source).1.into_vec().into_iter().map(|problem| (problem.severity, problem.path)).collect();
        assert_eq!(found, severity.map(|severity| (severity, path.to_owned())).into_iter().collect::<Vec<_>>(), "{source}");
    }
}
