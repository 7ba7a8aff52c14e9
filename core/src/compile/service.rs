use std::collections::BTreeMap;

use super::{Scope, at_most, each, exactly_one, metadata, name, unsupported};
use crate::condition::Condition;
use crate::platform::Capability;
use crate::problem::Problems;
use crate::resource::Resource;
use crate::resource::service::{Config, DynamicConfig, DynamicRule, Mode, Service};

const MAX_CONFIGS: usize = 1000;
const DEFAULT: &str = "default";

impl Scope<'_> {
    pub(super) fn service(&self, resource: &Resource<Service>, problems: &mut Problems) {
        let service = &resource.spec;
        self.mode(service.mode, problems);
        if service.port.is_some_and(|port| port == 0 || port > 65_535) {
            problems.at("port", |p| p.error("a port is 1 to 65535"));
        }
        if service.deployment.as_ref().and_then(|deployment| deployment.replicas).is_some_and(|replicas| replicas > 100) {
            problems.at("deployment", |p| p.at("replicas", |p| p.error("at most 100")));
        }
        self.exposure(service, problems);
        self.callers(resource, problems);
        if let Some(config) = &service.config {
            problems.at("config", |p| self.default_config(config, p));
        }
        if let Some(dynamic) = &service.dynamic_config {
            problems.at("dynamicConfig", |p| self.dynamic(dynamic, service.config.as_ref(), p));
        }
        if service.config.is_none() && service.dynamic_config.as_ref().is_none_or(|dynamic| dynamic.configs.is_empty()) {
            problems.error_with_help("the Service has no `config`", "say where requests go: `config: {upstream: {url: https://…}}`");
        }
        if let Some(region) = &service.region
            && let Err(fault) = name::label(region)
        {
            problems.at("region", |p| p.error(fault));
        }
        metadata::attrs(&service.attrs, problems);
    }

    fn mode(&self, mode: Mode, problems: &mut Problems) {
        problems.at("mode", |p| match mode {
            Mode::Http | Mode::Web => {}
            Mode::ModeUnset => p.error_with_help("`mode` has to be set", "write `mode: HTTP`"),
            Mode::Grpc => {
                p.error("mode `GRPC` is not supported yet");
                self.needs(Capability::Grpc, "gRPC", p);
            }
            other => p.error(format!("mode `{}` is not supported yet", other.as_str())),
        });
    }

    /// Who can reach the Service.
    fn exposure(&self, service: &Service, problems: &mut Problems) {
        let private = !service.is_public && !self.names.serves_private_services;
        if service.is_anonymous && !service.is_public {
            problems.at("isAnonymous", |p| p.error("an anonymous Service has to be public: set `isPublic: true` too"));
        } else if private && !service.is_disabled {
            let help = "set `isPublic: true`, or `servePrivateServices: true` on the Gateway";
            problems.warning_with_help("the Service is not public, so it answers 404", help);
        }
        match (service.is_anonymous, service.authorization.enable_anonymous) {
            (true, false) if !service.authorization.is_set() => {
                problems.at("isAnonymous", |p| p.warning("anybody may call this Service, without a token"));
            }
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

    /// A Service is in the Namespace that its name says.
    pub(super) fn namespace(&self, service: &str, problems: &mut Problems) {
        if let Some((_, namespace)) = service.split_once('.')
            && name::service(service).is_ok()
            && !self.names.has("Namespace", namespace)
        {
            problems.error(format!("there is no Namespace `{namespace}`"));
        }
    }

    fn default_config(&self, config: &Config, problems: &mut Problems) {
        if config.name.as_deref().is_some_and(|name| !name.is_empty() && name != DEFAULT) {
            problems.at("name", |p| p.error("the default configuration has no name of its own: leave it away, or write `default`"));
        }
        if config.parent.is_some() {
            problems.at("parent", |p| p.error("the default configuration has no parent"));
        }
        self.config(config, None, problems);
    }

    fn dynamic(&self, dynamic: &DynamicConfig, default: Option<&Config>, problems: &mut Problems) {
        at_most(problems, "configs", dynamic.configs.len(), MAX_CONFIGS, "configurations");
        at_most(problems, "rules", dynamic.rules.len(), MAX_CONFIGS, "rules");
        let named = by_name(&dynamic.configs, default, problems);
        each(problems, "configs", &dynamic.configs, |p, config| {
            let parent = config.parent.as_deref().and_then(|parent| p.at("parent", |p| parent_of(parent, &named, p)));
            self.config(config, parent, p);
        });
        each(problems, "rules", &dynamic.rules, |p, rule| dynamic_rule(rule, &named, p));
    }

    /// One configuration; what it does not say itself its parent says.
    fn config(&self, config: &Config, parent: Option<&Config>, problems: &mut Problems) {
        let direct = |config: &Config| {
            config.http.as_ref().and_then(|http| http.response.as_ref()).is_some_and(|response| response.direct.is_some())
        };
        let inherited = parent.is_some_and(|parent| parent.upstream.is_some() || direct(parent));
        if config.upstream.is_none() && !direct(config) && !inherited {
            problems.error_with_help("`upstream` is missing", "say where requests go: `upstream: {url: https://…}`");
        }
        if let Some(upstream) = &config.upstream {
            problems.at("upstream", |p| self.upstream(upstream, parent, p));
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
        if let Some(host) = self.options.for_host
            && !host.capabilities.has(capability)
        {
            problems.error(format!("{what} is not possible on {}", host.name));
        }
    }
}

/// The configurations that `configName` and `parent` can name.
fn by_name<'a>(configs: &'a [Config], default: Option<&'a Config>, problems: &mut Problems) -> BTreeMap<&'a str, &'a Config> {
    let mut named: BTreeMap<&str, &Config> = default.map(|config| (DEFAULT, config)).into_iter().collect();
    problems.at("configs", |p| {
        for (index, config) in configs.iter().enumerate() {
            p.at_index(index, |p| match config.name.as_deref() {
                None | Some("") => p.error("`name` is missing: a configuration in this list needs one"),
                Some(DEFAULT) => p.at("name", |p| p.error("`default` is the name of `spec.config`")),
                Some(name) => {
                    if named.insert(name, config).is_some() {
                        p.at("name", |p| p.error(format!("there is a configuration `{name}` already")));
                    }
                }
            });
        }
    });
    named
}

fn parent_of<'a>(parent: &str, named: &BTreeMap<&str, &'a Config>, problems: &mut Problems) -> Option<&'a Config> {
    let Some(config) = named.get(parent) else {
        problems.error(format!("there is no configuration `{parent}`"));
        return None;
    };
    if config.parent.is_some() {
        problems.error(format!("`{parent}` has a parent itself, and a configuration can build upon one level only"));
    }
    Some(config)
}

fn dynamic_rule(rule: &DynamicRule, named: &BTreeMap<&str, &Config>, problems: &mut Problems) {
    problems.at("condition", |p| Condition::compile(&rule.condition, p));
    exactly_one(problems, &[("configName", rule.config_name.is_some()), ("eval", rule.eval.is_some()), ("opa", rule.opa.is_some())]);
    if let Some(name) = &rule.config_name
        && !named.contains_key(name.as_str())
    {
        let known: Vec<String> = named.keys().map(|name| format!("`{name}`")).collect();
        problems.at("configName", |p| {
            p.error_with_help(format!("there is no configuration `{name}`"), format!("the configurations are {}", known.join(", ")));
        });
    }
    if rule.eval.is_some() {
        unsupported(problems, "eval");
    }
    if rule.opa.is_some() {
        unsupported(problems, "opa");
    }
}
