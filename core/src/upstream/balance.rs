use super::Origin;
use crate::check::{at_most, each};
use crate::platform::SecureRandom;
use crate::problem::Problems;
use crate::resource::service::LoadBalance;

const MAX_ENDPOINTS: usize = 100;

const MAX_WEIGHT: u32 = 1_000_000;

/// Where a configuration's requests go: an origin, or several that share them. There is at least one.
#[derive(Debug)]
pub struct Origins {
    first: Weighted,
    others: Vec<Weighted>,
}

#[derive(Debug)]
struct Weighted {
    origin: Origin,
    /// More than 0.
    weight: u32,
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
        Self { first: Weighted { origin: first, weight: 1 }, others: Vec::new() }
    }

    /// Compiles `loadbalance`; every problem is reported at its place.
    pub fn compile(source: &LoadBalance, problems: &mut Problems) -> Option<Self> {
        if source.endpoints.is_empty() {
            problems.at("endpoints", |p| p.error_with_help("there are no endpoints", "list the upstreams: `- url: https://…`"));
        }
        at_most(problems, "endpoints", source.endpoints.len(), MAX_ENDPOINTS, "endpoints");
        let compiled = each(problems, "endpoints", &source.endpoints, |problems, endpoint| {
            let weight = endpoint.weight.unwrap_or(1);
            if weight > MAX_WEIGHT {
                problems.at("weight", |p| p.error(format!("at most {MAX_WEIGHT}, found {weight}")));
            }
            let origin = problems.at("url", |problems| Origin::compile(&endpoint.url, problems))?;
            Some(Weighted { origin, weight })
        });
        let all = compiled.into_iter().collect::<Option<Vec<Weighted>>>()?;
        let first = all.first().map(|first| (first.origin.scheme().to_owned(), first.origin.is_h2c))?;
        if let Some(index) = all.iter().position(|other| (other.origin.scheme(), other.origin.is_h2c) != (&first.0, first.1)) {
            let message = "all endpoints have one scheme, and this is not that of the first";
            problems.at("endpoints", |p| p.at_index(index, |p| p.at("url", |p| p.error(message))));
        }
        // One without a weight is never asked, also not when the others fail.
        let mut used = all.into_iter().filter(|endpoint| endpoint.weight > 0);
        let Some(first) = used.next() else {
            problems.at("endpoints", |p| p.error_with_help("all endpoints have weight 0", "give one of them a weight"));
            return None;
        };
        Some(Self { first, others: used.collect() })
    }

    /// For one request.
    pub fn turns(&self) -> Turns<'_> {
        Turns { origins: self, tried: Vec::new() }
    }

    fn get(&self, index: usize) -> &Weighted {
        index.checked_sub(1).and_then(|index| self.others.get(index)).unwrap_or(&self.first)
    }
}

impl<'o> Turns<'o> {
    /// One of those that were not tried yet, by chance and weight. When all were, all but the last are tried again.
    pub fn next(&mut self, random: &dyn SecureRandom) -> &'o Origin {
        let count = self.origins.others.len() + 1;
        if count == 1 {
            return &self.origins.first.origin;
        }
        if self.tried.len() == count {
            self.tried = self.tried.split_off(count - 1);
        }
        let left: Vec<usize> = (0..count).filter(|index| !self.tried.contains(index)).collect();
        let weight = |index: &usize| u64::from(self.origins.get(*index).weight);
        let mut lot = below(left.iter().map(weight).sum(), random);
        let drawn = left.iter().find(|index| {
            let share = weight(index);
            let is_drawn = lot < share;
            lot = lot.saturating_sub(share);
            is_drawn
        });
        let chosen = drawn.copied().unwrap_or_default();
        self.tried.push(chosen);
        &self.origins.get(chosen).origin
    }
}

/// A number below the limit. That of 2^64 numbers some come once more often than others is nothing that shows.
pub(super) fn below(limit: u64, random: &dyn SecureRandom) -> u64 {
    let mut bytes = [0; 8];
    random.fill(&mut bytes);
    u64::from_be_bytes(bytes).checked_rem(limit).unwrap_or_default()
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
        let weighted: Vec<(&str, Option<u32>)> = urls.iter().map(|url| (*url, None)).collect();
        compile_weighted(&weighted)
    }

    fn compile_weighted(endpoints: &[(&str, Option<u32>)]) -> (Option<Origins>, Vec<String>) {
        let endpoints = endpoints.iter().map(|(url, weight)| Endpoint { url: (*url).to_owned(), weight: *weight, user: None }).collect();
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
    fn weights_are_shares() {
        let (origins, _) = compile_weighted(&[("https://a", Some(70)), ("https://b", Some(0)), ("https://c", Some(30))]);
        let (origins, random) = (origins.unwrap(), Counting(Cell::new(0)));
        let mut seen = BTreeMap::new();
        for _ in 0..300 {
            *seen.entry(origins.turns().next(&random).authority().to_owned()).or_insert(0) += 1;
        }
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), [("a".to_owned(), 210), ("c".to_owned(), 90)]);
        // Another attempt goes to another one that has a weight.
        let mut turns = origins.turns();
        let order: Vec<&str> = (0..4).map(|_| turns.next(&random).authority()).collect();
        assert!(order.windows(2).all(|pair| pair[0] != pair[1]) && !order.contains(&"b"), "{order:?}");
        for (weights, path) in
            [([Some(0), Some(0)], Some("endpoints")), ([Some(1_000_001), None], Some("endpoints[0].weight")), ([Some(0), None], None)]
        {
            let found = compile_weighted(&[("https://a", weights[0]), ("https://b", weights[1])]).1;
            assert_eq!(found, path.into_iter().collect::<Vec<_>>(), "{weights:?}");
        }
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
