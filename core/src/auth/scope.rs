use std::fmt;

use serde_json::{Value, json};

/// What a token may be used for. None at all means no limit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scopes(Vec<Scope>);

/// One limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// `service:*`
    AnyService,
    /// `service:NAME` (of the namespace `default`) and `service:NAME.NAMESPACE`
    Service { name: String, namespace: String },
    /// `service:NAMESPACE/*`
    Namespace(String),
    /// `api:…`: an API of Octelium's own. It is understood so that clients may ask for it, and allows no Service.
    Api(String),
}

/// The text is no list of scopes, or asks for more than there is to give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidScope;

impl Scopes {
    /// Reads a list separated by single spaces (RFC 6749 §3.3): at most 2048 characters, 128 items of at most 256 characters,
    /// none twice.
    ///
    /// # Errors
    /// [`InvalidScope`], also for an empty text: no scope at all is a missing parameter.
    pub fn parse(text: &str) -> Result<Self, InvalidScope> {
        if text.len() > 2048 {
            return Err(InvalidScope);
        }
        let mut scopes = Vec::new();
        for item in text.split(' ') {
            let scope = Scope::parse(item)?;
            if scopes.len() == 128 || scopes.contains(&scope) {
                return Err(InvalidScope);
            }
            scopes.push(scope);
        }
        Ok(Self(scopes))
    }

    /// What `requested` asks for, when these scopes allow all of it. Scopes only ever narrow.
    ///
    /// # Errors
    /// [`InvalidScope`] when one of the requested goes beyond these.
    pub fn narrow(&self, requested: Scopes) -> Result<Scopes, InvalidScope> {
        if requested.0.is_empty() {
            return Ok(self.clone());
        }
        let covered = |scope: &Scope| self.0.is_empty() || self.0.iter().any(|granted| granted.covers(scope));
        if requested.0.iter().all(covered) { Ok(requested) } else { Err(InvalidScope) }
    }

    /// Whether a caller with these scopes may reach the Service at all; without any scope, every one.
    pub fn allows_service(&self, name: &str, namespace: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|scope| scope.allows_service(name, namespace))
    }

    /// There is no scope, so nothing is limited.
    pub fn is_unlimited(&self) -> bool {
        self.0.is_empty()
    }

    /// The shape in which `ctx.session.status.scopes` shows them.
    pub(super) fn to_json(&self) -> Vec<Value> {
        self.0.iter().map(Scope::to_json).collect()
    }
}

impl Scope {
    fn parse(item: &str) -> Result<Self, InvalidScope> {
        if item.len() > 256 {
            return Err(InvalidScope);
        }
        match item.split_once(':') {
            Some(("service", "*")) => Ok(Scope::AnyService),
            Some(("service", target)) => {
                if let Some(namespace) = target.strip_suffix("/*") {
                    return Ok(Scope::Namespace(label(namespace)?));
                }
                let (name, namespace) = target.split_once('.').unwrap_or((target, "default"));
                Ok(Scope::Service { name: label(name)?, namespace: label(namespace)? })
            }
            Some(("api", target)) => api(target),
            _ => Err(InvalidScope),
        }
    }

    fn covers(&self, other: &Scope) -> bool {
        match (self, other) {
            (Scope::AnyService, Scope::AnyService | Scope::Service { .. } | Scope::Namespace(_)) => true,
            (Scope::Namespace(granted), Scope::Service { namespace, .. }) => granted == namespace,
            (Scope::Api(granted), Scope::Api(_)) if granted == "*" => true,
            (granted, other) => granted == other,
        }
    }

    fn allows_service(&self, service: &str, of: &str) -> bool {
        match self {
            Scope::AnyService => true,
            Scope::Service { name, namespace } => name == service && namespace == of,
            Scope::Namespace(namespace) => namespace == of,
            Scope::Api(_) => false,
        }
    }

    fn to_json(&self) -> Value {
        match self {
            Scope::AnyService => json!({"service": {"all": {}}}),
            Scope::Service { name, namespace } => json!({"service": {"filter": {"names": [format!("{name}.{namespace}")]}}}),
            Scope::Namespace(namespace) => json!({"service": {"filter": {"namespaces": [namespace]}}}),
            Scope::Api(target) if target == "*" => json!({"api": {"all": {}}}),
            Scope::Api(target) => match target.split_once('/') {
                Some((_, _)) => json!({"api": {"filter": {"methods": [target]}}}),
                None if target.contains('.') => json!({"api": {"filter": {"services": [target]}}}),
                None => json!({"api": {"filter": {"packages": [target]}}}),
            },
        }
    }
}

