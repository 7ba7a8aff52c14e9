//! What rules see of this request.

use crate::auth::Identity;
use crate::body::ReadBody;
use crate::context::{Context, Request};
use crate::error::GatewayError;
use crate::grpc;
use crate::platform::Body;
use crate::receive::{CleanPath, Received};
use crate::resource::service::Mode;
use crate::service::Service;

use super::installed::Installed;

/// The texts that rules see and that the request does not hold in this form.
pub struct View {
    path: CleanPath,
    decoded: String,
    uri: String,
    size: Option<u64>,
}

impl View {
    /// `path` is the one that the Service sees: under `/-/name/` without that prefix.
    pub fn new(received: &Received, path: CleanPath, body: &Body, read: &ReadBody) -> Self {
        let uri = match &received.query {
            Some(query) => format!("{}?{query}", path.as_str()),
            None => path.as_str().to_owned(),
        };
        let declared = || received.headers.get(http::header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok();
        let size = read.bytes.as_ref().map(|bytes| bytes.len() as u64).or_else(|| body.known_length()).or_else(declared);
        Self { decoded: path.decoded(), path, uri, size }
    }

    pub fn path(&self) -> &CleanPath {
        &self.path
    }

    /// What there is before anybody is known.
    pub fn anonymous_context<'r>(
        &'r self,
        received: &'r Received,
        read: &'r ReadBody,
        service: &Service,
        installed: &'r Installed,
    ) -> Context<'r> {
        let mut context = Context::new(Request {
            method: received.method.as_str(),
            path: &self.decoded,
            uri: &self.uri,
            host: &received.authority,
            scheme: &received.scheme,
            query: received.query.as_deref().unwrap_or_default(),
            headers: &received.headers,
            ip: received.client.ip,
            size: self.size,
            body: read.bytes.as_ref().and_then(|bytes| std::str::from_utf8(bytes).ok()),
            body_map: read.map.as_ref(),
        });
        if service.mode == Mode::Grpc {
            context.grpc = grpc::Call::of(&self.decoded);
        }
        context.service = Some(service.value.clone());
        context.region = installed.settings.region.as_deref();
        context
    }

    /// # Errors
    /// 500 when the Service's Namespace cannot be read.
    pub fn context<'r>(
        &'r self,
        received: &'r Received,
        read: &'r ReadBody,
        service: &Service,
        caller: Option<&Identity>,
        installed: &'r Installed,
    ) -> Result<Context<'r>, GatewayError> {
        let mut context = self.anonymous_context(received, read, service, installed);
        // An anonymous request has no namespace either, unless policies are to be evaluated for it.
        if caller.is_some() || service.anonymous_policies {
            context.namespace = Some(installed.namespace_value(&service.facts.namespace.name)?);
        }
        if let Some(caller) = caller {
            context.user = Some(caller.ctx_user().clone());
            context.groups = Some(caller.ctx_groups().clone());
            context.session = Some(caller.session.clone());
        }
        Ok(context)
    }
}
