//! What must be equal.

use bytes::Bytes;
use http::HeaderMap;
use http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_LENGTH, COOKIE, HeaderName, PRAGMA};
use sha2::{Digest, Sha256};

use crate::context::Query;
use crate::platform::CacheKey;
use crate::plugin::{Call, Draft};
use crate::receive::never_reaches_upstreams;
use crate::upstream::{KEY_HEADERS, KEY_PARAMETER};

/// Headers that differ between requests for the same, and that no upstream answers by. All others are part of the key: by one that is
/// not, whoever shares a session could put an answer in the place of another's.
const LEFT_OUT: [HeaderName; 12] = [
    ACCEPT_ENCODING,
    CACHE_CONTROL,
    CONTENT_LENGTH,
    PRAGMA,
    HeaderName::from_static("baggage"),
    HeaderName::from_static("early-data"),
    HeaderName::from_static("idempotency-key"),
    HeaderName::from_static("priority"),
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("tracestate"),
    HeaderName::from_static("x-client-request-id"),
    HeaderName::from_static("x-correlation-id"),
];

/// What browsers say of a navigation, and SDKs of themselves and their attempts.
const LEFT_OUT_PREFIXES: [&str; 2] = ["sec-fetch-", "x-stainless-"];

/// The default key: method, host, URI, headers, and the body of a method that has one.
pub fn of_request(call: &Call<'_>, draft: &Draft, body: Option<&Bytes>) -> CacheKey {
    let request = &call.context.request;
    let body = body.map(Sha256::digest);
    let headers = headers(&draft.headers);
    let uri: [&[u8]; 7] = [
        b"request",
        draft.method.as_str().as_bytes(),
        request.host.as_bytes(),
        request.uri.as_bytes(),
        // A plugin may have changed them since.
        draft.path.as_str().as_bytes(),
        &[u8::from(draft.query.is_some())],
        draft.query.as_deref().unwrap_or_default().as_bytes(),
    ];
    let body = body.as_ref().map_or(&[] as &[u8], |digest| digest.as_slice());
    key(call, uri.into_iter().chain([body]).chain(headers.iter().map(Vec::as_slice)))
}

/// A key of the operator's own. The method stays, as an answer to HEAD is none to GET, and so does what may say who calls: cookies, and
/// keys of the caller's own that go on to the upstream, where the answer is for whoever holds them (RFC 9111 §3.5).
pub fn of_text(call: &Call<'_>, draft: &Draft, text: &str) -> CacheKey {
    let own: [&[u8]; 3] = [b"eval", draft.method.as_str().as_bytes(), text.as_bytes()];
    let names = KEY_HEADERS.into_iter().chain([COOKIE]);
    let lines =
        names.flat_map(|name| draft.headers.get_all(&name).iter().map(|value| who(name.as_str(), value.as_bytes())).collect::<Vec<_>>());
    let parameters = Query(draft.query.as_deref().unwrap_or_default()).pairs().filter(|(name, _)| name == KEY_PARAMETER);
    let parameters = parameters.map(|(name, value)| who(&name, value.as_bytes()));
    let who: Vec<Vec<u8>> = lines.chain(parameters).collect();
    key(call, own.into_iter().chain(who.iter().map(Vec::as_slice)))
}

fn who(name: &str, value: &[u8]) -> Vec<u8> {
    [name.as_bytes(), b":", value].concat()
}

fn key<'a>(call: &Call<'_>, request: impl IntoIterator<Item = &'a [u8]>) -> CacheKey {
    let scope = &call.scope;
    let parts: [&[u8]; 7] = [
        b"response/1",
        &call.revision.generation.to_be_bytes(),
        &call.revision.service,
        scope.service.as_bytes(),
        scope.config.as_bytes(),
        scope.plugin.as_bytes(),
        &[u8::from(call.is_before_authentication)],
    ];
    CacheKey::new(&parts, call.principal.session.as_deref(), request)
}

/// A name and a value in turn, in an order that does not depend on how they arrived; repeated ones stay in theirs.
fn headers(headers: &HeaderMap) -> Vec<Vec<u8>> {
    // A platform says something new of each request, which no upstream hears.
    let is_left_out =
        |name: &HeaderName| LEFT_OUT.contains(name) || LEFT_OUT_PREFIXES.iter().any(|prefix| name.as_str().starts_with(prefix));
    let is_part = |name: &HeaderName| !is_left_out(name) && !never_reaches_upstreams(name);
    let mut names: Vec<&HeaderName> = headers.keys().filter(|name| is_part(name)).collect();
    names.sort_unstable_by_key(|name| name.as_str());
    let lines = names.into_iter().flat_map(|name| headers.get_all(name).iter().map(move |value| (name, value)));
    lines.flat_map(|(name, value)| [name.as_str().as_bytes().to_vec(), value.as_bytes().to_vec()]).collect()
}
