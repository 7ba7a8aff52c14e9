//! Changes of headers.

use serde_json::{Value, json};

use crate::gloo::document::{HeaderFilter, HeaderManipulation, HeaderManipulationPolicy};
use crate::gloo::{At, Made};

/// A filter of an HTTPRoute, for requests or for responses.
pub fn filter(service: &mut Made, filter: &HeaderFilter, is_request: bool, at: &At) {
    for (headers, append, field) in [(&filter.set, false, "set"), (&filter.add, true, "add")] {
        for (index, header) in headers.iter().enumerate() {
            add(service, is_request, &header.name, &header.value, append, &at.field(field).item(index));
        }
    }
    for (index, name) in filter.remove.iter().enumerate() {
        remove(service, is_request, name, &at.field("remove").item(index));
    }
}

/// An option of a route.
pub fn option(service: &mut Made, changes: &HeaderManipulation, at: &At) {
    for (headers, is_request, field) in
        [(&changes.request_headers_to_add, true, "requestHeadersToAdd"), (&changes.response_headers_to_add, false, "responseHeadersToAdd")]
    {
        for (index, header) in headers.iter().enumerate() {
            let at = at.field(field).item(index);
            add(service, is_request, &header.header.key, &header.header.value, header.append.unwrap_or(true), &at);
        }
    }
    for (names, is_request, field) in [
        (&changes.request_headers_to_remove, true, "requestHeadersToRemove"),
        (&changes.response_headers_to_remove, false, "responseHeadersToRemove"),
    ] {
        for (index, name) in names.iter().enumerate() {
            remove(service, is_request, name, &at.field(field).item(index));
        }
    }
}

/// A policy.
pub fn policy(service: &mut Made, policy: &HeaderManipulationPolicy, at: &At) {
    let changes = &policy.config;
    for (headers, is_request, field) in [
        (&changes.append_request_headers, true, "appendRequestHeaders"),
        (&changes.append_response_headers, false, "appendResponseHeaders"),
    ] {
        for (name, value) in headers {
            add(service, is_request, name, value, true, &at.field(field).key(name));
        }
    }
    for (names, is_request, field) in [
        (&changes.remove_request_headers, true, "removeRequestHeaders"),
        (&changes.remove_response_headers, false, "removeResponseHeaders"),
    ] {
        for (index, name) in names.iter().enumerate() {
            remove(service, is_request, name, &at.field(field).item(index));
        }
    }
}

fn add(service: &mut Made, is_request: bool, name: &str, value: &str, append: bool, at: &At) {
    let list = if is_request { "config.http.header.addRequestHeaders" } else { "config.http.header.addResponseHeaders" };
    let mut header = json!({ "key": name, "value": value });
    if let (true, Some(header)) = (append, header.as_object_mut()) {
        header.insert("append".to_owned(), Value::Bool(true));
    }
    service.push(list, header, at);
}

fn remove(service: &mut Made, is_request: bool, name: &str, at: &At) {
    let list = if is_request { "config.http.header.removeRequestHeaders" } else { "config.http.header.removeResponseHeaders" };
    service.push(list, name, at);
}
