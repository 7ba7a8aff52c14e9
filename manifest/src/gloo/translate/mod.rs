//! What Gloo's documents mean together.

mod api_key;
mod basic_auth;
mod duration;
mod header;
mod http_route;
mod jwt;
mod llm;
mod matcher;
mod name;
mod policy;
mod rate_limit;
mod rbac;
mod route;
mod route_table;
mod secret;
mod settings;
mod target;
mod transformation;
mod world;

use std::collections::BTreeSet;

use postern_core::resource::AnyResource;

use super::{Found, Made, Written};
use world::World;

/// The resources that the documents mean, and what is wrong with them. `broken` are documents that could not be read, by kind and name;
/// `own` are the resources beside them.
pub fn translate(written: &[Written], broken: &BTreeSet<(String, String)>, own: &[&AnyResource]) -> (Vec<Made>, Vec<Found>) {
    let mut world = World::new(written, broken, own);
    let policies = policy::Policies::collect(&mut world);
    let mut routes = route_table::routes(&mut world);
    routes.extend(http_route::routes(&mut world));
    for route in routes {
        policies.attach(&mut world, route);
    }
    policies.warn_unused(&mut world);
    world.finish()
}
