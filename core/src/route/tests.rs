use std::collections::BTreeMap;

use http::{HeaderName, HeaderValue, Request, Version};
use serde_json::{Value, json};

use super::{Asked, Prefix, RouteIndex, Routes, index};
use crate::platform::{Body, Capabilities};
use crate::problem::Problems;
use crate::receive::{Client, Incoming, Received, receive};
use crate::resource::service::Route;
use crate::testing::{Sevens, test};

fn received(method: &str, url: &str, headers: &[(&str, &str)]) -> Received {
    let mut request = Request::builder().method(method).uri(url).body(Body::Empty).unwrap();
    for (name, value) in headers {
        request.headers_mut().append(HeaderName::try_from(*name).unwrap(), HeaderValue::try_from(*value).unwrap());
    }
    let client = Client { ip: None, version: Version::HTTP_11 };
    receive(Incoming { request, client }, &Sevens, Capabilities::none()).unwrap()
}

/// The Service and the name of the route that each request takes; each Service has a list of routes.
fn check(services: &Value, table: &[(&str, &str, &[(&str, &str)], &str)]) {
    let services: BTreeMap<String, Vec<Route>> = serde_json::from_value(services.clone()).unwrap();
    let configs = BTreeMap::from([("default", 0), ("other", 1)]);
    let mut problems = Problems::new();
    let compiled: BTreeMap<&str, Routes> =
        services.iter().map(|(name, routes)| (name.as_str(), Routes::compile(name, routes, &configs, &mut problems))).collect();
    assert!(problems.is_empty(), "{problems:?}");
    let table_of_snapshot = index(services.iter().map(|(name, routes)| (name.as_str(), routes.as_slice()))).unwrap();
    let routes = RouteIndex::default();
    for (method, url, headers, expected) in table {
        let received = received(method, url, headers);
        let found = match routes.find(&table_of_snapshot, &Asked::new(&received, &received.path)) {
            Ok(Some(found)) => {
                let route = compiled[found.service.as_str()].get(found.index, found.prefix.clone()).unwrap();
                let config = route.config.map(|index| format!(" {index}")).unwrap_or_default();
                format!("{} {}{config}", found.service, route.label)
            }
            Ok(None) => "none".to_owned(),
            Err(refused) => format!("{refused:?}"),
        };
        assert_eq!(found, *expected, "{method} {url} {headers:?}");
        // With one Service the order is the same on its own host.
        if let [(name, routes)] = compiled.iter().collect::<Vec<_>>().as_slice() {
            let own = match routes.find(&Asked::new(&received, &received.path)) {
                Ok(Some(matched)) => {
                    format!("{name} {}{}", matched.label, matched.config.map(|index| format!(" {index}")).unwrap_or_default())
                }
                Ok(None) => "none".to_owned(),
                Err(refused) => format!("{refused:?}"),
            };
            assert_eq!(own, *expected, "{method} {url} {headers:?}");
        }
    }
}

#[test]
fn hosts() {
    let services = json!({"a": [
        {"name": "any"},
        {"name": "exact", "hosts": ["API.example.com"], "order": 9},
        {"name": "wild", "hosts": ["*.example.com"]},
        {"name": "long", "hosts": ["*.b.example.com", "[::1]"], "order": 9, "configName": "other"},
    ]});
    check(
        &services,
        &[
            ("GET", "http://api.example.com/", &[], "a exact"),
            ("GET", "http://API.Example.com.:8443/", &[], "a exact"),
            ("GET", "http://x.example.com/", &[], "a wild"),
            ("GET", "http://x.b.example.com/", &[], "a long 1"),
            ("GET", "http://x.y.b.example.com/", &[], "a long 1"),
            ("GET", "http://b.example.com/", &[], "a wild"),
            ("GET", "http://example.com/", &[], "a any"),
            ("GET", "http://evilexample.com/", &[], "a any"),
            ("GET", "http://api.example.com.evil.com/", &[], "a any"),
            ("GET", "http://[::1]:8080/", &[], "a long 1"),
        ],
    );
}

