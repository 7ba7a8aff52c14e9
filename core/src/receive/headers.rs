//! Headers that end at the gateway, in either direction.

use http::header::{CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue, TRANSFER_ENCODING};

/// Removes what concerns only one connection (RFC 9110 §7.6.1): the names listed in `Connection` first, so that a caller cannot
/// make the gateway drop a header that it adds later, then the fixed set. `wasi:http` refuses the same names. `Trailer` stays, as
/// those of responses pass.
pub fn strip_hop_by_hop(headers: &mut HeaderMap) {
    let nominated: Vec<HeaderName> = headers
        .get_all(http::header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| HeaderName::try_from(name.trim()).ok())
        .collect();
    for name in nominated {
        headers.remove(name);
    }
    for name in HOP_BY_HOP {
        headers.remove(name);
    }
}

/// Whether a header concerns only one connection, so that no rule can send it on.
pub fn is_hop_by_hop(name: &HeaderName) -> bool {
    HOP_BY_HOP.contains(&name.as_str())
}

/// Removes what only the gateway or its platform may say to an upstream: its own names, the platforms', and every claim about
/// where the caller is. An underscore counts as a hyphen, as some servers read it so.
pub fn strip_spoofable(headers: &mut HeaderMap) {
    remove_where(headers, |name| with_hyphens(name, is_spoofable));
}

/// Whether it is one that [`strip_spoofable`] removes.
pub fn never_reaches_upstreams(name: &HeaderName) -> bool {
    with_hyphens(name.as_str(), is_spoofable)
}

/// Whether servers may differ on where the message ends (RFC 9112 §6.1, §6.3): a length beside a transfer coding, or a coding other
/// than `chunked` alone.
pub fn is_framed_in_two_ways(headers: &HeaderMap) -> bool {
    headers.contains_key(TRANSFER_ENCODING) && (headers.contains_key(CONTENT_LENGTH) || has_other_coding(headers))
}

/// Whether the body is in a transfer coding that no host takes off (RFC 9112 §7).
pub fn has_other_coding(headers: &HeaderMap) -> bool {
    let mut lines = headers.get_all(TRANSFER_ENCODING).iter().map(|line| line.as_bytes().trim_ascii());
    lines.next().is_some_and(|line| !line.eq_ignore_ascii_case(b"chunked") || lines.next().is_some())
}

/// Removes what an upstream must not say to a caller in the gateway's place.
pub fn strip_response(status: http::StatusCode, headers: &mut HeaderMap) {
    // The chunks say where it ends; the length is one more claim (RFC 9112 §6.3).
    if headers.contains_key(TRANSFER_ENCODING) {
        headers.remove(CONTENT_LENGTH);
    }
    // The answer to an upgrade is about the connection, and passes with it.
    if status != http::StatusCode::SWITCHING_PROTOCOLS {
        strip_hop_by_hop(headers);
    }
    let is_not_theirs = |name: &str| OWN_PREFIXES.iter().any(|prefix| name.starts_with(prefix)) || NOT_FOR_CALLERS.contains(&name);
    remove_where(headers, |name| with_hyphens(name, is_not_theirs));
    strip_set_cookies(headers);
}

/// Whether a header is about one connection, or the gateway's or its platform's to say.
pub fn belongs_to_the_gateway(name: &HeaderName) -> bool {
    is_hop_by_hop(name) || OWN_PREFIXES.iter().any(|prefix| name.as_str().starts_with(prefix))
}

/// No upstream may plant a cookie that looks like a token of the gateway.
fn strip_set_cookies(headers: &mut HeaderMap) {
    if !headers.get_all(http::header::SET_COOKIE).iter().any(|value| is_gateway_cookie(value.as_bytes())) {
        return;
    }
    let all: Vec<HeaderValue> = headers.get_all(http::header::SET_COOKIE).iter().cloned().collect();
    headers.remove(http::header::SET_COOKIE);
    for value in all.into_iter().filter(|value| !is_gateway_cookie(value.as_bytes())) {
        headers.append(http::header::SET_COOKIE, value);
    }
}

/// Cuts the gateway's cookies from `Cookie` and keeps the others. HTTP/2 may have split them over several lines, which become
/// one again (RFC 9113 §8.2.3).
pub fn strip_cookies(headers: &mut HeaderMap) {
    let lines = headers.get_all(http::header::COOKIE).iter();
    let cookies = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b';')).map(<[u8]>::trim_ascii);
    let kept: Vec<&[u8]> = cookies.filter(|cookie| !cookie.is_empty() && !is_gateway_cookie(cookie)).collect();
    match HeaderValue::from_bytes(&kept.join(b"; ".as_slice())) {
        Ok(value) if !kept.is_empty() => headers.insert(http::header::COOKIE, value),
        _ => headers.remove(http::header::COOKIE),
    };
}

