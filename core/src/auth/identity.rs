use std::sync::Arc;

use http::HeaderName;
use serde_json::{Value, json};

use super::AuthFailure;
use super::authenticator::Accepted;
use super::principal::Proof;
use crate::context::Lazy;
use crate::platform::Timestamp;
use crate::resource::{Authorization, Group, Resource, User};

/// Who calls, proven.
#[derive(Clone)]
pub struct Identity {
    accepted: Arc<Accepted>,
    /// The headers that carried the token, which no upstream may see.
    pub token_headers: Vec<HeaderName>,
    /// `ctx.session`
    pub session: Lazy,
    /// The gateway itself has set the request's `Authorization`, which is then no longer the caller's own.
    pub sets_authorization: bool,
}

/// A resource whose policies apply to the caller.
pub struct PolicyOwner<'a> {
    pub kind: &'static str,
    pub name: &'a str,
    pub authorization: &'a Authorization,
}

impl Identity {
    pub(super) fn new(accepted: Accepted, token_headers: Vec<HeaderName>) -> Self {
        let accepted = Arc::new(accepted);
        let of = accepted.clone();
        Self { accepted, token_headers, session: Lazy::new(move || session(&of)), sets_authorization: false }
    }

    pub fn user(&self) -> &Arc<Resource<User>> {
        &self.accepted.principal.user
    }

    /// The uid that tokens and the access log name the user by.
    pub fn user_uid(&self) -> &str {
        &self.accepted.principal.user_uid
    }

    /// The user's groups, in the order of the User.
    pub fn groups(&self) -> &Arc<[Resource<Group>]> {
        &self.accepted.principal.groups
    }

    /// The name of the credential; of whoever another vouches for, `<who vouches>:<for whom>`.
    pub fn credential(&self) -> &str {
        &self.accepted.principal.credential
    }

    /// The same for all tokens of a credential, so that a limit by session cannot be evaded with another token.
    pub fn session_uid(&self) -> &str {
        &self.accepted.principal.session_uid
    }

    /// Names the token in logs and introspection; not the token itself.
    pub fn token_id(&self) -> &str {
        &self.accepted.token_id
    }

    /// `ctx.user`
    pub fn ctx_user(&self) -> &Arc<Value> {
        &self.accepted.principal.ctx_user
    }

    /// `ctx.groups`
    pub fn ctx_groups(&self) -> &Arc<Value> {
        &self.accepted.principal.ctx_groups
    }

    /// The resources behind the caller that bring policies: the user, the groups, the credential.
    pub fn policy_owners(&self) -> impl Iterator<Item = PolicyOwner<'_>> {
        let principal = &self.accepted.principal;
        let user = PolicyOwner { kind: "User", name: &principal.user.metadata.name, authorization: &principal.user.spec.authorization };
        let groups = principal.groups.iter();
        let groups = groups.map(|it| PolicyOwner { kind: "Group", name: &it.metadata.name, authorization: &it.spec.authorization });
        let credential = principal.resource.iter();
        let credential =
            credential.map(|it| PolicyOwner { kind: "Credential", name: &it.metadata.name, authorization: &it.spec.authorization });
        std::iter::once(user).chain(groups).chain(credential)
    }

    /// Whether the token's scopes allow this Service. To be asked before any policy.
    ///
    /// # Errors
    /// [`AuthFailure::InsufficientScope`].
    pub fn require_service(&self, name: &str, namespace: &str) -> Result<(), AuthFailure> {
        let allowed = self.accepted.scopes.allows_service(name, namespace);
        if allowed { Ok(()) } else { Err(AuthFailure::InsufficientScope { service: format!("{name}.{namespace}") }) }
    }
}

/// Octelium's Session, as far as a credential makes one. A session is the credential, not the token; where somebody else vouches for
/// the caller, it is the caller.
fn session(accepted: &Accepted) -> Value {
    let principal = &accepted.principal;
    let mut spec = json!({"state": "ACTIVE"});
    if let (Some(at), Some(spec)) = (accepted.credential_expires_at, spec.as_object_mut()) {
        spec.insert("expiresAt".into(), json!(at.to_rfc3339()));
    }
    let mut authentication = json!({"info": info(accepted)});
    if let (false, Some(authentication)) = (accepted.token_id.is_empty(), authentication.as_object_mut()) {
        authentication.insert("tokenID".into(), json!(accepted.token_id));
    }
    if let (Some(at), Some(authentication)) = (accepted.issued_at, authentication.as_object_mut()) {
        authentication.insert("setAt".into(), json!(Timestamp::from_seconds(at).to_rfc3339()));
    }
    let mut status = json!({
        "type": "CLIENTLESS",
        "isBrowser": false,
        "isConnected": false,
        "isLocked": false,
        "userRef": principal.user_ref,
        "authentication": authentication,
    });
    if let (Proof::Credential { reference, .. }, Some(status)) = (&principal.proof, status.as_object_mut()) {
        status.insert("credentialRef".into(), reference.clone());
    }
    if let (Some(claims), Some(status)) = (&accepted.claims, status.as_object_mut()) {
        status.insert("claims".into(), Value::clone(claims));
    }
    if let (false, Some(status)) = (accepted.scopes.is_unlimited(), status.as_object_mut()) {
        status.insert("scopes".into(), Value::Array(accepted.scopes.to_json()));
    }
    json!({
        "apiVersion": "core/v1",
        "kind": "Session",
        "metadata": {"uid": principal.session_uid, "name": principal.credential},
        "spec": spec,
        "status": status,
    })
}

/// How the caller was recognized.
fn info(accepted: &Accepted) -> Value {
    match &accepted.principal.proof {
        Proof::Credential { kind, reference } => json!({
            "type": "CREDENTIAL",
            "aal": "AAL1",
            "credential": {"credentialRef": reference, "type": kind, "tokenID": accepted.token_id},
        }),
        Proof::Voucher { by, identifier } => json!({
            "type": "IDENTITY_PROVIDER",
            "aal": "AAL1",
            "identityProvider": {"identityProviderRef": {"kind": "IdentityProvider", "name": by}, "identifier": identifier},
        }),
    }
}
