//! The resources of a configuration by kind and name.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use super::attachments::authorization;
use super::{LocatedProblem, SourceIndex};
use crate::check::name;
use crate::problem::Problems;
use crate::resource::{AnyResource, Authorization, User};

/// Answers whether a reference has a target.
pub struct Names<'a> {
    by_kind: BTreeMap<(&'static str, String), &'a AnyResource>,
    known: Option<&'a BTreeSet<(String, String)>>,
    /// What the gateway's domain is, where a Gateway says so.
    pub domain: Option<&'a str>,
    /// The Gateway serves Services that are not public.
    pub serves_private_services: bool,
    /// There are policies on something that is not a Service or Namespace, so that who is allowed where depends on the request.
    pub has_policies_of_callers: bool,
}

impl<'a> Names<'a> {
    /// Takes all names; bad ones, duplicates and Services that would answer on the same host are reported.
    pub fn collect(
        resources: &'a [(SourceIndex, AnyResource)],
        known: Option<&'a BTreeSet<(String, String)>>,
        found: &mut Vec<LocatedProblem>,
    ) -> Self {
        let mut names =
            Self { by_kind: BTreeMap::new(), known, domain: None, serves_private_services: false, has_policies_of_callers: false };
        let mut hosts = BTreeMap::new();
        let mut gateways = 0;
        for (source, resource) in resources {
            let mut problems = Problems::new();
            problems.at("metadata", |p| p.at("name", |p| names.insert(resource, &mut hosts, p)));
            let of_callers = !matches!(resource, AnyResource::Service(_) | AnyResource::Namespace(_));
            names.has_policies_of_callers |= of_callers && authorization(resource).is_some_and(Authorization::is_set);
            if let AnyResource::Gateway(gateway) = resource {
                names.domain = gateway.spec.domain.as_deref().or(names.domain);
                names.serves_private_services |= gateway.spec.serve_private_services;
                gateways += 1;
                if gateways == 2 {
                    problems.error("there is a Gateway already, and a configuration has only one");
                }
            }
            found.extend(problems.into_vec().into_iter().map(|problem| LocatedProblem { source: *source, problem }));
        }
        names
    }

    pub fn has(&self, kind: &'static str, name: &str) -> bool {
        self.by_kind.contains_key(&(kind, name.to_owned()))
            || self.known.is_some_and(|known| known.contains(&(kind.to_owned(), name.to_owned())))
            || kind == "Namespace" && name == "default"
    }

    pub fn user(&self, name: &str) -> Option<&'a User> {
        match self.by_kind.get(&("User", name.to_owned())) {
            Some(AnyResource::User(user)) => Some(&user.spec),
            _ => None,
        }
    }

    /// Whether there are policies on a Namespace, or it is not known here.
    pub fn has_policies_of_namespace(&self, name: &str) -> bool {
        match self.by_kind.get(&("Namespace", name.to_owned())) {
            Some(AnyResource::Namespace(namespace)) => namespace.spec.authorization.is_set(),
            _ => name != "default",
        }
    }

    fn insert(&mut self, resource: &'a AnyResource, hosts: &mut BTreeMap<String, String>, problems: &mut Problems) {
        let kind = resource.kind();
        let name = match canonical(resource) {
            Ok(name) => name,
            Err(fault) => return problems.error(fault),
        };
        if kind == "Service" {
            self.service(&name, hosts, problems);
        }
        if kind == "Policy" && crate::policy::is_builtin(&name) {
            return problems.error(format!("`{name}` is a policy of the gateway's own"));
        }
        match self.by_kind.entry((kind, name)) {
            Entry::Vacant(entry) => {
                entry.insert(resource);
            }
            Entry::Occupied(entry) if kind != "Gateway" => problems.error(format!("there is a {kind} `{}` already", entry.key().1)),
            Entry::Occupied(_) => {}
        }
    }

    fn service(&self, name: &str, hosts: &mut BTreeMap<String, String>, problems: &mut Problems) {
        let host = match name.split_once('.') {
            Some((service, "default")) => service,
            Some(("default", namespace)) => namespace,
            _ => name,
        };
        match hosts.insert(host.to_owned(), name.to_owned()) {
            Some(other) if other != name => problems.error(format!("Service `{other}` answers on the host `{host}` already")),
            _ => {}
        }
    }
}

/// The name under which a resource is in the Snapshot.
pub fn canonical(resource: &AnyResource) -> Result<String, String> {
    let name = resource.metadata().name.as_str();
    match resource {
        AnyResource::Service(_) => name::service(name),
        AnyResource::Policy(_) => name::policy(name).map(|()| name.to_owned()),
        _ => name::label(name).map(|()| name.to_owned()),
    }
}
