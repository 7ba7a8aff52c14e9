use std::cmp::Reverse;
use std::rc::Rc;

use crate::resource::service::{PathMatch, RouteMatch};

/// Where a match of a route stands among those for the same host: the least comes first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    order: i32,
    path: PathRank,
    has_methods: Reverse<bool>,
    headers: Reverse<usize>,
    query: Reverse<usize>,
    tie_break: u32,
    /// `name.namespace`.
    pub service: Rc<str>,
    /// The place of the route in its Service.
    pub index: usize,
    /// The place of the match in the route.
    pub alternative: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum PathRank {
    Exact,
    Regex,
    Prefix(Reverse<usize>),
}

impl Rank {
    /// `order` and `tie_break` are the route's.
    pub fn new((order, tie_break): (i32, u32), source: &RouteMatch, service: Rc<str>, index: usize, alternative: usize) -> Self {
        Self {
            order,
            path: source.path.as_ref().map_or(PathRank::Prefix(Reverse(0)), path_rank),
            has_methods: Reverse(!source.methods.is_empty()),
            headers: Reverse(source.headers.len()),
            query: Reverse(source.query.len()),
            tie_break,
            service,
            index,
            alternative,
        }
    }
}

/// A prefix counts as long as it is compared: `/` no more than none.
fn path_rank(path: &PathMatch) -> PathRank {
    if path.exact.is_some() {
        PathRank::Exact
    } else if path.regex.is_some() {
        PathRank::Regex
    } else {
        let length = path.prefix.as_ref().map_or(0, |prefix| super::Prefix::new(prefix, false).length());
        PathRank::Prefix(Reverse(length))
    }
}
