//! Routes beside one another.

use std::collections::BTreeMap;

use super::names::canonical;
use super::{LocatedProblem, SourceIndex};
use crate::problem::Problems;
use crate::resource::AnyResource;
use crate::route::{Rank, alternatives, hosts};

/// What a request to a host has to be like, and how matches of that kind follow one another.
type Taken = BTreeMap<(String, String), Rank>;

/// Warns of routes that no request can take, because others come first that take the very same ones.
pub fn warn_of_unreachable(resources: &[(SourceIndex, AnyResource)], found: &mut Vec<LocatedProblem>) {
    let mut taken = Taken::new();
    each(resources, |_, entries| {
        for (key, rank) in entries {
            let first = taken.entry(key).or_insert_with(|| rank.clone());
            if rank < *first {
                *first = rank;
            }
        }
    });
    each(resources, |source, entries| {
        let first: Vec<&Rank> = entries.iter().filter_map(|(key, rank)| taken.get(key).filter(|first| *first != rank)).collect();
        let (Some((_, own)), Some(other)) = (entries.first(), first.first()) else { return };
        // Another match of the same route that says the same is no loss.
        let is_own = |rank: &Rank| (&rank.service, rank.index) == (&own.service, own.index);
        if first.len() < entries.len() || first.iter().any(|first| is_own(first)) {
            return;
        }
        let mut problems = Problems::new();
        let (service, index) = (&other.service, other.index);
        problems.at("spec", |p| {
            p.at("routes", |p| {
                p.at_index(own.index, |p| {
                    p.warning_with_help(
                        format!("no request comes here: `routes[{index}]` of the Service `{service}` takes the same ones first"),
                        "take one of the two away, or give this one a lower `order`",
                    );
                });
            });
        });
        found.extend(problems.into_vec().into_iter().map(|problem| LocatedProblem { source, problem }));
    });
}

/// Each route with what it takes.
fn each(resources: &[(SourceIndex, AnyResource)], mut look: impl FnMut(SourceIndex, Vec<((String, String), Rank)>)) {
    for (source, resource) in resources {
        let (AnyResource::Service(service), Ok(name)) = (resource, canonical(resource)) else { continue };
        for (index, route) in service.spec.routes.iter().enumerate() {
            let mut entries = Vec::new();
            for (alternative, matched) in alternatives(route).enumerate() {
                let rank = Rank::new((route.order, route.tie_break), &matched, name.as_str().into(), index, alternative);
                let text = serde_json::to_string(&matched).unwrap_or_default();
                entries.extend(hosts(route).map(|host| ((host, text.clone()), rank.clone())));
            }
            look(*source, entries);
        }
    }
}
