use super::{Scope, metadata};
use crate::check::{at_most, each, name};
use crate::policy::{ancestors, is_builtin};
use crate::problem::Problems;
use crate::resource::{AnyResource, Authorization, Policy};

const MAX_POLICIES: usize = 100;

const MAX_INLINE_POLICIES: usize = 100;
const MAX_POLICY_BYTES: usize = 100_000;

/// Reports what is wrong with a policy; its compiled form is made again where it is used.
pub fn policy(policy: &Policy, problems: &mut Problems) {
    crate::policy::Policy::compile(policy, problems);
    let bytes = serde_json::to_string(policy).map_or(usize::MAX, |json| json.len());
    if bytes > MAX_POLICY_BYTES {
        problems.error(format!("a policy has at most {MAX_POLICY_BYTES} bytes as JSON, found {bytes}"));
    }
    problems.at("attrs", |p| metadata::keys(&policy.attrs, p));
}

impl Scope<'_> {
    /// The policies that a resource attaches.
    pub(super) fn authorization(&self, resource: &AnyResource, problems: &mut Problems) {
        let Some(authorization) = authorization(resource) else { return };
        problems.at("authorization", |p| {
            if authorization.enable_anonymous && !matches!(resource, AnyResource::Service(_)) {
                p.at("enableAnonymous", |p| p.error("only a Service can have this"));
            }
            at_most(p, "policies", authorization.policies.len(), MAX_POLICIES, "policies");
            each(p, "policies", &authorization.policies, |p, name| self.policy_reference(name, p));
            at_most(p, "inlinePolicies", authorization.inline_policies.len(), MAX_INLINE_POLICIES, "policies");
            each(p, "inlinePolicies", &authorization.inline_policies, |p, inline| p.at("spec", |p| policy(&inline.spec, p)));
        });
    }

    /// A policy and the parents that come with it.
    fn policy_reference(&self, name: &str, problems: &mut Problems) {
        for policy in ancestors(name).filter(|policy| !is_builtin(policy)) {
            self.reference("Policy", policy, problems);
        }
    }

    /// The parents that come with a policy wherever it is attached.
    pub(super) fn parents(&self, policy: &str, problems: &mut Problems) {
        for parent in ancestors(policy).skip(1).filter(|parent| !is_builtin(parent)) {
            if !self.names.has("Policy", parent) {
                problems.error(format!("`{policy}` has the parent `{parent}`, and there is no such Policy"));
            }
        }
    }

    /// Reports a reference without a target.
    pub(super) fn reference(&self, kind: &'static str, name: &str, problems: &mut Problems) {
        if let Some(placeholder) = name::placeholder(name) {
            problems.error(format!("`{placeholder}` is a placeholder: put the real name in its place"));
        } else if !self.names.has(kind, name) {
            problems.error(format!("there is no {kind} `{name}`"));
        }
    }

    /// The name of a Secret, and perhaps a warning.
    pub(super) fn secret_reference(&self, name: &str, problems: &mut Problems) {
        if let Err(fault) = name::label(name) {
            problems.error(fault);
        }
        self.known_secret(name, problems);
    }

    /// A Secret may be in the store of the deployment, which nobody can see from here: a warning.
    pub(super) fn known_secret(&self, name: &str, problems: &mut Problems) {
        if name::label(name).is_ok() && !self.names.has("Secret", name) {
            let help = format!("unless it is in the store already, run `postern create secret {name}`");
            problems.warning_with_help(format!("there is no Secret `{name}` in these files"), help);
        }
    }
}

/// What a resource attaches, if its kind can.
pub fn authorization(resource: &AnyResource) -> Option<&Authorization> {
    match resource {
        AnyResource::Service(service) => Some(&service.spec.authorization),
        AnyResource::Namespace(namespace) => Some(&namespace.spec.authorization),
        AnyResource::User(user) => Some(&user.spec.authorization),
        AnyResource::Group(group) => Some(&group.spec.authorization),
        AnyResource::Credential(credential) => Some(&credential.spec.authorization),
        AnyResource::Gateway(gateway) => Some(&gateway.spec.authorization),
        AnyResource::Policy(_) | AnyResource::Secret(_) => None,
    }
}
