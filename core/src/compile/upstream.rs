use super::Scope;
use crate::check::{each, url};
use crate::platform::Capability;
use crate::problem::Problems;
use crate::resource::service::Upstream;

impl Scope<'_> {
    pub(super) fn upstream(&self, upstream: &Upstream, problems: &mut Problems) {
        if upstream.url.as_deref().is_some_and(is_socket) {
            problems.at("url", |p| self.needs(Capability::WebSocket, "a WebSocket upstream", p));
        }
        if upstream.user.is_some() {
            problems.at("user", no_tunnel);
        }
        if let Some(balance) = &upstream.loadbalance {
            problems.at("loadbalance", |p| {
                each(p, "endpoints", &balance.endpoints, |p, endpoint| {
                    if is_socket(&endpoint.url) {
                        p.at("url", |p| self.needs(Capability::WebSocket, "a WebSocket upstream", p));
                    }
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
}

fn is_socket(url: &str) -> bool {
    url::parse(url).is_ok_and(|url| matches!(url.scheme_str(), Some("ws" | "wss")))
}

fn no_tunnel(problems: &mut Problems) {
    problems.warning_with_help(
        "a tunnel to a connected client of this User is needed, and there are none at the edge: this configuration answers 501",
        "if the upstream can be reached over the network, write its address as `url`",
    );
}
