use std::borrow::Cow;

use http::header::{ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, HeaderMap, HeaderName, ORIGIN};
use http::{HeaderValue, Method};

use super::host_of;
use super::path::Reading;
use super::pattern::Effort;
use crate::context::Query;
use crate::receive::{CleanPath, Received};

/// What routes see of one request.
pub struct Asked<'r> {
    /// Without port.
    pub host: String,
    pub method: &'r str,
    pub path: Reading,
    pub query: Query<'r>,
    headers: &'r HeaderMap,
    /// The headers that a browser's preflight request announces, in lower case.
    announced: Option<Vec<String>>,
    pub effort: Effort,
}

impl<'r> Asked<'r> {
    /// `path` is the one that the Service sees. A preflight request (Fetch Standard §3.2.2) counts as the request that it announces, as
    /// it has to be answered by the Service that will be asked then.
    pub fn new(received: &'r Received, path: &CleanPath) -> Self {
        let announced = preflight(&received.method, &received.headers);
        let method = announced.unwrap_or(received.method.as_str());
        Self {
            host: host_of(&received.authority),
            method,
            path: Reading::of(path),
            query: Query(received.query.as_deref().unwrap_or_default()),
            headers: &received.headers,
            announced: announced.map(|_| names(&received.headers)),
            effort: Effort::default(),
        }
    }

    /// The lines of a header as one, as hosts have it that join them.
    pub fn header(&self, name: &HeaderName) -> Option<Cow<'r, str>> {
        let mut lines = self.headers.get_all(name).iter().map(|line| String::from_utf8_lossy(line.as_bytes()));
        let first = lines.next()?;
        Some(lines.fold(first, |all, line| format!("{all}, {line}").into()))
    }

    /// Whether this is a preflight request for one with that header, whose value it does not tell.
    pub fn announces(&self, name: &HeaderName) -> bool {
        self.announced.iter().flatten().any(|announced| announced == name.as_str())
    }
}

/// The method that a preflight request asks for.
fn preflight<'r>(method: &Method, headers: &'r HeaderMap) -> Option<&'r str> {
    let asked = headers.get(ACCESS_CONTROL_REQUEST_METHOD).filter(|_| *method == Method::OPTIONS && headers.contains_key(ORIGIN))?;
    asked.to_str().ok()
}

fn names(headers: &HeaderMap) -> Vec<String> {
    let lines = headers.get_all(ACCESS_CONTROL_REQUEST_HEADERS).iter().map(HeaderValue::as_bytes).map(String::from_utf8_lossy);
    lines.flat_map(|line| line.split(',').map(|name| name.trim().to_ascii_lowercase()).collect::<Vec<_>>()).collect()
}
