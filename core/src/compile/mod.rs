//! From resources to a Snapshot, when a configuration is published: everything that can be known without a request is checked
//! here, and all that is wrong is reported at once. Pure: the secrets' key is behind a callback.

mod attachments;
mod container;
mod credential;
mod gateway;
mod headers;
mod http;
mod metadata;
mod names;
mod open;
mod protect;
mod restore;
mod routes;
mod secret;
mod service;
mod snapshot;
#[cfg(test)]
mod tests;
mod upstream;
mod user;

use std::collections::BTreeSet;

use crate::platform::{Capabilities, Precision};
use crate::problem::{Problem, Problems, Severity};
use crate::resource::AnyResource;
use crate::resource::service::Config;
use crate::snapshot::Snapshot;
use names::Names;
pub use names::canonical as canonical_name;
pub use protect::{Protect, Unprotected, WithKeys};
pub use restore::restore;

/// Which document a resource came from; the caller's own numbering.
pub type SourceIndex = usize;

/// What a configuration is compiled for.
#[derive(Clone, Copy, Default)]
pub struct Options<'a> {
    /// A published Snapshot replaces only one of a lower generation.
    pub generation: u64,
    /// Refuse what this host cannot do. Without it nothing is refused for a host's sake.
    pub for_host: Option<Host<'a>>,
    /// Refuse Services that anybody may call and that add a credential, unless their annotation says that this is meant. For what
    /// others can reach.
    pub refuse_open: bool,
    /// Without it plain secrets and keys are refused.
    pub protect: Option<&'a dyn Protect>,
    /// Resources that exist although they are not compiled here, by kind and name: in the store of the target, or in a document that
    /// has errors of its own. References to them do not dangle.
    pub known: Option<&'a BTreeSet<(String, String)>>,
}

/// A host that a configuration is meant for.
#[derive(Debug, Clone, Copy)]
pub struct Host<'a> {
    /// Such as `spin`, for messages.
    pub name: &'a str,
    /// Of that host.
    pub capabilities: Capabilities,
    /// Of its counters.
    pub counters: Precision,
}

/// A problem and the document that has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocatedProblem {
    pub source: SourceIndex,
    pub problem: Problem,
}

/// Checks a whole configuration. There is a Snapshot unless one of the problems, which are in the order of the sources, is an error.
pub fn compile(resources: &[(SourceIndex, AnyResource)], options: Options<'_>) -> (Option<Snapshot>, Vec<LocatedProblem>) {
    let mut found = Vec::new();
    let names = Names::collect(resources, options.known, &mut found);
    let scope = Scope { names: &names, options };
    let mut derived = snapshot::Derived::default();
    for (source, resource) in resources {
        let mut problems = Problems::new();
        scope.check(resource, &mut problems, &mut derived);
        found.extend(problems.into_vec().into_iter().map(|problem| LocatedProblem { source: *source, problem }));
    }
    routes::warn_of_unreachable(resources, &mut found);
    found.sort_by_key(|located| located.source);
    if found.iter().any(|located| located.problem.severity == Severity::Error) {
        return (None, found);
    }
    (snapshot::build(resources, options.generation, derived), found)
}

/// Reports what of a configuration cannot be served, beside what compiling it says. Secrets are not looked for.
pub(crate) fn check_config(config: &Config, problems: &mut Problems) {
    let names = Names::collect(&[], None, &mut Vec::new());
    Scope { names: &names, options: Options::default() }.config(config, problems);
}

/// What checks of one resource need to know of the others.
struct Scope<'a> {
    names: &'a Names<'a>,
    options: Options<'a>,
}

impl Scope<'_> {
    fn check(&self, resource: &AnyResource, problems: &mut Problems, derived: &mut snapshot::Derived) {
        problems.at("metadata", |p| {
            metadata::check(resource.metadata(), p);
            p.at("name", |p| match resource {
                AnyResource::Service(service) => self.namespace(&service.metadata.name, p),
                AnyResource::Policy(policy) => self.parents(&policy.metadata.name, p),
                _ => {}
            });
        });
        problems.at("spec", |p| self.authorization(resource, p));
        if let AnyResource::Service(service) = resource {
            // As an instance will, which reports what is wrong with the Service alone.
            crate::service::Service::compile(service, "localhost", problems);
        }
        problems.at("spec", |p| match resource {
            AnyResource::Service(service) => self.service(service, p),
            AnyResource::Namespace(namespace) => metadata::attrs(&namespace.spec.attrs, p),
            AnyResource::User(user) => self.user(user, p, derived),
            AnyResource::Group(group) => metadata::attrs(&group.spec.attrs, p),
            AnyResource::Policy(policy) => attachments::policy(&policy.spec, p),
            AnyResource::Secret(secret) => self.secret(secret, p, derived),
            AnyResource::Credential(credential) => self.credential(credential, p, derived),
            AnyResource::Gateway(gateway) => self.gateway(&gateway.spec, p),
        });
    }
}
