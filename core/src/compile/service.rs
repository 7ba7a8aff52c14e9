use super::snapshot::DEFAULT_DOMAIN;
use super::{Scope, metadata};
use crate::check::{each, name, unsupported};
use crate::platform::Capability;
use crate::problem::Problems;
use crate::receive::CleanPath;
use crate::resource::Resource;
use crate::resource::service::{Config, Mode, Service};
use crate::route::{Hosts, Route};

impl Scope<'_> {
    pub(super) fn service(&self, resource: &Resource<Service>, problems: &mut Problems) {
        let service = &resource.spec;
        self.mode(service.mode, problems);
        self.retry_of_grpc(service, problems);
        if service.port.is_some_and(|port| port == 0 || port > 65_535) {
            problems.at("port", |p| p.error("a port is 1 to 65535"));
        }
        if service.deployment.as_ref().and_then(|deployment| deployment.replicas).is_some_and(|replicas| replicas > 100) {
            problems.at("deployment", |p| p.at("replicas", |p| p.error("at most 100")));
        }
        self.exposure(resource, problems);
        self.route_hosts(resource, problems);
        if service.is_anonymous && service.authentication.is_some() {
            let help = "take `isAnonymous` away, or `authentication`";
            problems.at("authentication", |p| p.error_with_help("nobody is asked who they are on an anonymous Service", help));
        }
        self.callers(resource, problems);
        if let Some(config) = &service.config {
            problems.at("config", |p| self.config(config, p));
        }
        if let Some(dynamic) = &service.dynamic_config {
            problems.at("dynamicConfig", |p| each(p, "configs", &dynamic.configs, |p, config| self.config(config, p)));
        }
        if let Some(region) = &service.region
            && let Err(fault) = name::label(region)
        {
            problems.at("region", |p| p.error(fault));
        }
        metadata::attrs(&service.attrs, problems);
    }

    /// A body that is kept has to end first, and that of a call which streams both ways does not.
    fn retry_of_grpc(&self, service: &Service, problems: &mut Problems) {
        let retries = |config: &Config| config.http.as_ref().is_some_and(|http| http.retry.is_some());
        let has_pools = |config: &Config| config.upstream.as_ref().is_some_and(|upstream| !upstream.pools.is_empty());
        let configs = || service.config.iter().chain(service.dynamic_config.iter().flat_map(|dynamic| &dynamic.configs));
        for (field, is_set) in [("retry", configs().any(retries)), ("pools", configs().any(has_pools))] {
            if service.mode == Mode::Grpc && is_set {
                let message =
                    format!("with `{field}` each call is read to its end before it is sent, so calls that stream both ways wait for ever");
                problems.warning_with_help(message, format!("take `{field}` away, unless all calls of this Service are unary"));
            }
        }
    }

    fn mode(&self, mode: Mode, problems: &mut Problems) {
        problems.at("mode", |p| match mode {
            Mode::Http | Mode::Web => {}
            Mode::ModeUnset => p.error_with_help("`mode` has to be set", "write `mode: HTTP`"),
            Mode::Grpc => self.needs(Capability::Grpc, "gRPC", p),
            other => p.error(format!("mode `{}` is not supported yet", other.as_str())),
        });
    }

    /// Who can reach the Service.
    fn exposure(&self, resource: &Resource<Service>, problems: &mut Problems) {
        let service = &resource.spec;
        let private = !service.is_public && !self.names.serves_private_services;
        if service.is_anonymous && !service.is_public {
            problems.at("isAnonymous", |p| p.error("an anonymous Service has to be public: set `isPublic: true` too"));
        } else if private && !service.is_disabled {
            let help = "set `isPublic: true`, or `servePrivateServices: true` on the Gateway";
            problems.warning_with_help("the Service is not public, so it answers 404", help);
        }
        if private && !service.routes.is_empty() {
            problems.at("routes", |p| p.error_with_help("routes need a public Service", "set `isPublic: true`"));
        }
        self.open(resource, problems);
        match (service.is_anonymous, service.authorization.enable_anonymous) {
            (true, false) if !service.authorization.is_set() => {}
            (true, false) => problems.at("authorization", |p| {
                p.error_with_help("policies of an anonymous Service have no effect", "set `enableAnonymous: true` in `authorization`");
            }),
            (false, true) => problems.at("authorization", |p| {
                p.at("enableAnonymous", |p| p.warning("this has an effect only with `isAnonymous: true`"));
            }),
            _ => {}
        }
    }

    /// Without any policy nobody is allowed, which surprises everybody once.
    fn callers(&self, resource: &Resource<Service>, problems: &mut Problems) {
        let service = &resource.spec;
        let namespace = resource.metadata.name.split_once('.').map_or("default", |(_, namespace)| namespace);
        let decided =
            service.authorization.is_set() || self.names.has_policies_of_callers || self.names.has_policies_of_namespace(namespace);
        if !(decided || service.is_disabled || service.is_anonymous && !service.authorization.enable_anonymous) {
            let help = "add a policy to the Service, its Namespace, a User, a Group or the Gateway, such as `authorization: {policies: [allow-all]}`";
            problems.warning_with_help("no policy allows anybody, so every request is answered 403", help);
        }
    }

    /// Hosts of Services come before routes.
    fn route_hosts(&self, resource: &Resource<Service>, problems: &mut Problems) {
        let own = crate::service::full_name(&resource.metadata.name);
        let hosts = Hosts::new(self.names.domain.unwrap_or(DEFAULT_DOMAIN), &[]);
        let Ok(root) = CleanPath::new("/") else { return };
        each(problems, "routes", &resource.spec.routes, |p, route| {
            each(p, "hosts", &route.hosts, |p, host| {
                if let Route::Service { name, .. } = hosts.route(host, &root, |name| self.names.has("Service", name))
                    && name != own
                {
                    let help = "give the route another host, or the Service another name";
                    p.warning_with_help(format!("`{host}` is the host of the Service `{name}`, which comes before all routes"), help);
                }
            });
        });
    }

    /// A Service is in the Namespace that its name says.
    pub(super) fn namespace(&self, service: &str, problems: &mut Problems) {
        if let Some((_, namespace)) = service.split_once('.')
            && name::service(service).is_ok()
            && !self.names.has("Namespace", namespace)
        {
            problems.error(format!("there is no Namespace `{namespace}`"));
        }
    }

    pub(super) fn config(&self, config: &Config, problems: &mut Problems) {
        if let Some(upstream) = &config.upstream {
            problems.at("upstream", |p| self.upstream(upstream, p));
        }
        if let Some(http) = &config.http {
            problems.at("http", |p| self.http(http, p));
        }
        for (field, set) in [
            ("tls", config.tls.is_some()),
            ("clientCertificate", config.client_certificate.is_some()),
            ("llm", config.llm.is_some()),
            ("mcp", config.mcp.is_some()),
            ("ssh", config.ssh.is_some()),
            ("postgres", config.postgres.is_some()),
            ("mysql", config.mysql.is_some()),
            ("kubernetes", config.kubernetes.is_some()),
            ("socks5", config.socks5.is_some()),
            ("rdp", config.rdp.is_some()),
        ] {
            if set {
                unsupported(problems, field);
            }
        }
    }

    /// Refuses what the host that this is compiled for cannot do.
    pub(super) fn needs(&self, capability: Capability, what: &str, problems: &mut Problems) {
        self.needs_or(capability, what, None, problems);
    }

    /// As [`Scope::needs`], saying what to do instead.
    pub(super) fn needs_or(&self, capability: Capability, what: &str, help: Option<&str>, problems: &mut Problems) {
        if let Some(host) = self.options.for_host
            && !host.capabilities.has(capability)
        {
            let message = format!("{what} is not possible on {}", host.name);
            match help {
                Some(help) => problems.error_with_help(message, help),
                None => problems.error(message),
            }
        }
    }
}
