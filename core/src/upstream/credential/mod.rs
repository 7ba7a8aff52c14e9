//! What an upstream knows the gateway by. It is put into a request last, anew for each attempt, over whatever the caller sent; and
//! where it cannot be had, nothing is sent.

mod basic;
mod bearer;
mod custom;
mod injected;
mod oauth2;
mod passthrough;
mod query;
mod reference;
mod sigv4;

use std::fmt;

use bytes::Bytes;
use http::request::Parts;

use crate::check::exactly_one;
use crate::error::{ErrorKind, GatewayError};
use crate::feature::Feature;
use crate::platform::{LocalBoxFuture, Platform};
use crate::problem::Problems;
use crate::resource::service::UpstreamAuth;
use crate::secret::Secrets;
use basic::Basic;
use bearer::Bearer;
use custom::Custom;
pub use injected::Injected;
use oauth2::Oauth2;
pub use oauth2::Tokens;
use passthrough::Passthrough;
use query::Query;
use sigv4::SigV4;

/// `http.auth`, compiled.
#[derive(Debug)]
pub enum Credential {
    /// A Secret, as `Authorization: Bearer` (RFC 6750 §2.1).
    Bearer(Bearer),
    /// A user name and a Secret, as `Authorization: Basic` (RFC 7617).
    Basic(Basic),
    /// A Secret in a header of any name.
    Custom(Custom),
    /// A Secret as a parameter of the query.
    Query(Query),
    /// A token from a token endpoint (RFC 6749 §4.4), as `Authorization: Bearer`.
    Oauth2(Box<dyn Inject>),
    /// A signature of AWS Signature Version 4.
    SigV4(Box<dyn Inject>),
    /// The caller's own.
    Passthrough(Passthrough),
}

/// A credential that takes more than its Secret. Behind a pointer, so that a build that never makes one does not carry it.
pub trait Inject: fmt::Debug {
    /// As [`Credential::inject`].
    fn inject<'a>(
        &'a self,
        context: &'a InjectContext<'a>,
        parts: &'a mut Parts,
        body: Option<&'a Bytes>,
    ) -> LocalBoxFuture<'a, Result<Injected, GatewayError>>;
}

/// What there is to inject with, and what of the request is known only beside its head.
pub struct InjectContext<'a> {
    pub platform: &'a Platform,
    pub secrets: &'a Secrets,
    pub tokens: &'a Tokens,
    /// The value of `Host` where it is not the URL's.
    pub host: Option<&'a str>,
}

impl Credential {
    /// Compiles; every problem is reported at its place.
    pub fn compile(source: &UpstreamAuth, problems: &mut Problems) -> Option<Self> {
        exactly_one(
            problems,
            &[
                ("bearer", source.bearer.is_some()),
                ("basic", source.basic.is_some()),
                ("custom", source.custom.is_some()),
                ("oauth2ClientCredentials", source.oauth2_client_credentials.is_some()),
                ("sigv4", source.sigv4.is_some()),
                ("query", source.query.is_some()),
                ("passthrough", source.passthrough.is_some()),
            ],
        );
        // Each is compiled, so that all that is wrong is told at once.
        let bearer = source.bearer.as_ref().map(|source| problems.at("bearer", |p| Bearer::compile(source, p)).map(Self::Bearer));
        let basic = source.basic.as_ref().map(|source| problems.at("basic", |p| Basic::compile(source, p)).map(Self::Basic));
        let custom = source.custom.as_ref().map(|source| problems.at("custom", |p| Custom::compile(source, p)).map(Self::Custom));
        let oauth2 = source.oauth2_client_credentials.as_ref();
        let oauth2 = oauth2.map(|source| {
            problems
                .at("oauth2ClientCredentials", |p| {
                    if const { Feature::Oauth2Client.is_built() } {
                        Oauth2::compile(source, p).map(|credential| Box::new(credential) as Box<dyn Inject>)
                    } else {
                        Feature::Oauth2Client.refuse(p)
                    }
                })
                .map(Self::Oauth2)
        });
        let sigv4 = source.sigv4.as_ref().map(|source| {
            problems
                .at("sigv4", |p| {
                    if const { Feature::SigV4.is_built() } {
                        SigV4::compile(source, p).map(|credential| Box::new(credential) as Box<dyn Inject>)
                    } else {
                        Feature::SigV4.refuse(p)
                    }
                })
                .map(Self::SigV4)
        });
        let query = source.query.as_ref().map(|source| problems.at("query", |p| Query::compile(source, p)).map(Self::Query));
        let passthrough = source.passthrough.as_ref();
        let passthrough = passthrough.map(|source| problems.at("passthrough", |p| Passthrough::compile(source, p)).map(Self::Passthrough));
        [bearer, basic, custom, oauth2, sigv4, query, passthrough].into_iter().flatten().next().flatten()
    }

    /// Whether the request's body must be there, whole, before it is injected.
    pub fn needs_body(&self) -> bool {
        matches!(self, Self::SigV4(_))
    }

    /// Whether there may be another one after the upstream has refused this one ([`Injected::refused`]).
    pub fn can_change(&self) -> bool {
        matches!(self, Self::Oauth2(_))
    }

    /// Whether the caller's own `Authorization` goes on.
    pub fn passes_authorization(&self) -> bool {
        matches!(self, Self::Passthrough(_))
    }

    /// Puts the credential into the head of a request that is otherwise ready to be sent: its URI is absolute, and nothing of it
    /// changes afterwards. `body` is the whole body, empty where there is none; `None` where it is not known yet.
    ///
    /// # Errors
    /// 502 ([`ErrorKind::Credential`]) when it cannot be had or cannot stand where it belongs; 400 for a body that cannot be signed.
    pub async fn inject(&self, context: &InjectContext<'_>, parts: &mut Parts, body: Option<&Bytes>) -> Result<Injected, GatewayError> {
        match self {
            Self::Bearer(bearer) => bearer.inject(context, parts).await,
            Self::Basic(basic) => basic.inject(context, parts).await,
            Self::Custom(custom) => custom.inject(context, parts).await,
            Self::Query(query) => query.inject(context, parts).await,
            Self::Oauth2(credential) | Self::SigV4(credential) => credential.inject(context, parts, body).await,
            Self::Passthrough(passthrough) => {
                passthrough.inject(parts);
                Ok(Injected::default())
            }
        }
    }
}

/// The detail is for the log, and names no value.
fn failed(detail: impl Into<String>) -> GatewayError {
    GatewayError::new(ErrorKind::Credential, detail)
}
