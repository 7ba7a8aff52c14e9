//! Writes the Snapshot of resources that have been checked: canonical names, a `uid` each, no plain secrets.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::{SourceIndex, names};
use crate::feature::Feature;
use crate::resource::{AnyResource, Credential, Gateway, Metadata, Namespace, Resource, Secret};
use crate::route;
use crate::snapshot::{FORMAT, Snapshot, Table, uid};

/// What is made of resources when they are checked, and goes into the Snapshot.
#[derive(Default)]
pub struct Derived {
    /// Sealed texts by the Secret's name.
    pub secrets: BTreeMap<String, String>,
    /// Credentials as the Snapshot has them: with digests of keys and sealed entries. By name.
    pub credentials: BTreeMap<String, Credential>,
    /// Names of credentials by the digests of their keys.
    pub keys: BTreeMap<String, String>,
    /// Names of users by what providers call them, by provider.
    pub identities: BTreeMap<String, BTreeMap<String, String>>,
}

pub const DEFAULT_DOMAIN: &str = "localhost";
const API_VERSION: &str = "core/v1";

/// Nothing when a resource cannot be written as JSON, which what was read as JSON always can.
pub fn build(resources: &[(SourceIndex, AnyResource)], generation: u64, derived: Derived) -> Option<Snapshot> {
    let resources: Vec<&AnyResource> = resources.iter().map(|(_, resource)| resource).collect();
    let gateway = resources.iter().find_map(|resource| match resource {
        AnyResource::Gateway(gateway) => Some((**gateway).clone()),
        _ => None,
    });
    let gateway = gateway.unwrap_or_else(|| empty("default", Gateway::default()));
    let domain = gateway.spec.domain.clone().unwrap_or_else(|| DEFAULT_DOMAIN.to_owned());
    let gateway = finished(&gateway, "Gateway", "default", &domain);
    let services = resources.iter().filter_map(|resource| match resource {
        AnyResource::Service(service) => Some((names::canonical(resource).ok()?, service.spec.routes.as_slice())),
        _ => None,
    });
    let services: Vec<_> = services.collect();
    let routes = route::index(services.iter().map(|(name, routes)| (name.as_str(), *routes)))?;
    let mut tables = Tables { domain: &domain, by_kind: BTreeMap::new() };
    // It exists without being written.
    tables.add("Namespace", "default", &empty("default", Namespace::default()))?;
    for resource in &resources {
        let name = names::canonical(resource).ok()?;
        match resource {
            AnyResource::Service(service) => tables.add("Service", &name, service)?,
            AnyResource::Namespace(namespace) => tables.add("Namespace", &name, namespace)?,
            AnyResource::User(user) => tables.add("User", &name, user)?,
            AnyResource::Group(group) => tables.add("Group", &name, group)?,
            AnyResource::Policy(policy) => tables.add("Policy", &name, policy)?,
            AnyResource::Credential(credential) => {
                let spec = derived.credentials.get(&name).unwrap_or(&credential.spec).clone();
                tables.add("Credential", &name, &Resource { spec, ..credential.clone() })?;
            }
            AnyResource::Secret(secret) => tables.add("Secret", &name, &without_plain_value(secret, &derived.secrets)?)?,
            AnyResource::Gateway(_) => {}
        }
    }
    Some(Snapshot {
        format: FORMAT,
        generation,
        services: tables.take("Service"),
        namespaces: tables.take("Namespace"),
        users: tables.take("User"),
        groups: tables.take("Group"),
        policies: tables.take("Policy"),
        credentials: tables.take("Credential"),
        secrets: tables.take("Secret"),
        routes,
        features: resources.iter().flat_map(|resource| Feature::used_by(resource)).collect(),
        keys: derived.keys,
        identities: derived.identities,
        gateway,
        domain,
    })
}

struct Tables<'a> {
    domain: &'a str,
    by_kind: BTreeMap<&'static str, Table>,
}

impl Tables<'_> {
    fn add<S: Clone + Serialize>(&mut self, kind: &'static str, name: &str, resource: &Resource<S>) -> Option<()> {
        let json: Box<RawValue> = to_raw_value(&finished(resource, kind, name, self.domain)).ok()?;
        self.by_kind.entry(kind).or_default().insert(name.to_owned(), json);
        Some(())
    }

    fn take(&mut self, kind: &'static str) -> Table {
        self.by_kind.remove(kind).unwrap_or_default()
    }
}

fn empty<S>(name: &str, spec: S) -> Resource<S> {
    Resource { api_version: None, kind: String::new(), metadata: Metadata { name: name.to_owned(), ..Metadata::default() }, spec }
}

fn finished<S: Clone>(resource: &Resource<S>, kind: &str, name: &str, domain: &str) -> Resource<S> {
    let uid = resource.metadata.uid.clone().unwrap_or_else(|| uid(domain, kind, name));
    let metadata = Metadata { name: name.to_owned(), uid: Some(uid), ..resource.metadata.clone() };
    Resource { api_version: Some(API_VERSION.to_owned()), kind: kind.to_owned(), metadata, spec: resource.spec.clone() }
}

fn without_plain_value(secret: &Resource<Secret>, sealed: &BTreeMap<String, String>) -> Option<Resource<Secret>> {
    let text = secret.spec.sealed.as_ref().or_else(|| sealed.get(&secret.metadata.name))?;
    let spec = Secret { sealed: Some(text.clone()), data: None };
    Some(Resource { api_version: None, kind: String::new(), metadata: secret.metadata.clone(), spec })
}
