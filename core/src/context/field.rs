use http::HeaderMap;
use serde_json::Value;

use super::{Context, Query};

/// The objects of `ctx` that are not JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Object {
    /// `ctx`
    Root,
    /// `ctx.request`
    Request,
    /// `ctx.request.http`
    Http,
    /// `ctx.request.grpc`
    Grpc,
}

/// What stands at a key of an [`Object`].
#[derive(Debug, Clone)]
pub enum Field<'c> {
    Text(&'c str),
    OwnedText(String),
    Size(u64),
    Json(&'c Value),
    /// Keys in lower case; the first value of each.
    Headers(&'c HeaderMap),
    Query(Query<'c>),
    Object(Object),
}

impl Object {
    /// The keys that the object may have.
    pub const fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Root => &["groups", "namespace", "region", "request", "service", "session", "user"],
            Self::Request => &["grpc", "http", "ip"],
            Self::Grpc => &["http", "method", "package", "service", "serviceFullName"],
            Self::Http => &["body", "bodyMap", "headers", "host", "method", "path", "queryParams", "scheme", "size", "uri"],
        }
    }

    /// Keys that manifests may name although no request fills them: they belong to protocols that the gateway does not speak.
    pub const fn unfilled_keys(self) -> &'static [&'static str] {
        match self {
            Self::Root => &["device"],
            Self::Request => &["dns", "kubernetes", "llm", "mcp", "postgres", "socks5", "ssh"],
            Self::Http => &["protocol"],
            Self::Grpc => &[],
        }
    }
}

impl Context<'_> {
    /// The value at a key; `None` when it is missing for this request.
    pub fn field(&self, object: Object, key: &str) -> Option<Field<'_>> {
        match object {
            Object::Root => self.root(key),
            Object::Request => match key {
                "http" => Some(Field::Object(Object::Http)),
                "grpc" => self.grpc.map(|_| Field::Object(Object::Grpc)),
                "ip" => self.request.ip.map(|ip| Field::OwnedText(ip.to_string())),
                _ => None,
            },
            Object::Http => self.http(key),
            Object::Grpc => self.grpc(key),
        }
    }

    fn root(&self, key: &str) -> Option<Field<'_>> {
        let json = match key {
            "request" => return Some(Field::Object(Object::Request)),
            "region" => return text(self.region?),
            "user" => &self.user,
            "session" => return self.session.as_deref().map(Field::Json),
            "service" => &self.service,
            "namespace" => &self.namespace,
            "groups" => &self.groups,
            _ => return None,
        };
        json.as_deref().filter(|value| value.as_array().is_none_or(|list| !list.is_empty())).map(Field::Json)
    }

    fn grpc(&self, key: &str) -> Option<Field<'_>> {
        let call = self.grpc?;
        match key {
            "http" => Some(Field::Object(Object::Http)),
            "method" => text(call.method),
            "package" => text(call.package),
            "service" => text(call.service),
            "serviceFullName" => text(call.service_full_name),
            _ => None,
        }
    }

    fn http(&self, key: &str) -> Option<Field<'_>> {
        let request = &self.request;
        match key {
            "method" => text(request.method),
            "path" => text(request.path),
            "uri" => text(request.uri),
            "host" => text(request.host),
            "scheme" => text(request.scheme),
            "body" => text(request.body?),
            "bodyMap" => request.body_map.map(Field::Json),
            "size" => request.size.map(Field::Size),
            "headers" => Some(Field::Headers(request.headers)),
            "queryParams" => Some(Field::Query(Query(request.query))),
            _ => None,
        }
    }
}

fn text(text: &str) -> Option<Field<'_>> {
    (!text.is_empty()).then_some(Field::Text(text))
}
