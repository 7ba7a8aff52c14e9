use http::{HeaderMap, HeaderName, HeaderValue, Method};

use super::{Pages, browser};
use crate::error::{ErrorKind, GatewayError};
use crate::platform::{Body, Capabilities};
use crate::problem::Problems;
use crate::receive::{Client, Incoming, Received, receive};
use crate::resource::{UserType, Web};
use crate::testing::{Sevens, test};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36";
const HTML: &str = "text/html,application/xhtml+xml,*/*;q=0.8";

fn headers(lines: &[(&str, &str)]) -> HeaderMap {
    let lines = lines.iter().map(|(name, value)| (HeaderName::try_from(*name).unwrap(), HeaderValue::try_from(*value).unwrap()));
    lines.collect()
}

fn received(method: Method, url: &str) -> Received {
    let mut request = http::Request::builder().method(method).uri(url).body(Body::Empty).unwrap();
    *request.headers_mut() = headers(&[("accept", HTML), ("user-agent", FIREFOX)]);
    let client = Client { ip: None, version: http::Version::HTTP_11 };
    receive(Incoming { request, client }, &Sevens, Capabilities::none()).unwrap()
}

fn pages(login: Option<&str>, denied: Option<&str>) -> Pages {
    let mut problems = Problems::new();
    let web = Web { login_url: login.map(str::to_owned), denied_url: denied.map(str::to_owned) };
    let pages = Pages::compile(&web, &mut problems);
    assert!(problems.is_empty(), "{problems:?}");
    pages
}

#[test]
fn a_page_is_opened_by_a_browser() {
    let table: &[(&[(&str, &str)], bool)] = &[
        (&[("accept", HTML), ("user-agent", FIREFOX)], true),
        (&[("accept", HTML), ("user-agent", CHROME), ("sec-fetch-mode", "navigate")], true),
        (&[("accept", HTML), ("user-agent", CHROME), ("sec-fetch-mode", "cors")], false),
        (&[("accept", "*/*"), ("user-agent", CHROME)], false),
        (&[("accept", "application/json"), ("user-agent", CHROME)], false),
        (&[("accept", "text/html;q=0, application/json"), ("user-agent", CHROME)], false),
        (&[("accept", "application/json, TEXT/HTML; q=0.5"), ("user-agent", CHROME)], true),
        (&[("accept", "text/html5"), ("user-agent", CHROME)], false),
        (&[("accept", HTML), ("user-agent", "curl/8.5.0")], false),
        (
            &[
                ("accept", HTML),
                ("user-agent", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html) AppleWebKit/537.36"),
            ],
            false,
        ),
        (&[("accept", HTML), ("user-agent", "Mozilla/5.0")], false),
        (&[("accept", HTML)], false),
    ];
    for (lines, expected) in table {
        assert_eq!(browser::opens_a_page(&headers(lines)), *expected, "{lines:?}");
    }
}

#[test]
fn the_way_back_leads_here_and_holds_no_token() {
    let back = |url: &str, is_https| {
        let pages = pages(Some("https://login.example/start"), None);
        let error = GatewayError::new(ErrorKind::Unauthenticated, "");
        let error = pages.visit(&received(Method::GET, url), is_https).unauthenticated(error);
        let location = error.redirect.map(|location| location.to_str().unwrap().to_owned());
        location.map(|location| location.strip_prefix("https://login.example/start?redirect=").unwrap().to_owned())
    };
    for (url, is_https, expected) in [
        ("http://site.example.com/", false, Some("http%3A%2F%2Fsite.example.com%2F")),
        ("http://site.example.com:8080/a%20b?x=1&y", true, Some("https%3A%2F%2Fsite.example.com%3A8080%2Fa%2520b%3Fx%3D1%26y")),
        ("http://site.example.com/?access_token=x&a=1&KEY=y&api%5Fkey=z", false, Some("http%3A%2F%2Fsite.example.com%2F%3Fa%3D1")),
        ("http://site.example.com/?token=x", false, Some("http%3A%2F%2Fsite.example.com%2F")),
        ("http://site.example.com//evil.example", false, Some("http%3A%2F%2Fsite.example.com%2F%2Fevil.example")),
        ("http://site.example.com/?next=%3Cscript%3E", false, Some("http%3A%2F%2Fsite.example.com%2F%3Fnext%3D%253Cscript%253E")),
    ] {
        assert_eq!(back(url, is_https).as_deref(), expected, "{url}");
    }
    assert_eq!(back("http://site.example.com/?q=pst_at_abc&a=1", false).as_deref(), Some("http%3A%2F%2Fsite.example.com%2F%3Fa%3D1"));
    assert_eq!(back("http://site.example.com/?q=pst%5Fat_abc", false).as_deref(), Some("http%3A%2F%2Fsite.example.com%2F"));
    assert_eq!(back("http://site.example.com/pst%5Fat_abc", false), None, "one in the path cannot be left out");
}

#[test]
fn who_is_sent_where() {
    let both = pages(Some("https://login.example/?app=1"), Some("https://login.example/denied"));
    let request = received(Method::GET, "http://site.example.com/");
    let location = |error: GatewayError| error.redirect.map(|location| location.to_str().unwrap().to_owned());
    let error = |kind| GatewayError::new(kind, "");
    let visit = both.visit(&request, false);
    let login = "https://login.example/?app=1&redirect=http%3A%2F%2Fsite.example.com%2F";
    assert_eq!(location(visit.unauthenticated(error(ErrorKind::Unauthenticated))).as_deref(), Some(login));
    assert_eq!(location(visit.unauthenticated(error(ErrorKind::StoreUnavailable))), None);
    for (user, kind, expected) in [
        (Some(UserType::Human), ErrorKind::Forbidden, Some("https://login.example/denied")),
        (Some(UserType::Human), ErrorKind::Evaluation, None),
        (Some(UserType::Workload), ErrorKind::Forbidden, None),
        (None, ErrorKind::Forbidden, None),
    ] {
        assert_eq!(location(visit.denied(error(kind), user)).as_deref(), expected, "{user:?} {kind:?}");
    }
    let posted = received(Method::POST, "http://site.example.com/");
    for visit in [pages(None, None).visit(&request, false), both.visit(&posted, false)] {
        assert_eq!(location(visit.unauthenticated(error(ErrorKind::Unauthenticated))), None);
        assert_eq!(location(visit.denied(error(ErrorKind::Forbidden), Some(UserType::Human))), None);
    }
    let only_denied = pages(None, Some("https://login.example/denied"));
    assert_eq!(location(only_denied.visit(&request, false).unauthenticated(error(ErrorKind::Unauthenticated))), None);
}

#[test]
fn addresses_are_checked() {
    let faults = |address: &str| {
        let mut problems = Problems::new();
        Pages::compile(&Web { login_url: Some(address.to_owned()), denied_url: None }, &mut problems);
        problems.into_vec().into_iter().map(|problem| problem.path).collect::<Vec<_>>()
    };
    for address in
        ["https://login.example", "https://login.example/a?b=c", "http://localhost:3000/login", "http://127.0.0.1:1/", "http://[::1]/"]
    {
        assert!(faults(address).is_empty(), "{address}");
    }
    for address in ["http://login.example", "javascript:alert(1)", "//login.example", "/login", "https://u:p@login.example", "https://a/#b"]
    {
        assert_eq!(faults(address), ["loginURL"], "{address}");
    }
}
