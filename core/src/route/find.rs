//! The first of several matches that fits.

use super::matcher::{Fit, Matcher};
use super::{Asked, Rank, Refused};

/// A match of a route, with its place among others.
#[derive(Debug)]
pub struct Candidate {
    pub rank: Rank,
    pub matcher: Matcher,
}

/// Looks through lists that are each in the order of their ranks, as if they were one.
///
/// # Errors
/// [`Refused`].
pub fn first<'c>(lists: &[&'c [Candidate]], asked: &Asked<'_>) -> Result<Option<&'c Candidate>, Refused> {
    let mut lists: Vec<&[Candidate]> = lists.to_vec();
    loop {
        let heads = lists.iter_mut().filter(|list| !list.is_empty());
        let Some(list) = heads.min_by(|one, other| one.first().map(|c| &c.rank).cmp(&other.first().map(|c| &c.rank))) else {
            return Ok(None);
        };
        let Some((candidate, rest)) = list.split_first() else { return Ok(None) };
        *list = rest;
        match candidate.matcher.fit(asked)? {
            Fit::Yes => return Ok(Some(candidate)),
            // Whoever reads the path in that way takes it for what this route is there for.
            Fit::Doubtful => return Err(Refused::Ambiguous),
            Fit::No => {}
        }
    }
}
