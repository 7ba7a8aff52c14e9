//! `sigv4`: AWS Signature Version 4 in the `Authorization` header, over the whole body.
//!
//! What is signed is what will be sent, so the request is first brought into the form that every host leaves as it is: one line for
//! each signed header, and no character in the URL that a host would encode by itself.

mod canonical;
mod sign;
#[cfg(test)]
mod vectors;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderName, HeaderValue};
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{HeaderMap, Uri};
use sha2::{Digest, Sha256};

use super::reference::Reference;
use super::{Inject, InjectContext, Injected, failed};
use crate::error::{ErrorKind, GatewayError};
use crate::hex;
use crate::platform::{Capability, LocalBoxFuture};
use crate::problem::Problems;
use crate::receive::remove_alike;
use crate::resource::service::SigV4 as Source;
use sign::{Scope, authorization, timestamp};

/// An access key of AWS and what it signs for.
#[derive(Debug)]
pub struct SigV4 {
    access_key_id: String,
    secret_access_key: Reference,
    session_token: Option<Reference>,
    region: String,
    service: String,
}

impl Inject for SigV4 {
    fn inject<'a>(
        &'a self,
        context: &'a InjectContext<'a>,
        parts: &'a mut Parts,
        body: Option<&'a Bytes>,
    ) -> LocalBoxFuture<'a, Result<Injected, GatewayError>> {
        Box::pin(self.sign(context, parts, body))
    }
}

const DATE: HeaderName = HeaderName::from_static("x-amz-date");
const CONTENT_SHA256: HeaderName = HeaderName::from_static("x-amz-content-sha256");
const SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");

impl SigV4 {
    pub(super) fn compile(source: &Source, problems: &mut Problems) -> Option<Self> {
        let is_word = |text: &str, others: &str| {
            (1..=128).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || others.contains(c))
        };
        // They are joined by slashes into the scope of the signature.
        for (field, text, others, example) in [
            ("accessKeyID", &source.access_key_id, "", "AKIAIOSFODNN7EXAMPLE"),
            ("region", &source.region, "-", "eu-central-1"),
            ("service", &source.service, "-", "bedrock"),
        ] {
            if !is_word(text, others) {
                problems.at(field, |problems| problems.error(format!("{text:?} is not one of AWS's names, such as `{example}`")));
            }
        }
        let secret = problems.at("secretAccessKey", |problems| Reference::compile(&source.secret_access_key, problems));
        let token = source.session_token.as_ref();
        let session_token = token.map(|token| problems.at("sessionToken", |problems| Reference::compile(token, problems)));
        Some(Self {
            access_key_id: source.access_key_id.clone(),
            secret_access_key: secret?,
            session_token: session_token.map_or(Some(None), |token| token.map(Some))?,
            region: source.region.clone(),
            service: source.service.clone(),
        })
    }

    async fn sign(&self, context: &InjectContext<'_>, parts: &mut Parts, body: Option<&Bytes>) -> Result<Injected, GatewayError> {
        let body = body.ok_or_else(|| failed("the body was not read, and its digest has to be signed"))?;
        refuse_signed_chunks(&parts.headers)?;
        let secret = self.secret_access_key.resolve(context).await?;
        let key = secret.text()?;
        let token = match &self.session_token {
            Some(token) => Some(token.resolve(context).await?),
            None => None,
        };

        let digest = hex::encode(&Sha256::digest(body));
        let time = timestamp(context.platform.clock.now());
        let token_value = token.as_ref().map(|token| token.value.header_value("").map_err(|why| token.failed(why))).transpose()?;
        for (name, value) in [(DATE, Some(text(&time)?)), (CONTENT_SHA256, Some(text(&digest)?)), (SECURITY_TOKEN, token_value)] {
            remove_alike(&mut parts.headers, &name);
            parts.headers.extend(value.map(|value| (name, value)));
        }
        parts.headers.remove(AUTHORIZATION);
        join_lines(&mut parts.headers);
        parts.uri = settled(&parts.uri).ok_or_else(|| failed("the URI cannot be written as it is signed"))?;

        let host = host(context, &parts.uri);
        let signed = parts.headers.iter().filter(|(name, _)| is_signed(name)).map(|(name, value)| (name.as_str(), value.as_bytes()));
        let request = canonical::Request {
            method: parts.method.as_str(),
            path: parts.uri.path(),
            query: parts.uri.query().unwrap_or_default(),
            headers: canonical::headers(signed.chain([("host", host.as_bytes())])),
            payload: &digest,
        };
        let scope = Scope { time: &time, region: &self.region, service: &self.service };
        let value = authorization(&self.access_key_id, key, &scope, &request);
        parts.headers.insert(AUTHORIZATION, text(&value)?);
        Ok(token.map(|token| Injected::of(token.value)).unwrap_or_default())
    }
}

/// The host as it goes on the wire, which is another than the URL's only where the host can do that.
fn host<'a>(context: &InjectContext<'a>, uri: &'a Uri) -> &'a str {
    let other = context.host.filter(|_| context.platform.capabilities.has(Capability::HostOverride));
    other.or(uri.authority().map(|authority| authority.as_str())).unwrap_or_default()
}

/// Headers that the upstream acts upon. Others may be changed on the way.
fn is_signed(name: &HeaderName) -> bool {
    *name == CONTENT_TYPE || name.as_str().starts_with("x-amz-")
}

/// Hosts join repeated lines in ways of their own.
fn join_lines(headers: &mut HeaderMap) {
    let names: Vec<HeaderName> =
        headers.keys().filter(|name| is_signed(name) && headers.get_all(*name).iter().nth(1).is_some()).cloned().collect();
    for name in names {
        let lines: Vec<&[u8]> = headers.get_all(&name).iter().map(HeaderValue::as_bytes).collect();
        if let Ok(value) = HeaderValue::from_bytes(&lines.join(b",".as_slice())) {
            headers.insert(name, value);
        }
    }
}

/// The URL with every character encoded that some host would encode, and its query in AWS's own form: in it a `+` would be a space
/// to one server and a plus to another.
fn settled(uri: &Uri) -> Option<Uri> {
    let path = canonical::settled_path(uri.path());
    let text = match uri.query() {
        Some(query) => format!("{path}?{}", canonical::settled_query(query)),
        None => path,
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(text.parse::<PathAndQuery>().ok()?);
    Uri::from_parts(parts).ok()
}

/// A body in AWS's own framing holds signatures of the client's, which nobody could check against this one.
fn refuse_signed_chunks(headers: &HeaderMap) -> Result<(), GatewayError> {
    let mut encodings = headers.get_all(CONTENT_ENCODING).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    if encodings.any(|encoding| encoding.trim().eq_ignore_ascii_case("aws-chunked")) {
        let message = "A body with the content encoding aws-chunked cannot be signed anew: send it as it is.";
        return Err(GatewayError::new(ErrorKind::BadRequest, "an aws-chunked body").saying(message));
    }
    Ok(())
}

fn text(text: &str) -> Result<HeaderValue, GatewayError> {
    HeaderValue::from_str(text).map_err(|_| failed("the signature cannot stand in a header"))
}
