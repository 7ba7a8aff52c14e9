use http::HeaderName;
use http::request::Parts;

use super::reference::Reference;
use super::{InjectContext, Injected};
use crate::check::header;
use crate::error::GatewayError;
use crate::problem::Problems;
use crate::receive::is_hop_by_hop;
use crate::receive::remove_alike;
use crate::resource::service::CustomAuth;

/// `custom`: a Secret as the value of a header.
#[derive(Debug)]
pub struct Custom {
    header: HeaderName,
    value: Reference,
}

impl Custom {
    pub(super) fn compile(source: &CustomAuth, problems: &mut Problems) -> Option<Self> {
        let header = problems.at("header", |problems| credential_header(&source.header, problems));
        let value = problems.at("value", |problems| Reference::compile(&source.value, problems));
        Some(Self { header: header?, value: value? })
    }

    pub(super) async fn inject(&self, context: &InjectContext<'_>, parts: &mut Parts) -> Result<Injected, GatewayError> {
        let secret = self.value.resolve(context).await?;
        let value = secret.value.header_value("").map_err(|why| secret.failed(why))?;
        remove_alike(&mut parts.headers, &self.header);
        parts.headers.insert(self.header.clone(), value);
        Ok(Injected::of(secret.value))
    }
}

/// The name of a header that can carry a credential.
pub(super) fn credential_header(text: &str, problems: &mut Problems) -> Option<HeaderName> {
    let name = header::name(text, problems)?;
    if !is_free(&name) {
        problems.error(format!("`{name}` belongs to the message or its connection, and cannot carry a credential"));
        return None;
    }
    Some(name)
}

/// Hosts refuse these names, or set them by themselves.
fn is_free(name: &HeaderName) -> bool {
    const OF_THE_MESSAGE: [&str; 5] = ["host", "content-length", "content-type", "content-encoding", "trailer"];
    !is_hop_by_hop(name) && !OF_THE_MESSAGE.contains(&name.as_str())
}
