//! The routes of one Service.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::find::{Candidate, first};
use super::index::{alternatives, hosts};
use super::matcher::Matcher;
use super::{Asked, Matched, Prefix, Rank, Refused, host_pattern};
use crate::check::{at_most, each};
use crate::problem::Problems;
use crate::resource::service::Route;

/// `spec.routes`, compiled.
#[derive(Debug, Default)]
pub struct Routes {
    list: Vec<Compiled>,
    /// In the order of their ranks.
    by_host: BTreeMap<String, Vec<Candidate>>,
}

#[derive(Debug)]
struct Compiled {
    label: String,
    config: Option<usize>,
}

const MAX_ROUTES: usize = 1000;
/// Hosts of a route, and its matches.
const MAX_ITEMS: usize = 100;
/// Matches of all routes for each of their hosts.
const MAX_ENTRIES: usize = 10_000;
const MAX_NAME: usize = 128;

impl Routes {
    /// Compiles; every problem is reported at its place. `configs` are the Service's configurations by name.
    pub fn compile(service: &str, source: &[Route], configs: &BTreeMap<&str, usize>, problems: &mut Problems) -> Self {
        at_most(problems, "routes", source.len(), MAX_ROUTES, "routes");
        let entries: usize = source.iter().map(|route| route.hosts.len().max(1).saturating_mul(route.matches.len().max(1))).sum();
        at_most(problems, "routes", entries, MAX_ENTRIES, "matches of routes, each counted for each host");
        let mut names = BTreeSet::new();
        let mut place = 0..source.len();
        let list = each(problems, "routes", source, |problems, route| {
            if let Some(name) = &route.name
                && !names.insert(name)
            {
                problems.at("name", |p| p.error(format!("there is a route `{name}` already")));
            }
            compile_route(route, place.next().unwrap_or_default(), configs, problems)
        });
        Self { list, by_host: if entries <= MAX_ENTRIES { by_host(service, source) } else { BTreeMap::new() } }
    }

    /// The route of the Service for a request that came to the Service itself, if one applies.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn find(&self, asked: &Asked<'_>) -> Result<Option<Matched>, Refused> {
        if self.list.is_empty() {
            return Ok(None);
        }
        for host in host_pattern::of(&asked.host) {
            let Some(candidates) = self.by_host.get(&host) else { continue };
            if let Some(found) = first(&[candidates], asked)? {
                return Ok(self.get(found.rank.index, found.matcher.prefix().cloned()));
            }
        }
        Ok(None)
    }

    /// A route by its place.
    pub fn get(&self, index: usize, prefix: Option<Prefix>) -> Option<Matched> {
        let route = self.list.get(index)?;
        Some(Matched { label: route.label.clone(), config: route.config, prefix })
    }
}

fn compile_route(route: &Route, place: usize, configs: &BTreeMap<&str, usize>, problems: &mut Problems) -> Compiled {
    if let Some(name) = &route.name {
        at_most(problems, "name", name.len(), MAX_NAME, "characters");
        if name.is_empty() || name.chars().any(char::is_control) {
            problems.at("name", |p| p.error("a name has at least one character, and no control characters"));
        }
    }
    at_most(problems, "hosts", route.hosts.len(), MAX_ITEMS, "hosts");
    at_most(problems, "matches", route.matches.len(), MAX_ITEMS, "matches");
    each(problems, "hosts", &route.hosts, |problems, host| {
        if let Err((message, help)) = host_pattern::parse(host) {
            problems.error_with_help(message, help);
        }
    });
    each(problems, "matches", &route.matches, |problems, source| Matcher::compile(source, problems));
    // The default one is chosen as ever, and `dynamicConfig` may choose another.
    let named = route.config_name.as_deref().filter(|name| *name != crate::service::DEFAULT);
    let config = named.and_then(|name| configs.get(name).copied());
    if let Some(name) = named.filter(|_| config.is_none()) {
        let known: Vec<String> = configs.keys().map(|name| format!("`{name}`")).collect();
        problems.at("configName", |p| {
            p.error_with_help(format!("there is no configuration `{name}`"), format!("the configurations are {}", known.join(", ")));
        });
    }
    Compiled { label: route.name.clone().unwrap_or_else(|| format!("routes[{place}]")), config }
}

fn by_host(service: &str, source: &[Route]) -> BTreeMap<String, Vec<Candidate>> {
    let service: Rc<str> = service.into();
    let mut by_host: BTreeMap<String, Vec<Candidate>> = BTreeMap::new();
    for (index, route) in source.iter().enumerate() {
        for host in hosts(route) {
            for (alternative, source) in alternatives(route).enumerate() {
                // What is wrong with it was said above.
                let Some(matcher) = Matcher::compile(&source, &mut Problems::new()) else { continue };
                let rank = Rank::new((route.order, route.tie_break), &source, service.clone(), index, alternative);
                by_host.entry(host.clone()).or_default().push(Candidate { rank, matcher });
            }
        }
    }
    for candidates in by_host.values_mut() {
        candidates.sort_by(|one, other| one.rank.cmp(&other.rank));
    }
    by_host
}
