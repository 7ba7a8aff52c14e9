use super::{Scope, at_most, each, name, seam};
use crate::problem::Problems;
use crate::resource::Authorization;

const MAX_POLICIES: usize = 100;

impl Scope<'_> {
    /// The policies of a resource that is not a Service.
    pub(super) fn authorization(&self, authorization: &Authorization, problems: &mut Problems) {
        if authorization.enable_anonymous {
            problems.at("authorization", |p| p.at("enableAnonymous", |p| p.error("only a Service can have this")));
        }
        self.policies(authorization, problems);
    }

    pub(super) fn policies(&self, authorization: &Authorization, problems: &mut Problems) {
        problems.at("authorization", |p| {
            at_most(p, "policies", authorization.policies.len(), MAX_POLICIES, "policies");
            each(p, "policies", &authorization.policies, |p, policy| self.policy_name(policy, p));
            at_most(p, "inlinePolicies", authorization.inline_policies.len(), MAX_POLICIES, "policies");
            each(p, "inlinePolicies", &authorization.inline_policies, |p, inline| p.at("spec", |p| seam::policy(&inline.spec, p)));
        });
    }

    /// A policy brings its parents along, so they have to exist as well.
    fn policy_name(&self, policy: &str, problems: &mut Problems) {
        if let Err(fault) = name::policy(policy) {
            return problems.error(fault);
        }
        for policy in std::iter::once(policy).chain(name::policy_parents(policy)) {
            self.reference("Policy", policy, problems);
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

    /// A Secret may be in the store of the deployment, which nobody can see from here.
    pub(super) fn secret_reference(&self, name: &str, problems: &mut Problems) {
        if let Err(fault) = name::label(name) {
            problems.error(fault);
        } else if !self.names.has("Secret", name) {
            let help = format!("unless it is in the store already, run `postern create secret {name}`");
            problems.warning_with_help(format!("there is no Secret `{name}` in these files"), help);
        }
    }
}
