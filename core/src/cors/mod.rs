//! `cors`: which pages of other origins may call a Service (Fetch Standard §3.2, the CORS protocol). A browser asks before it sends
//! what could do harm, and it asks without a token, so that question is answered before anybody is known. Nothing here refuses a
//! request other than that question: what a page may read of an answer is for the browser to keep from it.

mod compile;
mod origin;
#[cfg(test)]
mod tests;

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};

use crate::error::{ErrorKind, GatewayError};
use crate::platform::Body;
use crate::receive::Received;
use origin::Origin;

/// `http.cors`, compiled.
#[derive(Debug, Clone, Default)]
pub struct Cors {
    /// As browsers write them; `null` only where it is listed.
    origins: Vec<String>,
    /// `*`.
    any_origin: bool,
    /// Hosts of the gateway's domain.
    cluster_services: bool,
    methods: Option<HeaderValue>,
    headers: Option<HeaderValue>,
    expose: Option<HeaderValue>,
    max_age: Option<HeaderValue>,
    credentials: bool,
}

/// The page that a request comes from, as far as the configuration knows it.
#[derive(Debug)]
pub struct Page<'c> {
    cors: &'c Cors,
    /// `None` for a page that is not allowed, and for a caller that is no page of another origin.
    origin: Option<HeaderValue>,
}

impl Cors {
    /// Looks at where a request comes from. `domain` is the gateway's.
    pub fn page(&self, received: &Received, domain: &str) -> Page<'_> {
        let own = format!("{}://{}", received.scheme, received.authority);
        let origin = the_origin(&received.headers)
            .filter(|origin| origin.to_str().is_ok_and(|text| text == own || self.allows(text, &received.scheme, domain)));
        Page { cors: self, origin: origin.cloned() }
    }

    /// Whole origins are compared: no suffix, no pattern.
    fn allows(&self, text: &str, scheme: &str, domain: &str) -> bool {
        if self.origins.iter().any(|origin| origin == text) {
            return true;
        }
        Origin::parse(text).is_some_and(|origin| self.any_origin || self.cluster_services && origin.is_of(domain, scheme))
    }
}

impl Page<'_> {
    /// The answer to a preflight request (Fetch Standard §3.2.2); `None` for any other request.
    ///
    /// # Errors
    /// 403 for an origin that is not allowed, or is not one.
    pub fn preflight(&self, received: &Received) -> Option<Result<Response<Body>, GatewayError>> {
        let method = received.headers.get(ACCESS_CONTROL_REQUEST_METHOD)?;
        if received.method != Method::OPTIONS || !received.headers.contains_key(ORIGIN) {
            return None;
        }
        let asked = join(&received.headers, ACCESS_CONTROL_REQUEST_HEADERS).filter(|names| is_list(names.as_bytes()));
        if self.origin.is_none() || !is_list(method.as_bytes()) {
            let refused = GatewayError::new(ErrorKind::Forbidden, "a preflight request of an origin that is not allowed");
            let refused = refused.saying("Pages of this origin may not call this service.");
            return Some(Err(refused.with_header(VARY, HeaderValue::from_static(VARY_OF_PREFLIGHT))));
        }
        let mut response = Response::new(Body::Empty);
        *response.status_mut() = StatusCode::NO_CONTENT;
        let headers = response.headers_mut();
        self.allow(headers);
        headers.remove(ACCESS_CONTROL_EXPOSE_HEADERS);
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, self.cors.methods.as_ref().unwrap_or(method).clone());
        for (name, value) in
            [(ACCESS_CONTROL_ALLOW_HEADERS, self.cors.headers.clone().or(asked)), (ACCESS_CONTROL_MAX_AGE, self.cors.max_age.clone())]
        {
            if let Some(value) = value {
                headers.insert(name, value);
            }
        }
        headers.insert(VARY, HeaderValue::from_static(VARY_OF_PREFLIGHT));
        Some(Ok(response))
    }

    /// Says in an answer, or a refusal, what the page may read of it.
    ///
    /// # Errors
    /// The refusal that came in.
    pub fn tell(&self, answer: Result<Response<Body>, GatewayError>) -> Result<Response<Body>, GatewayError> {
        match answer {
            Ok(mut response) => {
                self.apply(response.headers_mut());
                Ok(response)
            }
            Err(mut error) => {
                let mut headers = HeaderMap::new();
                self.apply(&mut headers);
                error.headers.extend(headers.into_iter().filter_map(|(name, value)| Some((name?, value))));
                Err(error)
            }
        }
    }

    /// Whatever an upstream says of other origins would overrule what is configured, so none of it stays.
    fn apply(&self, headers: &mut HeaderMap) {
        let of_upstream: Vec<HeaderName> = headers.keys().filter(|name| name.as_str().starts_with("access-control-")).cloned().collect();
        for name in of_upstream {
            headers.remove(name);
        }
        self.allow(headers);
        vary_by_origin(headers);
    }

    fn allow(&self, headers: &mut HeaderMap) {
        let Some(origin) = &self.origin else { return };
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        if self.cors.credentials {
            headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        }
        if let Some(expose) = &self.cors.expose {
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, expose.clone());
        }
    }
}

const VARY_OF_PREFLIGHT: &str = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";

/// Browsers send one. Of several, who checks and who obeys could take different ones.
fn the_origin(headers: &HeaderMap) -> Option<&HeaderValue> {
    let mut lines = headers.get_all(ORIGIN).iter();
    lines.next().filter(|_| lines.next().is_none())
}

/// The answer differs by the origin also where there is none, so caches must always hear of it. What `Vary` says already stays.
fn vary_by_origin(headers: &mut HeaderMap) {
    let Some(before) = join(headers, VARY) else {
        headers.insert(VARY, HeaderValue::from_static("Origin"));
        return;
    };
    let text = before.as_bytes();
    if text.split(|byte| *byte == b',').any(|item| item.trim_ascii().eq_ignore_ascii_case(b"origin") || item.trim_ascii() == b"*") {
        return;
    }
    if let Ok(value) = HeaderValue::from_bytes(&[text, b", Origin"].concat()) {
        headers.insert(VARY, value);
    }
}

/// The lines of a header as one.
fn join(headers: &HeaderMap, name: HeaderName) -> Option<HeaderValue> {
    let lines: Vec<&[u8]> = headers.get_all(name).iter().map(HeaderValue::as_bytes).collect();
    if lines.is_empty() { None } else { HeaderValue::from_bytes(&lines.join(b", ".as_slice())).ok() }
}

/// Whether this is a list of tokens (RFC 9110 §5.6.1, §5.6.2), as methods and header names are.
fn is_list(text: &[u8]) -> bool {
    let is_token =
        |item: &[u8]| !item.is_empty() && item.iter().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte));
    text.split(|byte| *byte == b',').all(|item| is_token(item.trim_ascii()))
}
