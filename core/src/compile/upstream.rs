use super::Scope;
use crate::check::{each, url};
use crate::platform::Capability;
use crate::problem::Problems;
use crate::resource::service::Upstream;

impl Scope<'_> {
    pub(super) fn upstream(&self, upstream: &Upstream, problems: &mut Problems) {
        if let Some(url) = &upstream.url {
            problems.at("url", |p| self.scheme(url, p));
        }
        if upstream.user.is_some() {
            problems.at("user", no_tunnel);
        }
        if let Some(balance) = &upstream.loadbalance {
            problems.at("loadbalance", |p| {
                each(p, "endpoints", &balance.endpoints, |p, endpoint| {
                    p.at("url", |p| self.scheme(&endpoint.url, p));
                    if endpoint.user.is_some() {
                        p.at("user", no_tunnel);
                    }
                });
            });
        }
        if let Some(container) = &upstream.container {
            problems.at("container", |p| self.container(container, p));
        }
    }

    /// What a host has to speak.
    pub(super) fn scheme(&self, address: &str, problems: &mut Problems) {
        match url::parse(address).ok().as_ref().and_then(|url| url.scheme_str()) {
            Some("ws" | "wss") => self.needs(Capability::WebSocket, "a WebSocket upstream", problems),
            Some("grpc" | "h2c") => self.needs(Capability::Grpc, "an upstream that speaks HTTP/2 without TLS", problems),
            _ => {}
        }
    }
}

fn no_tunnel(problems: &mut Problems) {
    problems.warning_with_help(
        "a tunnel to a connected client of this User is needed, and there are none at the edge: this configuration answers 501",
        "if the upstream can be reached over the network, write its address as `url`",
    );
}
