//! `octelium.req`: the request, the answer, and the response.

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HOST, HeaderName, HeaderValue};
use http::{HeaderMap, StatusCode};
use postern_lua::{Library, Outcome, Raise};

use super::arguments::{bytes, integer, pay, text};
use super::{Result, ScriptCall};
use crate::context::Query;
use crate::percent;
use crate::plugin::lua::host::{Ask, ScriptHost};
use crate::receive::{CleanPath, belongs_to_the_gateway, remove_alike};

/// Scripts written for this gateway may call it `postern.req`.
const NAMES: [&str; 2] = ["octelium.req", "postern.req"];

pub fn add(library: &mut Library<ScriptHost>) {
    for name in NAMES {
        library.module(
            name,
            &[
                ("setRequestHeader", set_request_header),
                ("deleteRequestHeader", delete_request_header),
                ("getRequestBody", get_request_body),
                ("setRequestBody", set_request_body),
                ("setResponseHeader", set_response_header),
                ("deleteResponseHeader", delete_response_header),
                ("getResponseBody", get_response_body),
                ("setResponseBody", set_response_body),
                ("getQueryParam", get_query_param),
                ("setQueryParam", set_query_param),
                ("deleteQueryParam", delete_query_param),
                ("setStatusCode", set_status_code),
                ("setPath", set_path),
                ("exit", exit),
            ],
        );
    }
}

fn set_request_header(call: &mut ScriptCall<'_>) -> Result {
    before_response(call, "setRequestHeader")?;
    let (name, value) = header(call, "setRequestHeader")?;
    remove_alike(&mut call.host.request.headers, &name);
    call.host.request.headers.insert(name, value);
    call.returns(&[])
}

fn delete_request_header(call: &mut ScriptCall<'_>) -> Result {
    before_response(call, "deleteRequestHeader")?;
    let name = name(call, "deleteRequestHeader")?;
    remove_alike(&mut call.host.request.headers, &name);
    call.returns(&[])
}

fn set_response_header(call: &mut ScriptCall<'_>) -> Result {
    let (name, value) = header(call, "setResponseHeader")?;
    call.host.response_headers.insert(name, value);
    call.returns(&[])
}

fn delete_response_header(call: &mut ScriptCall<'_>) -> Result {
    let name = name(call, "deleteResponseHeader")?;
    call.host.response_headers.remove(name);
    call.returns(&[])
}

/// An absent body is an empty text.
fn get_request_body(call: &mut ScriptCall<'_>) -> Result {
    match call.host.request.body.clone() {
        Some(body) => call.returns_string(body),
        None => Ok(Outcome::Suspend(Ask::RequestBody)),
    }
}

fn set_request_body(call: &mut ScriptCall<'_>) -> Result {
    before_response(call, "setRequestBody")?;
    let body = body(call, "setRequestBody")?;
    call.host.request.body = Some(body);
    call.host.request.body_is_new = true;
    call.returns(&[])
}

/// Empty in `onRequest`, and for a stream.
fn get_response_body(call: &mut ScriptCall<'_>) -> Result {
    if let Some(body) = call.host.response_body.clone() {
        return call.returns_string(body);
    }
    match &call.host.response {
        None => call.returns_string(""),
        Some(response) if response.is_stream => call.returns_string(""),
        Some(response) => match response.body.clone() {
            Some(body) => call.returns_string(body),
            None => Ok(Outcome::Suspend(Ask::ResponseBody)),
        },
    }
}

fn set_response_body(call: &mut ScriptCall<'_>) -> Result {
    let body = body(call, "setResponseBody")?;
    call.host.response_body = Some(body);
    call.returns(&[])
}

/// The first value; empty when there is none.
fn get_query_param(call: &mut ScriptCall<'_>) -> Result {
    let name = text(call, 0, "getQueryParam")?;
    let query = call.host.request.query.clone().unwrap_or_default();
    call.returns_string(Query(&query).get(&name).unwrap_or_default().as_bytes())
}

fn set_query_param(call: &mut ScriptCall<'_>) -> Result {
    let value = text(call, 1, "setQueryParam")?;
    change_query(call, "setQueryParam", Some(value))
}

fn delete_query_param(call: &mut ScriptCall<'_>) -> Result {
    change_query(call, "deleteQueryParam", None)
}