#[test]
fn paths() {
    let path = |name: &str, path: Value| json!({"name": name, "matches": [{"path": path}]});
    let services = json!({"a": [
        path("root", json!({"prefix": "/root/"})),
        path("openai", json!({"prefix": "/openai"})),
        path("v1", json!({"prefix": "/openai/v1/"})),
        path("exact", json!({"exact": "/openai/v1/models"})),
        path("regex", json!({"regex": "/openai/v[0-9]+/.*"})),
        path("case", json!({"prefix": "/Case", "ignoreCase": true})),
        path("slash", json!({"exact": "/models/a%2Fb"})),
        path("umlaut", json!({"exact": "/\u{fc}"})),
    ]});
    check(
        &services,
        &[
            ("GET", "http://x/openai", &[], "a openai"),
            ("GET", "http://x/openai/", &[], "a openai"),
            ("GET", "http://x/openai?a=/v1", &[], "a openai"),
            ("GET", "http://x/openai/v1", &[], "a v1"),
            ("GET", "http://x/openai/v1/models", &[], "a exact"),
            ("GET", "http://x/openai/v1/models/", &[], "a regex"),
            ("GET", "http://x/openaix", &[], "none"),
            ("GET", "http://x/OpenAI", &[], "none"),
            ("GET", "http://x/cASE/y", &[], "a case"),
            ("GET", "http://x/a/../openai", &[], "a openai"),
            ("GET", "http://x/%6Fpenai", &[], "a openai"),
            ("GET", "http://x/models/a%2fb", &[], "a slash"),
            ("GET", "http://x/models/a/b", &[], "none"),
            ("GET", "http://x/%C3%BC", &[], "a umlaut"),
            ("GET", "http://x/root", &[], "a root"),
            ("GET", "http://x//openai", &[], "Ambiguous"),
            ("GET", "http://x/openai%2fx", &[], "Ambiguous"),
            ("GET", "http://x/openai;a=1/v", &[], "Ambiguous"),
            ("GET", "http://x/%256Fpenai", &[], "Ambiguous"),
            ("GET", "http://x/other%2fx", &[], "none"),
        ],
    );
}

/// What another reading leads to counts only where it comes first.
#[test]
fn readings() {
    let services = json!({"a": [
        {"name": "all"},
        {"name": "admin", "matches": [{"path": {"prefix": "/admin"}}]},
        {"name": "models", "matches": [{"path": {"prefix": "/models"}}]},
        {"name": "late", "order": 1, "matches": [{"path": {"prefix": "/late"}}]},
    ]});
    check(
        &services,
        &[
            ("GET", "http://x//admin/x", &[], "Ambiguous"),
            ("GET", "http://x/admin%2f", &[], "Ambiguous"),
            ("GET", "http://x/models/a%2Fb", &[], "a models"),
            ("GET", "http://x/models//b;c", &[], "a models"),
            ("GET", "http://x//late", &[], "a all"),
            ("GET", "http://x/x//y", &[], "a all"),
        ],
    );
}

#[test]
fn methods_headers_and_query() {
    let services = json!({"a": [
        {"name": "get", "matches": [{"methods": ["GET", "PUT"]}]},
        {"name": "value", "matches": [{"headers": [{"name": "X-A", "value": "b, c"}]}]},
        {"name": "present", "matches": [{"methods": ["POST"], "headers": [{"name": "x-b"}]}]},
        {"name": "regex", "matches": [{"methods": ["POST"], "headers": [{"name": "x-c", "regex": "[0-9]+"}]}]},
        {"name": "not", "matches": [{"methods": ["PATCH"], "headers": [{"name": "x-d", "value": "1", "invert": true}]}]},
        {"name": "query", "matches": [{"methods": ["DELETE"], "query": [{"name": "q", "value": "a b"}, {"name": "r", "invert": true}]}]},
        {"name": "either", "matches": [{"methods": ["DELETE"], "query": [{"name": "s", "regex": "a|b"}]}, {"methods": ["HEAD"]}]},
    ]});
    check(
        &services,
        &[
            ("GET", "http://x/", &[], "a get"),
            ("POST", "http://x/", &[], "none"),
            ("HEAD", "http://x/", &[], "a either"),
            ("POST", "http://x/", &[("x-a", "b"), ("x-a", "c")], "a value"),
            ("POST", "http://x/", &[("x-a", "b")], "none"),
            ("POST", "http://x/", &[("x-b", "")], "a present"),
            ("POST", "http://x/", &[("x-c", "12")], "a regex"),
            ("POST", "http://x/", &[("x-c", "a12")], "none"),
            ("PATCH", "http://x/", &[], "a not"),
            ("PATCH", "http://x/", &[("x-d", "2")], "a not"),
            ("PATCH", "http://x/", &[("x-d", "1")], "none"),
            ("DELETE", "http://x/?q=a+b", &[], "a query"),
            ("DELETE", "http://x/?%71=a%20b&q=c", &[], "a query"),
            ("DELETE", "http://x/?q=c&q=a+b", &[], "none"),
            ("DELETE", "http://x/?q=a+b&r", &[], "none"),
            ("DELETE", "http://x/?s=b", &[], "a either"),
            ("DELETE", "http://x/?s=ab", &[], "none"),
        ],
    );
}