/// Whether a cookie holds a token of a gateway like this one.
fn is_gateway_cookie(cookie: &[u8]) -> bool {
    let name = cookie.split(|byte| *byte == b'=').next().unwrap_or_default().trim_ascii();
    matches!(name, b"octelium_auth" | b"octelium_rt")
}

/// Whether the request asks to become a WebSocket (RFC 6455 §4.1).
pub fn is_websocket_upgrade(headers: &HeaderMap) -> bool {
    lists(headers, http::header::CONNECTION, "upgrade") && lists(headers, http::header::UPGRADE, "websocket")
}

/// How often the request has come through a gateway like this one (RFC 8586 §2).
pub fn passes(headers: &HeaderMap) -> usize {
    let lines = headers.get_all(CDN_LOOP).iter().map(HeaderValue::as_bytes);
    let items = lines.flat_map(|line| line.split(|byte| *byte == b','));
    items
        .filter_map(|item| item.split(|byte| *byte == b';').next())
        .filter(|name| name.trim_ascii().eq_ignore_ascii_case(PSEUDONYM.as_bytes()))
        .count()
}

/// Says that the request has come through here. What others have said stays, as that is how loops through several are found.
pub fn mark_pass(headers: &mut HeaderMap) {
    headers.append(CDN_LOOP, HeaderValue::from_static(PSEUDONYM));
}

/// Whether the word is an item of a header that is a list.
pub fn lists(headers: &HeaderMap, name: HeaderName, word: &str) -> bool {
    let lines = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|item| item.trim().eq_ignore_ascii_case(word))
}

const CDN_LOOP: HeaderName = HeaderName::from_static("cdn-loop");
const PSEUDONYM: &str = "postern";

const HOP_BY_HOP: [&str; 10] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "transfer-encoding",
    "upgrade",
    "http2-settings",
    "expect",
];

const OWN_PREFIXES: [&str; 5] = ["x-octelium-", "x-postern-", "spin-", "cf-", "x-envoy-"];

/// `authorization` can only be the credential that was injected. The others speak for the host that the caller sees: `alt-svc` would
/// lead around it, the transport policy bind all its Services, reports go to the upstream's collector.
const NOT_FOR_CALLERS: [&str; 7] =
    ["alt-svc", "authorization", "strict-transport-security", "public-key-pins", "nel", "report-to", "reporting-endpoints"];

const FORWARDED_PREFIX: &str = "x-forwarded-";

/// Where a caller is or who it is, as proxies tell it; what the request was before a proxy changed it; and the method that it
/// should be taken for, which rules would not see.
const SPOOFABLE: [&str; 20] = [
    "forwarded",
    "via",
    "x-real-ip",
    "x-request-id",
    "true-client-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "fastly-client-ip",
    "fly-client-ip",
    "x-remote-user",
    "remote-user",
    "x-original-forwarded-for",
    "x-original-host",
    "x-original-url",
    "x-rewrite-url",
    "x-host",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    // CGI programs take it for their own `HTTP_PROXY`.
    "proxy",
];

fn is_spoofable(name: &str) -> bool {
    name.starts_with(FORWARDED_PREFIX) || OWN_PREFIXES.iter().any(|prefix| name.starts_with(prefix)) || SPOOFABLE.contains(&name)
}

fn with_hyphens(name: &str, matches: impl Fn(&str) -> bool) -> bool {
    if name.contains('_') { matches(&name.replace('_', "-")) } else { matches(name) }
}

/// Removes a header, and those whose names differ in nothing but underscores for hyphens: to some servers they are one.
pub fn remove_alike(headers: &mut HeaderMap, name: &HeaderName) {
    headers.remove(name);
    let read = |byte: u8| if byte == b'_' { b'-' } else { byte };
    remove_where(headers, |other| other.len() == name.as_str().len() && other.bytes().map(read).eq(name.as_str().bytes().map(read)));
}

