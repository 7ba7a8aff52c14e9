//! Services that anybody may call.

use super::Scope;
use crate::problem::Problems;
use crate::resource::Resource;
use crate::resource::service::{Config, Service};

/// The annotation that says: this Service is open, and that is meant.
const MEANT: &str = "postern.dev/open";

impl Scope<'_> {
    /// Warns of a Service that anybody may call, and more so of one that adds a credential to what they send: whoever finds it uses up
    /// what the credential pays for. [`super::Options::refuse_open`] makes that an error.
    pub(super) fn open(&self, resource: &Resource<Service>, problems: &mut Problems) {
        if resource.metadata.annotations.get(MEANT).is_some_and(|value| value == "true") {
            return;
        }
        problems.at("isAnonymous", |p| {
            if !adds_credential(&resource.spec) {
                return p.warning("anybody may call this Service, without a token");
            }
            let message = "anybody may call this Service, without a token, and it adds the upstream's credential to what they send";
            let help = format!("let callers prove who they are, or say that it is meant with the annotation `{MEANT}: \"true\"`");
            if self.options.refuse_open {
                p.error_with_help(message, help);
            } else {
                p.warning_with_help(message, format!("{help}; without it, deployments refuse this"));
            }
        });
    }
}

/// Whether one of its configurations has a credential that is not the caller's own.
fn adds_credential(service: &Service) -> bool {
    let of_config = |config: &Config| {
        let auth = config.http.as_ref().and_then(|http| http.auth.as_ref());
        auth.is_some_and(|auth| auth.passthrough.is_none())
    };
    service.config.iter().chain(service.dynamic_config.iter().flat_map(|dynamic| &dynamic.configs)).any(of_config)
}
