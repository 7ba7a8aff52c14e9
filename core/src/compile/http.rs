use super::Scope;
use crate::check::{each, unsupported};
use crate::platform::Capability;
use crate::problem::Problems;
use crate::resource::service::{ExtProcProtocol, Http, Plugin, UpstreamAuth, Visibility};

impl Scope<'_> {
    pub(super) fn http(&self, http: &Http, problems: &mut Problems) {
        for (place, secret) in http.auth.iter().flat_map(UpstreamAuth::secrets) {
            problems.at("auth", |p| p.at_fields(place, |p| p.at("fromSecret", |p| self.known_secret(&secret.from_secret, p))));
        }
        problems.at("header", |p| self.header_rules(&http.header, p));
        if http.body.validation.is_some() {
            problems.at("body", |p| unsupported(p, "validation"));
        }
        each(problems, "plugins", &http.plugins, |p, plugin| self.plugin(plugin, p));
        problems.at("visibility", |p| visibility(&http.visibility, p));
        if http.retry.is_some() {
            unsupported(problems, "retry");
        }
    }
}

impl Scope<'_> {
    fn plugin(&self, plugin: &Plugin, problems: &mut Problems) {
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

fn visibility(visibility: &Visibility, problems: &mut Problems) {
    if visibility.enable_response_body {
        unsupported(problems, "enableResponseBody");
    }
    if visibility.enable_response_body_map {
        unsupported(problems, "enableResponseBodyMap");
    }
}
