//! `oauth2ClientCredentials`: the client credentials grant (RFC 6749 §4.4) towards the upstream's own issuer.

mod answer;
mod client;
mod compile;
mod stored;
#[cfg(test)]
mod tests;
mod tokens;

use std::rc::Rc;

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::request::Parts;

use super::reference::Reference;
use super::{Inject, InjectContext, Injected, failed};
use crate::error::{GatewayError, Retry};
use crate::platform::LocalBoxFuture;
use client::{Client, Endpoint};
pub use tokens::{Tokens, Used};

/// A client at a token endpoint, and the Secret that it proves itself with.
#[derive(Debug)]
pub struct Oauth2 {
    endpoint: Rc<Endpoint>,
    secret: Reference,
}

impl Inject for Oauth2 {
    fn inject<'a>(
        &'a self,
        context: &'a InjectContext<'a>,
        parts: &'a mut Parts,
        _body: Option<&'a Bytes>,
    ) -> LocalBoxFuture<'a, Result<Injected, GatewayError>> {
        Box::pin(async move {
            let secret = self.secret.resolve(context).await?;
            secret.text()?;
            let client = Client::new(self.endpoint.clone(), secret.value);
            let used = context.tokens.get(context.platform, client).await.map_err(|error| {
                let retry = if error.may_pass() { Retry::Soon } else { Retry::No };
                GatewayError { retry, ..failed(format!("no token from {}: {error}", self.endpoint.authority())) }
            })?;
            let value = used.value().header_value("Bearer ").map_err(|_| failed("the token cannot stand in a header"))?;
            parts.headers.insert(AUTHORIZATION, value);
            Ok(Injected::of_token(used))
        })
    }
}
