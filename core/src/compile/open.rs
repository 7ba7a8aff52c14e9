//! Services that anybody may call.

use super::Scope;
use super::headers::is_credential;
use crate::problem::Problems;
use crate::resource::service::{Config, JwtPolicy, Service};
use crate::resource::{Authorization, Effect, Resource};

/// The annotation that says: this Service is open, and that is meant.
const MEANT: &str = "postern.dev/open";

impl Scope<'_> {
    /// Warns of a Service that anybody may call, and more so of one that adds a credential to what they send: whoever finds it uses up
    /// what the credential pays for. [`super::Options::refuse_open`] makes that an error.
    pub(super) fn open(&self, resource: &Resource<Service>, problems: &mut Problems) {
        let Some(fields) = open_by(&resource.spec) else { return };
        if resource.metadata.annotations.get(MEANT).is_some_and(|value| value == "true") {
            return;
        }
        problems.at_fields(fields, |p| {
            let help = format!("let callers prove who they are, or say that it is meant with the annotation `{MEANT}: \"true\"`");
            if !adds_credential(&resource.spec) {
                return p.warning_with_help("anybody may call this Service, without a token", help);
            }
            let message = "anybody may call this Service, without a token, and it adds the upstream's credential to what they send";
            if self.options.refuse_open {
                p.error_with_help(message, help);
            } else {
                p.warning_with_help(message, format!("{help}; without it, deployments refuse this"));
            }
        });
    }
}

/// The fields that open a Service to everybody.
fn open_by(service: &Service) -> Option<&'static [&'static str]> {
    let lets_in_without_token = service.authentication.as_ref().is_some_and(|methods| methods.jwt_policy != JwtPolicy::RequireValid);
    let allows_everybody = allows_everybody(&service.authorization);
    match (service.is_anonymous, service.authorization.enable_anonymous) {
        (true, false) => Some(&["isAnonymous"]),
        (true, true) if allows_everybody => Some(&["isAnonymous"]),
        (false, _) if lets_in_without_token && allows_everybody => Some(&["authentication", "jwtPolicy"]),
        _ => None,
    }
}

/// Whether a policy of the Service allows whoever it may be.
fn allows_everybody(authorization: &Authorization) -> bool {
    let rules = authorization.inline_policies.iter().filter(|policy| !policy.spec.is_disabled).flat_map(|policy| &policy.spec.rules);
    authorization.policies.iter().any(|policy| policy == "allow-all")
        || rules.into_iter().any(|rule| rule.effect == Effect::Allow && rule.condition.match_any == Some(true))
}

/// Whether one of its configurations has a credential that is not the caller's own.
fn adds_credential(service: &Service) -> bool {
    let of_config = |config: &Config| {
        let Some(http) = &config.http else { return false };
        let written = http.header.add_request_headers.iter().any(is_credential);
        written || http.auth.as_ref().is_some_and(|auth| auth.passthrough.is_none())
    };
    service.config.iter().chain(service.dynamic_config.iter().flat_map(|dynamic| &dynamic.configs)).any(of_config)
}
