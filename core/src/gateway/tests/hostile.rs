//! Requests of no sense at all.

use serde_json::{Value, json};

use super::fixture::{Fixture, PROVIDER_KEY, public, response, upstream};
use crate::platform::Body;
use crate::testing::test;

/// Numbers below a bound, the same in every run: xorshift64 is enough for variety.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).unwrap()
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    fn join(&mut self, from: &[&'static str], at_most: usize) -> String {
        (0..self.below(at_most + 1)).map(|_| self.pick(from)).collect()
    }
}

const HOSTS: [&str; 9] =
    ["api.localhost", "localhost", "body.localhost", "127.0.0.1:1", "[::1]", "API.localhost.", "x.y.z.localhost", "localhost.", "a"];
const PATH: [&str; 17] =
    ["/", "/-/", "api", "..", ".", "%2e", "%2F", "%25", "%5c", ";", "%zz", "%00", "*", "%c3%a4", "oauth2/token", "healthz", "a"];
const QUERY: [&str; 6] = ["?", "a=1", "&", "%", ";", "client_secret=x"];
const NAMES: [&str; 14] = [
    "authorization",
    "x-postern-auth",
    "cookie",
    "connection",
    "upgrade",
    "te",
    "content-type",
    "content-encoding",
    "content-length",
    "x-request-id",
    "x_postern_auth",
    "transfer-encoding",
    "x-api-key",
    "user-agent",
];
const VALUES: [&str; 15] = [
    "",
    " ",
    "Bearer",
    "Bearer TOKEN",
    "TOKEN",
    "Basic eDp5",
    "upgrade",
    "websocket",
    "trailers",
    "application/json",
    "gzip",
    "chunked",
    "7",
    "octelium_auth=x; a",
    "authorization, x-postern-auth",
];
const BODY: [&str; 12] = ["{", "}", "[", "]", "\"model\":", "\"m\"", ",", "1e999", "\\ud800", "null", "\u{feff}", " "];

#[test]
fn every_one_is_answered_and_logged_once_and_gives_nothing_away() {
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let totals: Vec<(usize, usize)> = (0..20).map(|_| send_some(&mut random, 50)).collect();
    let (answered, forwarded) = totals.iter().fold((0, 0), |sum, some| (sum.0 + some.0, sum.1 + some.1));
    assert!(answered > 500 && forwarded > 20, "{answered} {forwarded}");
}

/// How many requests were answered, and how many of them went on to the upstream.
fn send_some(random: &mut Random, count: usize) -> (usize, usize) {
    let mut by_body = public(upstream(json!({})));
    let rules = json!([{"condition": {"match": "ctx.request.http.bodyMap.model == \"m\""}, "effect": "ALLOW"}]);
    by_body["authorization"] = json!({"inlinePolicies": [{"name": "p", "spec": {"rules": rules}}]});
    let api = public(upstream(json!({"path": {"addPrefix": "/v1"}, "visibility": {"includeAllRequestHeaders": true}})));
    let fixture = Fixture::new(json!({"api.default": api, "body.default": by_body}), json!({})).on_a_capable_host();
    fixture.upstream.answers(|| Ok(response(200, &[], Body::from("ok".to_owned()))));
    let (mut answered, mut forwarded) = (0, 0);
    for _ in 0..count {
        let url = format!("http://{}/{}{}", random.pick(&HOSTS), random.join(&PATH, 5), random.join(&QUERY, 2));
        if url.parse::<http::Uri>().is_err() {
            continue;
        }
        let values: Vec<(&str, String)> =
            (0..random.below(5)).map(|_| (random.pick(&NAMES), random.pick(&VALUES).replace("TOKEN", &fixture.token))).collect();
        let headers: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let method = random.pick(&["GET", "HEAD", "POST", "OPTIONS", "DELETE", "TRACE", "QUERY"]);
        let body = random.join(&BODY, 6);
        let authenticated = random.below(2) == 0;
        let answer =
            if authenticated { fixture.send(method, &url, &headers, &body) } else { fixture.send_raw(method, &url, &headers, &body) };
        answered += 1;
        assert_eq!(fixture.log_entries(), answered, "{method} {url}");
        assert!(!format!("{:?}{}", answer.headers, answer.body).contains(PROVIDER_KEY), "{method} {url}");
        let log = fixture.log().to_string();
        assert!(!log.contains(PROVIDER_KEY) && !log.contains(&fixture.token), "{log}");
        if fixture.upstream.calls() > 0 {
            let sent = fixture.upstream.last();
            forwarded += 1;
            let shown = format!("{} {:?}", sent.uri, sent.headers);
            assert!(sent.uri.starts_with("https://provider.example/"), "{shown}");
            assert!(!shown.contains(&fixture.token) && !sent.headers.contains_key("transfer-encoding"), "{shown}");
            assert!(authenticated || headers.iter().any(|(_, value)| value.contains(&fixture.token)), "{shown}");
            if !fixture.log().to_string().contains("api.default") {
                assert_eq!(serde_json::from_str::<Value>(&sent.body).unwrap()["model"], "m");
            }
        }
    }
    (answered, forwarded)
}