/// Each route but the last comes before the one after it.
#[test]
fn precedence() {
    let services = json!({
        "b": [
            {"name": "plain", "matches": [{"path": {"prefix": "/a"}}]},
            {"name": "second", "matches": [{"path": {"prefix": "/a"}}]},
        ],
        "a": [
            {"name": "every"},
            {"name": "root", "matches": [{"path": {"prefix": "/"}, "query": [{"name": "root"}]}]},
            {"name": "query", "matches": [{"path": {"prefix": "/a"}, "query": [{"name": "q"}]}]},
            {"name": "header", "matches": [{"path": {"prefix": "/a"}, "headers": [{"name": "x"}]}]},
            {"name": "method", "matches": [{"path": {"prefix": "/a"}, "methods": ["PUT"]}]},
            {"name": "longer", "matches": [{"path": {"prefix": "/a/b"}}]},
            {"name": "regex", "matches": [{"path": {"regex": "/a/b/c"}}]},
            {"name": "exact", "matches": [{"path": {"exact": "/a/b/c"}}]},
            {"name": "order", "order": -1, "matches": [{"path": {"prefix": "/a"}, "query": [{"name": "first"}]}]},
        ],
    });
    check(
        &services,
        &[
            ("PUT", "http://x/a/b/c?first&q", &[("x", "1")], "a order"),
            ("PUT", "http://x/a/b/c?q", &[("x", "1")], "a exact"),
            ("PUT", "http://x/a/b/c/d?q", &[("x", "1")], "a longer"),
            ("PUT", "http://x/a?q", &[("x", "1")], "a method"),
            ("GET", "http://x/a?q", &[("x", "1")], "a header"),
            ("GET", "http://x/a?q", &[], "a query"),
            ("GET", "http://x/a", &[], "b plain"),
            ("GET", "http://x/b?root", &[], "a root"),
            ("GET", "http://x/b", &[], "a every"),
        ],
    );
    let regex = json!({"a": [
        {"name": "prefix", "matches": [{"path": {"prefix": "/a/b/c"}}]},
        {"name": "regex", "matches": [{"path": {"regex": "/.*"}}]},
    ]});
    check(&regex, &[("GET", "http://x/a/b/c", &[], "a regex")]);
}

#[test]
fn a_preflight_counts_as_what_it_asks_for() {
    let services = json!({"a": [
        {"name": "post", "matches": [{"methods": ["POST"], "path": {"prefix": "/a"}}]},
        {"name": "header", "matches": [{"path": {"prefix": "/b"}, "headers": [{"name": "x-a", "value": "1"}]}]},
        {"name": "options", "matches": [{"methods": ["OPTIONS"], "path": {"prefix": "/a"}}]},
    ]});
    let asks = [("origin", "https://a.example"), ("access-control-request-method", "POST")];
    let announces = [asks[0], asks[1], ("access-control-request-headers", "content-type, X-A")];
    check(
        &services,
        &[
            ("OPTIONS", "http://x/a", &asks, "a post"),
            ("OPTIONS", "http://x/a", &asks[..1], "a options"),
            ("OPTIONS", "http://x/a", &asks[1..], "a options"),
            ("POST", "http://x/a", &asks, "a post"),
            ("OPTIONS", "http://x/b", &announces, "a header"),
            ("OPTIONS", "http://x/b", &asks, "none"),
            ("GET", "http://x/b", &announces, "none"),
        ],
    );
}

