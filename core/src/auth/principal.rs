use std::sync::Arc;

use serde_json::{Value, json};

use super::{Material, TokenFault};
use crate::platform::Timestamp;
use crate::resource::{Credential, CredentialType, Group, Metadata, Resource, User};
use crate::snapshot::{Snapshot, document, uid};

/// Whom a credential stands for, as the Snapshot has it. The same for all requests with that credential.
pub(super) struct Principal {
    /// Its name; of whoever another vouches for, `<who vouches>:<for whom>`.
    pub(super) credential: String,
    pub(super) proof: Proof,
    /// Absent for a credential that was made without a resource.
    pub(super) resource: Option<Resource<Credential>>,
    pub(super) user: Arc<Resource<User>>,
    pub(super) user_uid: String,
    pub(super) groups: Arc<[Resource<Group>]>,
    pub(super) session_uid: String,
    pub(super) user_ref: Value,
    pub(super) ctx_user: Arc<Value>,
    pub(super) ctx_groups: Arc<Value>,
    expires_at: Option<Timestamp>,
}

/// What a principal is recognized by.
pub(super) enum Proof {
    Credential {
        kind: CredentialType,
        reference: Value,
    },
    /// An issuer of tokens, or the Service's own list of passwords, says who it is.
    Voucher {
        by: String,
        identifier: String,
    },
}

impl Principal {
    /// # Errors
    /// The first that is found, in the order of the session, then the user.
    pub(super) fn new(snapshot: &Snapshot, material: &Material) -> Result<Self, TokenFault> {
        let resource = snapshot.credential(&material.name);
        // One that a newer version wrote and this one cannot read is not one that does not exist: it may deny, or be switched off.
        if resource.is_none() && snapshot.credentials.contains_key(&material.name) {
            return Err(TokenFault::CredentialMismatch);
        }
        let user = user_name(resource.as_ref(), material)?;
        let expires_at = resource.as_ref().and_then(|resource| resource.spec.expires_at.as_deref());
        // A date that cannot be read has passed.
        let expires_at = expires_at.map(|text| Timestamp::from_rfc3339(text).unwrap_or_default());
        if resource.as_ref().is_some_and(|resource| resource.spec.is_disabled) {
            return Err(TokenFault::CredentialDisabled);
        }
        let user = snapshot.user(user).ok_or(TokenFault::UserGone)?;
        let domain = &snapshot.domain;
        let uid_of_credential = resource.as_ref().and_then(|resource| resource.metadata.uid.clone());
        let credential_uid = uid_of_credential.unwrap_or_else(|| uid(domain, "Credential", &material.name));
        let proof = Proof::Credential { kind: material.kind, reference: reference("Credential", &material.name, &credential_uid) };
        let session_uid = uid(domain, "Session", &credential_uid);
        Ok(Self { resource, expires_at, ..Self::of_user(snapshot, user, material.name.clone(), proof, session_uid)? })
    }

    /// Of whom somebody else vouches for. `user` is the name of the User; without one there is a user `<by>:<identifier>` that no
    /// resource describes, without groups.
    ///
    /// # Errors
    /// As [`Principal::new`], of the user.
    pub(super) fn vouched(snapshot: &Snapshot, by: &str, identifier: &str, user: Option<&str>) -> Result<Self, TokenFault> {
        let name = format!("{by}:{identifier}");
        let user = match user {
            Some(user) => snapshot.user(user).ok_or(TokenFault::UserGone)?,
            None => Resource {
                api_version: None,
                kind: "User".to_owned(),
                metadata: Metadata { name: name.clone(), ..Metadata::default() },
                spec: User::default(),
            },
        };
        // No name of a credential has a NUL, so no session of one has this uid.
        let session_uid = uid(&snapshot.domain, "Session", &format!("{by}\0{identifier}"));
        let proof = Proof::Voucher { by: by.to_owned(), identifier: identifier.to_owned() };
        Self::of_user(snapshot, user, name, proof, session_uid)
    }

    fn of_user(
        snapshot: &Snapshot,
        user: Resource<User>,
        credential: String,
        proof: Proof,
        session_uid: String,
    ) -> Result<Self, TokenFault> {
        if user.spec.is_disabled {
            return Err(TokenFault::UserDisabled);
        }
        let group = |name: &String| snapshot.group(name).ok_or(TokenFault::UserGone);
        let groups: Arc<[_]> = user.spec.groups.iter().map(group).collect::<Result<_, _>>()?;
        let domain = &snapshot.domain;
        let user_uid = user.metadata.uid.clone().unwrap_or_else(|| uid(domain, "User", &user.metadata.name));
        let group_uid = |group: &Resource<Group>| group.metadata.uid.clone().unwrap_or_else(|| uid(domain, "Group", &group.metadata.name));
        let written = document(&snapshot.users, &user.metadata.name);
        // One whom only somebody else knows.
        let made = || json!({"kind": "User", "metadata": {"name": user.metadata.name}, "spec": {"type": user.spec.kind.as_str()}});
        let mut ctx_user = shown(written.unwrap_or_else(made), &user_uid);
        // Booleans are always there, so that comparing one with false does not fail on a missing key.
        set(&mut ctx_user, &["spec", "isDisabled"], json!(false));
        set(&mut ctx_user, &["status"], json!({"isLocked": false}));
        Ok(Self {
            credential,
            proof,
            resource: None,
            session_uid,
            user_ref: reference("User", &user.metadata.name, &user_uid),
            ctx_user: Arc::new(ctx_user),
            ctx_groups: Arc::new(
                groups
                    .iter()
                    .map(|group| shown(document(&snapshot.groups, &group.metadata.name).unwrap_or_default(), &group_uid(group)))
                    .collect(),
            ),
            user: Arc::new(user),
            user_uid,
            groups,
            expires_at: None,
        })
    }

    pub(super) fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }
}

/// The user whom the credential belongs to. The resource decides where there is one, and the record must not contradict it.
fn user_name<'a>(resource: Option<&'a Resource<Credential>>, material: &'a Material) -> Result<&'a str, TokenFault> {
    match (resource, &material.user) {
        (Some(resource), _) if resource.spec.kind != material.kind => Err(TokenFault::CredentialMismatch),
        (Some(resource), Some(user)) if *user != resource.spec.user => Err(TokenFault::CredentialMismatch),
        (Some(resource), _) => Ok(&resource.spec.user),
        (None, Some(user)) => Ok(user),
        (None, None) => Err(TokenFault::UnknownCredential),
    }
}

/// The resource as conditions see it: complete with its `apiVersion` and `uid`.
fn shown(mut value: Value, uid: &str) -> Value {
    set(&mut value, &["apiVersion"], json!("core/v1"));
    set(&mut value, &["metadata", "uid"], json!(uid));
    value
}

fn set(value: &mut Value, path: &[&str], new: Value) {
    match (value.as_object_mut(), path) {
        (Some(object), [last]) => {
            object.insert((*last).to_owned(), new);
        }
        (Some(object), [first, rest @ ..]) => set(object.entry(*first).or_insert_with(|| json!({})), rest, new),
        _ => {}
    }
}

fn reference(kind: &str, name: &str, uid: &str) -> Value {
    json!({"apiVersion": "core/v1", "kind": kind, "name": name, "uid": uid})
}
