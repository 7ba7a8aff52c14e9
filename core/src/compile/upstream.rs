use super::{Scope, exactly_one, url};
use crate::platform::Capability;
use crate::problem::Problems;
use crate::resource::service::{Config, Upstream};

impl Scope<'_> {
    pub(super) fn upstream(&self, upstream: &Upstream, parent: Option<&Config>, problems: &mut Problems) {
        if parent.is_none() || upstream.loadbalance.is_some() || upstream.container.is_some() {
            exactly_one(
                problems,
                &[
                    ("url", upstream.url.is_some()),
                    ("loadbalance", upstream.loadbalance.is_some()),
                    ("container", upstream.container.is_some()),
                ],
            );
        }
        if let Some(url) = &upstream.url {
            problems.at("url", |p| self.upstream_url(url, p));
        }
        if upstream.loadbalance.is_some() {
            super::unsupported(problems, "loadbalance");
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

    fn upstream_url(&self, text: &str, problems: &mut Problems) {
        let uri = match url::parse(text) {
            Ok(uri) => uri,
            Err(fault) => return problems.error(fault),
        };
        match uri.scheme_str() {
            Some("http" | "https") => {}
            Some("ws" | "wss") => self.needs(Capability::WebSocket, "a WebSocket upstream", problems),
            Some(scheme @ ("grpc" | "h2c")) => problems.error(format!("the scheme `{scheme}` is not supported yet")),
            Some(scheme) => problems.error_with_help(format!("there is no scheme `{scheme}` here"), "it is `https`, `http`, `wss` or `ws`"),
            None => {}
        }
        if !url::is_origin(&uri) {
            let path = uri.path_and_query().map_or("", |path| path.as_str());
            problems.error_with_help("the upstream's address may have no path", format!("put `{path}` into `http.path.addPrefix`"));
        }
    }
}