/// A request reads the lists of its own host and first segment.
#[test]
fn an_instance_reads_what_it_needs() {
    let route = |host: &str, path: &str| serde_json::from_value(json!({"hosts": [host], "matches": [{"path": {"prefix": path}}]})).unwrap();
    let services: Vec<(String, Vec<Route>)> =
        (0..50).map(|n| (format!("s{n}"), vec![route("*", &format!("/p{n}/x")), route(&format!("h{n}.example"), "/")])).collect();
    let mut table = index(services.iter().map(|(name, routes)| (name.as_str(), routes.as_slice()))).unwrap();
    assert_eq!(table.len(), 100);
    // Whatever else there is, it is not looked at.
    for (key, text) in &mut table {
        if key != "*/p7" {
            *text = serde_json::value::to_raw_value("nothing").unwrap();
        }
    }
    let found = |url: &str| {
        let received = received("GET", url, &[]);
        let found = RouteIndex::default().find(&table, &Asked::new(&received, &received.path));
        found.map(|found| found.map(|found| (found.service, found.prefix)))
    };
    assert_eq!(found("http://x/p7/x/y"), Ok(Some(("s7".to_owned(), Some(Prefix::new("/p7/x", false))))));
    assert_eq!(found("http://x/p7"), Ok(None));
    assert_eq!(found("http://x/p8/x"), Err(super::Refused::Unreadable));
}

#[test]
fn mistakes_are_told_at_their_place() {
    let problems = |route: Value| {
        let route: Route = serde_json::from_value(route).unwrap();
        let mut problems = Problems::new();
        Routes::compile("a.default", &[route], &BTreeMap::from([("default", 0)]), &mut problems);
        problems.into_vec().into_iter().map(|problem| problem.path).collect::<Vec<_>>()
    };
    let at_match = |matched: Value| problems(json!({"matches": [matched]}));
    for (route, path) in [
        (json!({"hosts": ["a:80"]}), "routes[0].hosts[0]"),
        (json!({"hosts": vec!["a"; 101]}), "routes[0].hosts"),
        (json!({"matches": vec![json!({}); 101]}), "routes[0].matches"),
        (json!({"configName": "other"}), "routes[0].configName"),
        (json!({"name": ""}), "routes[0].name"),
    ] {
        assert_eq!(problems(route.clone()), [path], "{route}");
    }
    for (matched, path) in [
        (json!({"path": {}}), "path"),
        (json!({"path": {"prefix": "/a", "exact": "/a"}}), "path"),
        (json!({"path": {"prefix": "a"}}), "path.prefix"),
        (json!({"path": {"prefix": "/a//b"}}), "path.prefix"),
        (json!({"path": {"prefix": "/a/../b"}}), "path.prefix"),
        (json!({"path": {"exact": "/a?b"}}), "path.exact"),
        (json!({"path": {"exact": "/%zz"}}), "path.exact"),
        (json!({"path": {"regex": "/(a"}}), "path.regex"),
        (json!({"path": {"regex": format!("/{}", "a".repeat(512))}}), "path.regex"),
        (json!({"methods": ["get"]}), "methods[0]"),
        (json!({"methods": ["A B"]}), "methods[0]"),
        (json!({"headers": [{"name": "host"}]}), "headers[0].name"),
        (json!({"headers": [{"name": "x", "value": "a", "regex": "b"}]}), "headers[0]"),
        (json!({"query": [{"name": ""}]}), "query[0].name"),
        (json!({"query": [{"name": "a", "regex": "["}]}), "query[0].regex"),
    ] {
        assert_eq!(at_match(matched.clone()), [format!("routes[0].matches[0].{path}")], "{matched}");
    }
}