/// A simple name: lower-case letters, digits and hyphens, a letter first and no hyphen last.
fn label(text: &str) -> Result<String, InvalidScope> {
    let valid = crate::secret::is_simple_name(text) && !text.ends_with('-');
    if valid { Ok(text.to_owned()) } else { Err(InvalidScope) }
}

/// `*`, `PKG`, `PKG.SERVICE` or `PKG.SERVICE/METHOD`.
fn api(target: &str) -> Result<Scope, InvalidScope> {
    let word = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let (path, method) = target.split_once('/').map_or((target, None), |(path, method)| (path, Some(method)));
    let (package, service) = path.split_once('.').map_or((path, None), |(package, service)| (package, Some(service)));
    let valid = word(package) && service.is_none_or(word) && method.is_none_or(|method| service.is_some() && word(method));
    if valid || target == "*" { Ok(Scope::Api(target.to_owned())) } else { Err(InvalidScope) }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, scope) in self.0.iter().enumerate() {
            write!(f, "{}{scope}", if index == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scope::AnyService => f.write_str("service:*"),
            Scope::Service { name, namespace } if namespace == "default" => write!(f, "service:{name}"),
            Scope::Service { name, namespace } => write!(f, "service:{name}.{namespace}"),
            Scope::Namespace(namespace) => write!(f, "service:{namespace}/*"),
            Scope::Api(target) => write!(f, "api:{target}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    #[test]
    fn reads_strictly() {
        for good in ["service:*", "service:gemini", "service:gemini.prod service:prod/*", "api:*", "api:core", "api:core.Main/Get"] {
            assert_eq!(Scopes::parse(good).map(|scopes| scopes.to_string()).as_deref(), Ok(good));
        }
        let too_many = (0..129).map(|n| format!("service:s{n}")).collect::<Vec<_>>().join(" ");
        let too_long = format!("service:{}", "a".repeat(250));
        let bad = [
            "",
            " ",
            "service:a  service:b",
            " service:a",
            "service:a ",
            "service:a service:a",
            "service:a service:a.default",
            "service:",
            "service:A",
            "service:a.",
            "service:.a",
            "service:a.b.c",
            "service:a/b",
            "service:/*",
            "service:*/*",
            "service:a-",
            "service:\u{e9}a",
            "Service:a",
            "openid",
            "api:",
            "api:a/b",
            "api:a.b/",
            "api:a.b/c/d",
            "service:a\tservice:b",
            too_many.as_str(),
            too_long.as_str(),
        ];
        for text in bad {
            assert_eq!(Scopes::parse(text), Err(InvalidScope), "{text:?}");
        }
    }

    #[test]
    fn allows() {
        // scopes, then the Services of gemini.default, gemini.prod and other.prod
        let table = [
            ("service:*", [true, true, true]),
            ("service:gemini", [true, false, false]),
            ("service:gemini.prod", [false, true, false]),
            ("service:prod/*", [false, true, true]),
            ("service:gemini service:prod/*", [true, true, true]),
            ("api:*", [false, false, false]),
        ];
        for (text, want) in table {
            let scopes = Scopes::parse(text).unwrap();
            let got = [("gemini", "default"), ("gemini", "prod"), ("other", "prod")].map(|(name, ns)| scopes.allows_service(name, ns));
            assert_eq!(got, want, "{text}");
        }
        assert!(Scopes::default().allows_service("any", "where"));
    }

    #[test]
    fn only_narrows() {
        // granted, requested, given
        let table = [
            ("", "service:a", Some("service:a")),
            ("", "", Some("")),
            ("service:a", "", Some("service:a")),
            ("service:*", "service:a service:prod/*", Some("service:a service:prod/*")),
            ("service:prod/*", "service:a.prod", Some("service:a.prod")),
            ("service:prod/*", "service:a", None),
            ("service:a", "service:*", None),
            ("service:a", "service:a service:b", None),
            ("service:a.prod", "service:prod/*", None),
            ("service:*", "api:*", None),
            ("api:*", "api:core", Some("api:core")),
            ("api:core", "api:*", None),
        ];
        for (granted, requested, want) in table {
            let read = |text: &str| if text.is_empty() { Scopes::default() } else { Scopes::parse(text).unwrap() };
            let got = read(granted).narrow(read(requested)).ok().map(|scopes| scopes.to_string());
            assert_eq!(got.as_deref(), want, "{granted:?} narrowed to {requested:?}");
        }
    }
}
