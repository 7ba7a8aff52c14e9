use super::Origin;
use crate::check::{at_most, each};
use crate::platform::SecureRandom;
use crate::problem::Problems;
use crate::resource::service::LoadBalance;

const MAX_ENDPOINTS: usize = 100;

/// Where a configuration's requests go: an origin, or several that share them. There is at least one.
#[derive(Debug)]
pub struct Origins {
    first: Origin,
    others: Vec<Origin>,
}

/// The origins that one request tries, one after the other.
#[derive(Debug)]
pub struct Turns<'o> {
    origins: &'o Origins,
    /// Those that were tried, by their place; the last one at the end.
    tried: Vec<usize>,
}

impl Origins {
    /// The only one.
    pub fn one(first: Origin) -> Self {
        Self { first, others: Vec::new() }
    }

    /// Compiles `loadbalance`; every problem is reported at its place.
    pub fn compile(source: &LoadBalance, problems: &mut Problems) -> Option<Self> {
        if source.endpoints.is_empty() {
            problems.at("endpoints", |p| p.error_with_help("there are no endpoints", "list the upstreams: `- url: https://…`"));
        }
        at_most(problems, "endpoints", source.endpoints.len(), MAX_ENDPOINTS, "endpoints");
        let compiled = each(problems, "endpoints", &source.endpoints, |problems, endpoint| {
            problems.at("url", |problems| Origin::compile(&endpoint.url, problems))
        });
        let mut origins = compiled.into_iter().collect::<Option<Vec<Origin>>>()?.into_iter();
        let (first, others): (Origin, Vec<Origin>) = (origins.next()?, origins.collect());
        if let Some(index) = others.iter().position(|other| (other.scheme(), other.is_h2c) != (first.scheme(), first.is_h2c)) {
            let message = "all endpoints have one scheme, and this is not that of the first";
            problems.at("endpoints", |p| p.at_index(index + 1, |p| p.at("url", |p| p.error(message))));
        }
        Some(Self { first, others })
    }

    /// For one request.
    pub fn turns(&self) -> Turns<'_> {
        Turns { origins: self, tried: Vec::new() }
    }

    fn get(&self, index: usize) -> &Origin {
        index.checked_sub(1).and_then(|index| self.others.get(index)).unwrap_or(&self.first)
    }
}

impl<'o> Turns<'o> {
    /// One of those that were not tried yet, each with the same chance. When all were, all but the last are tried again.
    pub fn next(&mut self, random: &dyn SecureRandom) -> &'o Origin {
        let count = self.origins.others.len() + 1;
        if count == 1 {
            return &self.origins.first;
        }
        if self.tried.len() == count {
            self.tried = self.tried.split_off(count - 1);
        }
        let left: Vec<usize> = (0..count).filter(|index| !self.tried.contains(index)).collect();
        let chosen = left.get(below(left.len(), random)).copied().unwrap_or_default();
        self.tried.push(chosen);
        self.origins.get(chosen)
    }
}

/// A number below the limit. That of 2^64 numbers some come once more often than others is nothing that shows.
pub(super) fn below(limit: usize, random: &dyn SecureRandom) -> usize {
    let mut bytes = [0; 8];
    random.fill(&mut bytes);
    usize::try_from(u64::from_be_bytes(bytes).checked_rem(limit as u64).unwrap_or_default()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::collections::BTreeMap;

    use super::*;
    use crate::resource::service::Endpoint;
    use crate::testing::test;

    /// Counts up, so that every choice comes as often as the others.
    struct Counting(Cell<u64>);

    impl SecureRandom for Counting {
        fn fill(&self, buffer: &mut [u8]) {
            self.0.set(self.0.get() + 1);
            buffer.copy_from_slice(&self.0.get().to_be_bytes());
        }
    }

    fn compile(urls: &[&str]) -> (Option<Origins>, Vec<String>) {
        let endpoints = urls.iter().map(|url| Endpoint { url: (*url).to_owned(), user: None }).collect();
        let mut problems = Problems::new();
        let origins = Origins::compile(&LoadBalance { endpoints }, &mut problems);
        (origins, problems.into_vec().into_iter().map(|problem| problem.path).collect())
    }

    #[test]
    fn requests_are_spread_evenly() {
        let (origins, _) = compile(&["https://a", "https://b", "https://c"]);
        let (origins, random) = (origins.unwrap(), Counting(Cell::new(0)));
        let mut seen = BTreeMap::new();
        for _ in 0..300 {
            *seen.entry(origins.turns().next(&random).authority().to_owned()).or_insert(0) += 1;
        }
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), [("a".to_owned(), 100), ("b".to_owned(), 100), ("c".to_owned(), 100)]);
    }

    #[test]
    fn attempts_go_round_all_of_them() {
        let (origins, _) = compile(&["https://a", "https://b", "https://c"]);
        let (origins, random) = (origins.unwrap(), Counting(Cell::new(5)));
        let mut turns = origins.turns();
        let order: Vec<&str> = (0..7).map(|_| turns.next(&random).authority()).collect();
        let mut round: Vec<&str> = order[..3].to_vec();
        round.sort_unstable();
        assert_eq!(round, ["a", "b", "c"], "{order:?}");
        assert!(order.windows(2).all(|pair| pair[0] != pair[1]), "{order:?}");
    }

    #[test]
    fn one_origin_needs_no_randomness() {
        let (origins, _) = compile(&["https://a"]);
        let random = Counting(Cell::new(0));
        let (origins, mut seen) = (origins.unwrap(), Vec::new());
        let mut turns = origins.turns();
        seen.extend((0..2).map(|_| turns.next(&random).authority()));
        assert_eq!((seen, random.0.get()), (vec!["a", "a"], 0));
    }

    #[test]
    fn mistakes_are_told_at_their_place() {
        let many: Vec<String> = (0..101).map(|n| format!("https://a{n}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        for (urls, path) in [
            (&["https://a", "https://b"][..], None),
            (&["https://a", "https://a"], None),
            (&[], Some("endpoints")),
            (&many, Some("endpoints")),
            (&["https://a", "http://b"], Some("endpoints[1].url")),
            (&["http://a", "grpc://b"], Some("endpoints[1].url")),
            (&["https://a", "https://b/v1"], Some("endpoints[1].url")),
            (&["a"], Some("endpoints[0].url")),
        ] {
            assert_eq!(compile(urls).1, path.into_iter().collect::<Vec<_>>(), "{urls:?}");
        }
    }
}
