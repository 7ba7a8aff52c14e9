use super::Scope;
use crate::check::each;
use crate::platform::{Capability, Precision};
use crate::problem::Problems;
use crate::resource::service::{ExtProcProtocol, Http, Plugin, UpstreamAuth};

impl Scope<'_> {
    pub(super) fn http(&self, http: &Http, problems: &mut Problems) {
        for (place, secret) in http.auth.iter().flat_map(UpstreamAuth::secrets) {
            problems.at("auth", |p| p.at_fields(place, |p| p.at("fromSecret", |p| self.known_secret(&secret.from_secret, p))));
        }
        problems.at("header", |p| self.header_rules(&http.header, p));
        each(problems, "mirror", &http.mirror, |p, mirror| p.at("url", |p| self.scheme(&mirror.url, p)));
        each(problems, "plugins", &http.plugins, |p, plugin| {
            self.counters(plugin, p);
            self.processor(plugin, p);
        });
    }

    /// A limit is worth what the host's counters are.
    fn counters(&self, plugin: &Plugin, problems: &mut Problems) {
        if let Some(host) = self.options.for_host
            && host.counters == Precision::BestEffort
            && let Some(kind) = limit_of(plugin)
        {
            let message = format!("counters on {} can lose attempts under load, so more than the limit may pass", host.name);
            problems.at(kind, |p| p.warning(message));
        }
    }

    /// Not every host speaks gRPC.
    fn processor(&self, plugin: &Plugin, problems: &mut Problems) {
        let Some(source) = plugin.ext_proc.as_ref().filter(|_| !plugin.is_disabled) else { return };
        problems.at("extProc", |p| {
            if source.container.is_some() {
                p.at("container", |p| p.warning("containers are not supported: requests that come to this plugin are answered 501"));
            } else if source.protocol != ExtProcProtocol::Http {
                let what = "an external processor over gRPC, which is the default,";
                p.at("protocol", |p| {
                    self.needs_or(Capability::Grpc, what, Some("write `protocol: HTTP`, and an address that takes it"), p)
                });
            }
        });
    }
}

/// The key of the limit that the plugin is, if it is one.
fn limit_of(plugin: &Plugin) -> Option<&'static str> {
    let kinds = [("rateLimit", plugin.rate_limit.is_some()), ("concurrencyLimit", plugin.concurrency_limit.is_some())];
    kinds.into_iter().find(|(_, set)| *set).map(|(kind, _)| kind)
}
