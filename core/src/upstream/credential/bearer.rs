use http::header::AUTHORIZATION;
use http::request::Parts;

use super::reference::Reference;
use super::{InjectContext, Injected};
use crate::error::GatewayError;
use crate::problem::Problems;
use crate::resource::service::SecretRef;

/// `bearer`: a Secret as a bearer token.
#[derive(Debug)]
pub struct Bearer(Reference);

impl Bearer {
    pub(super) fn compile(source: &SecretRef, problems: &mut Problems) -> Option<Self> {
        Reference::compile(source, problems).map(Self)
    }

    pub(super) async fn inject(&self, context: &InjectContext<'_>, parts: &mut Parts) -> Result<Injected, GatewayError> {
        let secret = self.0.resolve(context).await?;
        parts.headers.insert(AUTHORIZATION, secret.value.header_value("Bearer ").map_err(|why| secret.failed(why))?);
        Ok(Injected::of(secret.value))
    }
}
