//! `http`: calls to other servers, as far as the configuration names their origins.

use bytes::Bytes;
use http::header::{HeaderName, HeaderValue};
use http::{HeaderMap, Method, Request, Response, Uri};
use postern_lua::{Library, Outcome, Raise};

use super::arguments::{as_handle, bytes, handle, pay, text};
use super::{CLIENT, REQUEST, RESPONSE, Result, ScriptCall};
use crate::callout::CalloutError;
use crate::plugin::lua::host::{Ask, Client, Outgoing, ScriptHost};

pub fn add(library: &mut Library<ScriptHost>) {
    library.module("http", &[("client", client)]);
    library.class(CLIENT, &[("setBaseURL", set_base), ("setHeader", set_client_header), ("request", request)]);
    library.class(
        REQUEST,
        &[
            ("setHeader", set_header),
            ("setBody", set_body),
            ("get", |call| send(call, Method::GET, "get")),
            ("post", |call| send(call, Method::POST, "post")),
            ("put", |call| send(call, Method::PUT, "put")),
            ("delete", |call| send(call, Method::DELETE, "delete")),
        ],
    );
    library.class(RESPONSE, &[("code", code), ("body", body)]);
}

/// Brings the response to the script: an object, or nil and a message. A status that tells of a failure is a response.
pub fn answered(call: &mut ScriptCall<'_>, sent: std::result::Result<Response<Bytes>, CalloutError>) -> Result {
    match sent {
        Ok(response) => {
            call.heap.charge_memory(response.body().len())?;
            call.host.answers.push(response);
            let index = as_handle(call.host.answers.len() - 1)?;
            let object = call.heap.object(RESPONSE, index)?;
            call.returns(&[object])
        }
        Err(error) => {
            let message = error.to_string();
            call.host.note(&format!("a call-out failed: {message}"));
            call.returns_problem(message)
        }
    }
}

fn client(call: &mut ScriptCall<'_>) -> Result {
    pay(call, 256)?;
    call.host.clients.push(Client::default());
    let index = as_handle(call.host.clients.len() - 1)?;
    let object = call.heap.object(CLIENT, index)?;
    call.returns(&[object])
}

fn set_base(call: &mut ScriptCall<'_>) -> Result {
    let (index, url) = (handle(call, CLIENT, "setBaseURL")?, text(call, 1, "setBaseURL")?);
    if let Some(client) = call.host.clients.get_mut(index) {
        client.base = url;
    }
    call.returns(&[])
}

fn set_client_header(call: &mut ScriptCall<'_>) -> Result {
    let index = handle(call, CLIENT, "setHeader")?;
    let (name, value) = header(call)?;
    if let Some(client) = call.host.clients.get_mut(index) {
        client.headers.insert(name, value);
    }
    call.returns(&[])
}

fn request(call: &mut ScriptCall<'_>) -> Result {
    let index = handle(call, CLIENT, "request")?;
    pay(call, 512)?;
    let client = call.host.clients.get(index).cloned().unwrap_or_default();
    call.host.calls.push(Outgoing { client, headers: HeaderMap::new(), body: Bytes::new() });
    let index = as_handle(call.host.calls.len() - 1)?;
    let object = call.heap.object(REQUEST, index)?;
    call.returns(&[object])
}

fn set_header(call: &mut ScriptCall<'_>) -> Result {
    let index = handle(call, REQUEST, "setHeader")?;
    let (name, value) = header(call)?;
    if let Some(outgoing) = call.host.calls.get_mut(index) {
        outgoing.headers.insert(name, value);
    }
    call.returns(&[])
}

fn set_body(call: &mut ScriptCall<'_>) -> Result {
    let (index, body) = (handle(call, REQUEST, "setBody")?, bytes(call, 1, "setBody")?);
    pay(call, body.len())?;
    if let Some(outgoing) = call.host.calls.get_mut(index) {
        outgoing.body = body.into();
    }
    call.returns(&[])
}

fn send(call: &mut ScriptCall<'_>, method: Method, function: &str) -> Result {
    let index = handle(call, REQUEST, function)?;
    let path = if call.arguments().len() > 1 { text(call, 1, function)? } else { String::new() };
    let Some(outgoing) = call.host.calls.get(index) else { return Err(Raise::Fatal("a request is gone".to_owned())) };
    let url = joined(&outgoing.client.base, &path);
    let Ok(uri) = url.parse::<Uri>() else { return call.returns_problem(format!("{url:?} is not a URL")) };
    let mut request = Request::new(outgoing.body.clone());
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    *request.headers_mut() = outgoing.client.headers.clone();
    request.headers_mut().extend(outgoing.headers.clone());
    Ok(Outcome::Suspend(Ask::Send(Box::new(request))))
}

/// A whole URL stands for itself; anything else is joined to the base.
fn joined(base: &str, path: &str) -> String {
    if path.is_empty() || path.starts_with("http://") || path.starts_with("https://") {
        return if path.is_empty() { base.to_owned() } else { path.to_owned() };
    }
    format!("{}/{}", base.trim_end_matches('/'), path.trim_start_matches('/'))
}

fn code(call: &mut ScriptCall<'_>) -> Result {
    let index = handle(call, RESPONSE, "code")?;
    let code = call.host.answers.get(index).map_or(0, |response| response.status().as_u16());
    call.returns(&[f64::from(code).into()])
}

fn body(call: &mut ScriptCall<'_>) -> Result {
    let index = handle(call, RESPONSE, "body")?;
    let body = call.host.answers.get(index).map(|response| response.body().clone()).unwrap_or_default();
    call.returns_string(body)
}

fn header(call: &ScriptCall<'_>) -> std::result::Result<(HeaderName, HeaderValue), Raise> {
    let (name, value) = (bytes(call, 1, "setHeader")?, bytes(call, 2, "setHeader")?);
    let name = HeaderName::from_bytes(&name).map_err(|_| Raise::message("this is not the name of a header"))?;
    let value = HeaderValue::from_bytes(&value).map_err(|_| Raise::message(format!("this cannot be a value of the header {name}")))?;
    Ok((name, value))
}