/// Writes the query anew, sorted by name; values of one name keep their order.
fn change_query(call: &mut ScriptCall<'_>, function: &str, value: Option<String>) -> Result {
    before_response(call, function)?;
    let name = text(call, 0, function)?;
    let query = call.host.request.query.take().unwrap_or_default();
    let others = Query(&query).pairs().filter(|(key, _)| *key != name);
    let mut pairs: Vec<(String, String)> = others.map(|(key, value)| (key.into_owned(), value.into_owned())).collect();
    pairs.extend(value.map(|value| (name, value)));
    pairs.sort_by(|(a, _), (b, _)| a.cmp(b));
    let encode = |text: &str| percent::encode(text.as_bytes(), |byte| percent::is_unreserved(byte) || byte == b' ').replace(' ', "+");
    let written: Vec<String> = pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    let written = written.join("&");
    pay(call, written.len())?;
    call.host.request.query = (!written.is_empty()).then_some(written);
    call.returns(&[])
}

/// Of the response, or nothing where there is none yet.
fn set_status_code(call: &mut ScriptCall<'_>) -> Result {
    let status = status(call, "setStatusCode")?;
    match &mut call.host.response {
        Some(response) => response.status = status,
        None => return Err(Raise::message("setStatusCode is for onResponse; exit(code) answers in onRequest")),
    }
    call.returns(&[])
}

/// Dot segments are resolved; what cannot be a path leaves the path as it is, and gives a message.
fn set_path(call: &mut ScriptCall<'_>) -> Result {
    before_response(call, "setPath")?;
    let path = text(call, 0, "setPath")?;
    let is_written = path.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'?' | b'#'));
    match CleanPath::new(&path) {
        Ok(clean) if is_written && path.starts_with('/') => {
            call.host.request.path = clean;
            call.returns(&[])
        }
        Ok(_) => call.returns_string("the path must start with a slash, and have no query"),
        Err(refusal) => call.returns_string(refusal.to_string()),
    }
}

/// The script goes on until it returns.
fn exit(call: &mut ScriptCall<'_>) -> Result {
    before_response(call, "exit")?;
    let status = status(call, "exit")?;
    call.host.exit = Some(status);
    call.returns(&[])
}

fn before_response(call: &ScriptCall<'_>, function: &str) -> std::result::Result<(), Raise> {
    match call.host.response {
        None => Ok(()),
        Some(_) => Err(Raise::message(format!("{function} is for onRequest: the request has been sent"))),
    }
}

fn status(call: &ScriptCall<'_>, function: &str) -> std::result::Result<StatusCode, Raise> {
    let code = integer(call, 0, function)?;
    let status = u16::try_from(code).ok().filter(|code| (200..=599).contains(code)).and_then(|code| StatusCode::from_u16(code).ok());
    status.ok_or_else(|| Raise::message(format!("{code} is no status from 200 to 599")))
}

fn body(call: &ScriptCall<'_>, function: &str) -> std::result::Result<Bytes, Raise> {
    let bytes = bytes(call, 0, function)?;
    pay(call, bytes.len())?;
    Ok(bytes.into())
}

/// A header that cannot be set is an error of the script's: left out, the caller's own of that name would pass.
fn header(call: &ScriptCall<'_>, function: &str) -> std::result::Result<(HeaderName, HeaderValue), Raise> {
    let name = name(call, function)?;
    let value = bytes(call, 1, function)?;
    pay(call, name.as_str().len() + value.len())?;
    check_room(&call.host.request.headers)?;
    check_room(&call.host.response_headers)?;
    let value = HeaderValue::from_bytes(&value).map_err(|_| Raise::message(format!("this cannot be a value of the header {name}")))?;
    Ok((name, value))
}

fn name(call: &ScriptCall<'_>, function: &str) -> std::result::Result<HeaderName, Raise> {
    let name = bytes(call, 0, function)?;
    let name = HeaderName::from_bytes(&name).map_err(|_| Raise::message("this is not the name of a header"))?;
    if name == HOST || name == CONTENT_LENGTH || belongs_to_the_gateway(&name) {
        return Err(Raise::message(format!("the header {name} is the gateway's")));
    }
    Ok(name)
}

/// A map of headers panics beyond 32,768.
fn check_room(headers: &HeaderMap) -> std::result::Result<(), Raise> {
    const MAX_HEADERS: usize = 1000;
    if headers.len() < MAX_HEADERS { Ok(()) } else { Err(Raise::Fatal("the script sets too many headers".to_owned())) }
}
