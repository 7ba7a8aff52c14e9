//! The routes of all Services, of which an instance reads what a request can be meant by.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use super::find::{Candidate, first};
use super::matcher::{MAX_TEXT, Matcher};
use super::path::{first_segment, literal};
use super::{Asked, Prefix, Rank, Refused, host_pattern};
use crate::problem::Problems;
use crate::resource::is_default;
use crate::resource::service::{Route, RouteMatch};

/// What was read of a Snapshot's index so far.
#[derive(Debug, Default)]
pub struct RouteIndex(RefCell<BTreeMap<String, Rc<[Candidate]>>>);

/// A route of some Service.
#[derive(Debug, PartialEq, Eq)]
pub struct Found {
    /// `name.namespace`.
    pub service: String,
    /// The place of the route in the Service.
    pub index: usize,
    pub prefix: Option<Prefix>,
}

/// A match of a route, as the Snapshot holds it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Entry<'e> {
    service: Cow<'e, str>,
    #[serde(default, skip_serializing_if = "is_default")]
    index: usize,
    #[serde(default, skip_serializing_if = "is_default")]
    alternative: usize,
    #[serde(default, skip_serializing_if = "is_default")]
    order: i32,
    #[serde(default, skip_serializing_if = "is_default")]
    tie_break: u32,
    #[serde(default, skip_serializing_if = "is_default")]
    r#match: Cow<'e, RouteMatch>,
}

/// Makes the index: for each host, and for each host and first segment of a path, the matches in the order of their ranks. `None` when
/// they cannot be written as JSON, which what was read as JSON always can.
pub fn index<'s>(services: impl Iterator<Item = (&'s str, &'s [Route])>) -> Option<BTreeMap<String, Box<RawValue>>> {
    let mut lists: BTreeMap<String, Vec<(Rank, Entry<'s>)>> = BTreeMap::new();
    for (service, routes) in services {
        let shared: Rc<str> = service.into();
        for (index, route) in routes.iter().enumerate() {
            for (alternative, source) in alternatives(route).enumerate() {
                let rank = Rank::new((route.order, route.tie_break), &source, shared.clone(), index, alternative);
                let (order, tie_break) = (route.order, route.tie_break);
                let entry = Entry { service: service.into(), index, alternative, order, tie_break, r#match: source };
                for host in hosts(route) {
                    let key = format!("{host}{}", segment(&entry.r#match));
                    lists.entry(key).or_default().push((rank.clone(), entry.clone()));
                }
            }
        }
    }
    let written = lists.into_iter().map(|(key, mut list)| {
        list.sort_by(|(one, _), (other, _)| one.cmp(other));
        let entries: Vec<Entry<'_>> = list.into_iter().map(|(_, entry)| entry).collect();
        Some((key, to_raw_value(&entries).ok()?))
    });
    written.collect()
}

/// The matches of a route; one that has none takes every request.
pub fn alternatives(route: &Route) -> impl Iterator<Item = Cow<'_, RouteMatch>> {
    let every = route.matches.is_empty().then(|| Cow::Owned(RouteMatch::default()));
    route.matches.iter().map(Cow::Borrowed).chain(every)
}

/// The hosts of a route, as they are compared. What is wrong with one is told where the Service is compiled.
pub fn hosts(route: &Route) -> impl Iterator<Item = String> {
    let every = route.hosts.is_empty().then(|| host_pattern::ANY.to_owned());
    route.hosts.iter().filter_map(|host| host_pattern::parse(host).ok()).chain(every)
}

impl RouteIndex {
    /// The route for a request, if there is one.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn find(&self, table: &BTreeMap<String, Box<RawValue>>, asked: &Asked<'_>) -> Result<Option<Found>, Refused> {
        if table.is_empty() {
            return Ok(None);
        }
        let literal = first_segment(&asked.path.literal);
        let loose = asked.path.loose.as_deref().map(first_segment).filter(|loose| *loose != literal);
        for host in host_pattern::of(&asked.host) {
            let segments = ["", literal].into_iter().chain(loose).filter(|segment| segment.len() <= MAX_TEXT);
            let keys = segments.map(|segment| format!("{host}{segment}"));
            let lists = keys.map(|key| self.list(table, key)).collect::<Result<Vec<_>, _>>()?;
            let lists: Vec<&[Candidate]> = lists.iter().flatten().map(|list| &**list).collect();
            if let Some(found) = first(&lists, asked)? {
                let rank = &found.rank;
                return Ok(Some(Found { service: (*rank.service).to_owned(), index: rank.index, prefix: found.matcher.prefix().cloned() }));
            }
        }
        Ok(None)
    }

    fn list(&self, table: &BTreeMap<String, Box<RawValue>>, key: String) -> Result<Option<Rc<[Candidate]>>, Refused> {
        let Some(text) = table.get(&key) else { return Ok(None) };
        if let Some(list) = self.0.borrow().get(&key) {
            return Ok(Some(list.clone()));
        }
        let list: Rc<[Candidate]> = read(text.get()).ok_or(Refused::Unreadable)?.into();
        self.0.borrow_mut().insert(key, list.clone());
        Ok(Some(list))
    }
}

fn read(text: &str) -> Option<Vec<Candidate>> {
    let entries: Vec<Entry<'_>> = serde_json::from_str(text).ok()?;
    let compile = |entry: Entry<'_>| {
        let rank = Rank::new((entry.order, entry.tie_break), &entry.r#match, (*entry.service).into(), entry.index, entry.alternative);
        Some(Candidate { rank, matcher: Matcher::compile(&entry.r#match, &mut Problems::new())? })
    };
    entries.into_iter().map(compile).collect()
}

/// The first segment of all paths that a match can fit, with the slash before it; empty where that is not known.
fn segment(source: &RouteMatch) -> String {
    let Some(path) = source.path.as_ref().filter(|path| !path.ignore_case) else { return String::new() };
    match (&path.prefix, &path.exact) {
        (Some(prefix), _) => first_segment(&literal(prefix.trim_end_matches('/'))).to_owned(),
        (None, Some(exact)) => first_segment(&literal(exact)).to_owned(),
        (None, None) => String::new(),
    }
}
