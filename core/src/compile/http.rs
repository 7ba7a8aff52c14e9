use super::Scope;
use crate::check::{each, unsupported};
use crate::platform::Precision;
use crate::problem::Problems;
use crate::resource::service::{Http, Plugin, UpstreamAuth};

impl Scope<'_> {
    pub(super) fn http(&self, http: &Http, problems: &mut Problems) {
        for (place, secret) in http.auth.iter().flat_map(UpstreamAuth::secrets) {
            problems.at("auth", |p| p.at_fields(place, |p| p.at("fromSecret", |p| self.known_secret(&secret.from_secret, p))));
        }
        problems.at("header", |p| self.header_rules(&http.header, p));
        if http.body.validation.is_some() {
            problems.at("body", |p| unsupported(p, "validation"));
        }
        if http.retry.is_some() {
            unsupported(problems, "retry");
        }
        each(problems, "plugins", &http.plugins, |problems, plugin| self.counters(plugin, problems));
    }

    /// A limit is worth what the host's counters are.
    fn counters(&self, plugin: &Plugin, problems: &mut Problems) {
        if let Some(host) = self.options.for_host
            && host.counters == Precision::BestEffort
            && plugin.rate_limit.is_some()
        {
            let message = format!("counters on {} can lose attempts under load, so more than the limit may pass", host.name);
            problems.at("rateLimit", |p| p.warning(message));
        }
    }
}
