//! Who calls: credentials, access tokens, and the token endpoint that trades one for the other.
//!
//! A credential is a resource (what it may do) and a record in the store (how it is proven). Access tokens are signed JWTs, so
//! issuing one writes nothing; the record and the revocations are read when a token is used, and remembered for as long as the
//! store allows.

mod api_key;
mod authenticator;
mod basic;
mod carrier;
mod digest;
mod entry;
mod failure;
#[cfg_attr(not(feature = "jwt"), path = "without_foreign.rs")]
mod foreign;
#[cfg(fuzzing)]
pub mod fuzzing;
mod identify;
mod identity;
mod issue;
mod jwt;
mod material;
mod methods;
pub mod oauth2;
mod presented;
mod principal;
mod provider;
mod refusal;
mod scope;
mod state;
#[cfg(test)]
mod testing;

pub use api_key::key_digest;
pub(crate) use api_key::{is_digest, read_key};
pub use authenticator::Authenticator;
pub use entry::{StoreWrite, client_key, credential_key, entry_name, write_all};
pub use failure::{AuthFailure, Outage, TokenFault};
pub use identify::{Admitted, EntryValue};
pub use identity::{Identity, PolicyOwner};
pub use issue::{IssueError, Issued, NewCredential, Plaintext, issue, remove, revoke, rotate};
pub use material::{Material, MaterialError, SecretDigest};
pub use methods::Methods;
pub use presented::{ForeignAuthorization, X_OCTELIUM_AUTH, X_POSTERN_AUTH, holds_gateway_token};
pub use refusal::Challenge;
pub use scope::{InvalidScope, Scope, Scopes};
