use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderMap, HeaderValue, USER_AGENT};
use http::uri::PathAndQuery;
use http::{Method, Request, Response, Uri};

use super::redirect::{becomes_get, target};
use super::{CalloutError, Callouts, Limits, Origin};
use crate::auth::holds_gateway_token;
use crate::platform::{Body, HttpError, Platform, SendOptions};
use crate::receive::strip_hop_by_hop;

impl Callouts<'_> {
    /// Sends a request and reads its response whole. Every redirect is checked as the request was. Headers that hold a token of
    /// this gateway's are left away, and those about the connection.
    ///
    /// # Errors
    /// [`CalloutError`]. A status that tells of a failure is none.
    pub async fn send(&self, platform: &Platform, request: Request<Bytes>, limits: Limits) -> Result<Response<Bytes>, CalloutError> {
        let (mut head, mut body) = request.into_parts();
        prepare(&mut head.headers);
        let mut origin = self.check(&head.uri).map_err(CalloutError::Refused)?;
        let deadline = platform.clock.now().plus(limits.timeout);
        for _ in 0..=limits.redirects {
            self.spend()?;
            let left = deadline.since(platform.clock.now());
            if left.is_zero() {
                return Err(CalloutError::Http(HttpError::Timeout));
            }
            let response = exchange(platform, (&head.method, &head.headers, &body), (&origin, &head.uri), left, limits.body).await?;
            let Some(to) = target(&head.uri, &response)? else { return Ok(response) };
            let next = self.check(&to).map_err(CalloutError::Refused)?;
            if next != origin {
                // What was meant for one server is not for another (RFC 9110 §15.4), and a key may stand in any header.
                head.headers = innocent(&head.headers);
            }
            if becomes_get(response.status(), &head.method) {
                head.method = Method::GET;
                head.headers.remove(CONTENT_TYPE);
                body = Bytes::new();
            }
            (origin, head.uri) = (next, to);
        }
        Err(CalloutError::TooManyRedirects)
    }
}

/// One request and the whole of its response.
async fn exchange(
    platform: &Platform,
    (method, headers, body): (&Method, &HeaderMap, &Bytes),
    (origin, uri): (&Origin, &Uri),
    timeout: Duration,
    limit: usize,
) -> Result<Response<Bytes>, CalloutError> {
    let path = uri.path_and_query().cloned().unwrap_or(PathAndQuery::from_static("/"));
    let mut request = Request::new(Body::from(body.clone()));
    *request.method_mut() = method.clone();
    *request.headers_mut() = headers.clone();
    // Made from what was checked, so that nothing else is called.
    *request.uri_mut() = origin.uri(&path).map_err(|error| CalloutError::Http(HttpError::Connect(error.to_string())))?;
    let options = SendOptions { timeout: Some(timeout), whole: Some(limit), ..SendOptions::default() };
    let response = platform.http.send(request, options).await.map_err(CalloutError::Http)?;
    let (head, body) = response.into_parts();
    // It is here already.
    let (bytes, _) = body.buffer(limit).await.map_err(|error| CalloutError::Http(HttpError::Broken(error.to_string())))?;
    Ok(Response::from_parts(head, bytes))
}

fn prepare(headers: &mut HeaderMap) {
    strip_hop_by_hop(headers);
    headers.remove(HOST);
    headers.remove(CONTENT_LENGTH);
    let ours: Vec<_> = headers.iter().filter(|(_, value)| holds_gateway_token(value.as_bytes())).map(|(name, _)| name.clone()).collect();
    for name in ours {
        headers.remove(name);
    }
    headers.entry(USER_AGENT).or_insert(HeaderValue::from_static("postern"));
    // Some hosts decode what is compressed, and some do not.
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
}

/// What says nothing of who asks.
fn innocent(headers: &HeaderMap) -> HeaderMap {
    let kept = [ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, CONTENT_TYPE, USER_AGENT];
    headers.iter().filter(|(name, _)| kept.contains(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
}

#[cfg(test)]
mod tests;
