use std::rc::Rc;
use std::sync::Arc;

use serde_json::{Value, json};

use super::{Material, TokenFault};
use crate::platform::Timestamp;
use crate::resource::{Credential, CredentialType, Group, Resource, User};
use crate::snapshot::{Snapshot, Table, document, uid};

/// Whom a credential stands for, as the Snapshot has it. The same for all requests with that credential.
pub(super) struct Principal {
    pub(super) credential: String,
    pub(super) kind: CredentialType,
    /// Absent for a credential that was made without a resource.
    pub(super) resource: Option<Resource<Credential>>,
    pub(super) user: Rc<Resource<User>>,
    pub(super) user_uid: String,
    pub(super) groups: Rc<[Resource<Group>]>,
    pub(super) session_uid: String,
    pub(super) credential_ref: Value,
    pub(super) user_ref: Value,
    pub(super) ctx_user: Arc<Value>,
    pub(super) ctx_groups: Arc<Value>,
    expires_at: Option<Timestamp>,
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
        if user.spec.is_disabled {
            return Err(TokenFault::UserDisabled);
        }
        let group = |name: &String| snapshot.group(name).ok_or(TokenFault::UserGone);
        let groups: Rc<[_]> = user.spec.groups.iter().map(group).collect::<Result<_, _>>()?;

        let domain = &snapshot.domain;
        let user_uid = user.metadata.uid.clone().unwrap_or_else(|| uid(domain, "User", &user.metadata.name));
        let uid_of_credential = resource.as_ref().and_then(|resource| resource.metadata.uid.clone());
        let credential_uid = uid_of_credential.unwrap_or_else(|| uid(domain, "Credential", &material.name));
        let group_uid = |group: &Resource<Group>| group.metadata.uid.clone().unwrap_or_else(|| uid(domain, "Group", &group.metadata.name));
        let mut ctx_user = shown(&snapshot.users, &user.metadata.name, &user_uid);
        // Booleans are always there, so that comparing one with false does not fail on a missing key.
        set(&mut ctx_user, &["spec", "isDisabled"], json!(false));
        set(&mut ctx_user, &["status"], json!({"isLocked": false}));
        Ok(Self {
            credential: material.name.clone(),
            kind: material.kind,
            session_uid: uid(domain, "Session", &credential_uid),
            credential_ref: reference("Credential", &material.name, &credential_uid),
            user_ref: reference("User", &user.metadata.name, &user_uid),
            ctx_user: Arc::new(ctx_user),
            ctx_groups: Arc::new(groups.iter().map(|group| shown(&snapshot.groups, &group.metadata.name, &group_uid(group))).collect()),
            resource,
            user: Rc::new(user),
            user_uid,
            groups,
            expires_at,
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
fn shown(table: &Table, name: &str, uid: &str) -> Value {
    let mut value = document(table, name).unwrap_or_default();
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