/// Removes the headers whose names match.
pub fn remove_where(headers: &mut HeaderMap, matches: impl Fn(&str) -> bool) {
    let names: Vec<HeaderName> = headers.keys().filter(|name| matches(name.as_str())).cloned().collect();
    for name in names {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::test;

    use super::*;

    fn map(pairs: &[(&str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::try_from(*name).unwrap(), HeaderValue::try_from(*value).unwrap())).collect()
    }

    fn names(headers: &HeaderMap) -> Vec<&str> {
        headers.keys().map(HeaderName::as_str).collect()
    }

    #[test]
    fn hop_by_hop_includes_what_connection_names() {
        let mut headers = map(&[("connection", "close, X-Secret"), ("x-secret", "1"), ("te", "trailers"), ("accept", "*/*")]);
        strip_hop_by_hop(&mut headers);
        assert_eq!(names(&headers), ["accept"]);
    }

    #[test]
    fn spoofable_includes_underscores() {
        let mut headers = map(&[
            ("x_forwarded_for", "1.2.3.4"),
            ("X-Octelium-Auth", "t"),
            ("x-postern-auth", "t"),
            ("cf-connecting-ip", "1.2.3.4"),
            ("spin-client-addr", "1.2.3.4"),
            ("forwarded", "for=1.2.3.4"),
            ("x-request-id", "1"),
            ("x-forwarded-user", "admin"),
            ("x-forwarded-email", "admin@example.com"),
            ("X-HTTP-Method-Override", "DELETE"),
            ("x-original-url", "/admin"),
            ("x_remote_user", "admin"),
            ("proxy", "http://evil.example"),
            ("x_custom", "kept"),
        ]);
        strip_spoofable(&mut headers);
        assert_eq!(names(&headers), ["x_custom"]);
    }

    #[test]
    fn alike_are_underscores_and_hyphens() {
        for name in ["x-user-id", "x_user-id"] {
            let mut headers = map(&[("x-user-id", "1"), ("X_User_Id", "2"), ("x_user-id", "3"), ("x-user-ip", "4"), ("x-user", "5")]);
            remove_alike(&mut headers, &HeaderName::from_static(name));
            assert!(headers.len() == 2 && headers.contains_key("x-user-ip") && headers.contains_key("x-user"), "{name}: {headers:?}");
        }
    }

    #[test]
    fn cookies_of_others_survive() {
        let table: [(&[&str], Option<&str>); 6] = [
            (&["a=1; octelium_auth=secret; b=2"], Some("a=1; b=2")),
            (&["octelium_rt=secret"], None),
            (&["a=1", "octelium_rt=secret", "b=2"], Some("a=1; b=2")),
            (&["octelium_auth =secret;; a"], Some("a")),
            (&["a=\u{e4}; octelium_auth=secret"], Some("a=\u{e4}")),
            (&[], None),
        ];
        for (lines, kept) in table {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append("cookie", HeaderValue::from_bytes(line.as_bytes()).unwrap());
            }
            strip_cookies(&mut headers);
            let left: Vec<_> = headers.get_all("cookie").iter().map(HeaderValue::as_bytes).collect();
            assert_eq!(left, kept.map(str::as_bytes).into_iter().collect::<Vec<_>>(), "{lines:?}");
        }
    }

    #[test]
    fn a_body_ends_in_one_place() {
        let chunked = ("transfer-encoding", "chunked");
        for (lines, two_ways, other) in [
            (&[][..], false, false),
            (&[("content-length", "3")], false, false),
            (&[chunked], false, false),
            (&[("transfer-encoding", " Chunked\t")], false, false),
            (&[chunked, ("content-length", "3")], true, false),
            (&[chunked, chunked], true, true),
            (&[("transfer-encoding", "chunked, chunked")], true, true),
            (&[("transfer-encoding", "gzip, chunked")], true, true),
            (&[("transfer-encoding", "identity")], true, true),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in lines {
                headers.append(*name, HeaderValue::from_static(value));
            }
            assert_eq!((is_framed_in_two_ways(&headers), has_other_coding(&headers)), (two_ways, other), "{lines:?}");
            strip_response(http::StatusCode::OK, &mut headers);
            assert_eq!(headers.contains_key("content-length"), *lines == [("content-length", "3")], "{lines:?}");
        }
    }

    #[test]
    fn websocket_needs_both_headers() {
        assert!(is_websocket_upgrade(&map(&[("connection", "keep-alive, Upgrade"), ("upgrade", "WebSocket")])));
        assert!(!is_websocket_upgrade(&map(&[("upgrade", "websocket")])));
        assert!(!is_websocket_upgrade(&map(&[("connection", "upgrade"), ("upgrade", "h2c")])));
    }

    #[test]
    fn passes_are_counted_over_all_lines() {
        for (lines, expected) in [
            (&[][..], 0),
            (&["postern"], 1),
            (&["cloudflare; loops=1, Postern ; x=1", "postern,postern"], 3),
            (&["postern2, xpostern, \"postern\", other;postern"], 0),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append("cdn-loop", HeaderValue::from_static(line));
            }
            assert_eq!(passes(&headers), expected, "{lines:?}");
            mark_pass(&mut headers);
            assert_eq!(passes(&headers), expected + 1, "{lines:?}");
        }
    }
}
