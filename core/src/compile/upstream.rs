use super::Scope;
use crate::check::url;
use crate::platform::Capability;
use crate::problem::Problems;
use crate::resource::service::Upstream;

impl Scope<'_> {
    pub(super) fn upstream(&self, upstream: &Upstream, problems: &mut Problems) {
        let is_socket = |url: &String| url::parse(url).is_ok_and(|url| matches!(url.scheme_str(), Some("ws" | "wss")));
        if upstream.url.as_ref().is_some_and(is_socket) {
            problems.at("url", |p| self.needs(Capability::WebSocket, "a WebSocket upstream", p));
        }
        if upstream.user.is_some() {
            problems.at("user", |p| p.warning("there are no tunnels to users at the edge: this Service answers 501"));
        }
        if let Some(container) = &upstream.container {
            problems.at("container", |p| {
                p.warning("containers are not supported yet: this Service answers 501");
                self.container(container, p);
            });
        }
    }
}
