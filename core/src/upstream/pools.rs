use std::collections::{BTreeMap, BTreeSet};

use super::balance::below;
use crate::check::each;
use crate::platform::SecureRandom;
use crate::problem::Problems;
use crate::resource::service::Pool;

/// What one request may try. Runtimes at the edge bound the calls of a request.
const MAX_MEMBERS: usize = 16;

/// `upstream.pools`, compiled: configurations of the Service that take one another's place.
#[derive(Debug)]
pub struct Pools {
    names: Vec<Vec<String>>,
    /// The same, by their places among the Service's configurations.
    members: Vec<Vec<usize>>,
}

impl Pools {
    /// Compiles; every problem is reported at its place. Whom the names belong to is told by [`Pools::resolve`].
    pub fn compile(source: &[Pool], problems: &mut Problems) -> Self {
        let count: usize = source.iter().map(|pool| pool.configs.len()).sum();
        if count > MAX_MEMBERS {
            problems.at("pools", |p| p.error(format!("a request tries at most {MAX_MEMBERS} configurations, found {count}")));
        }
        let mut seen = BTreeSet::new();
        each(problems, "pools", source, |problems, pool| {
            if pool.configs.is_empty() {
                problems.at("configs", |p| p.error_with_help("the pool is empty", "name configurations of `dynamicConfig.configs`"));
            }
            each(problems, "configs", &pool.configs, |problems, name| {
                if !seen.insert(name.as_str()) {
                    problems.error(format!("`{name}` is named already, and each configuration is tried once"));
                }
            });
        });
        Self { names: source.iter().map(|pool| pool.configs.clone()).collect(), members: Vec::new() }
    }

    /// Finds the configurations by their names. Those that there are not are told by who checks the Service.
    pub fn resolve(&mut self, named: &BTreeMap<&str, usize>) {
        let places = |names: &Vec<String>| names.iter().filter_map(|name| named.get(name.as_str()).copied()).collect();
        self.members = self.names.iter().map(places).collect();
    }

    /// The places of all of them.
    pub fn members(&self) -> impl Iterator<Item = usize> {
        self.members.iter().flatten().copied()
    }

    /// The places of the configurations that one request tries, in this order: pool after pool, those of one by chance.
    pub fn turns(&self, random: &dyn SecureRandom) -> Vec<usize> {
        let shuffled = |pool: &Vec<usize>| {
            let mut left = pool.clone();
            let mut turns = Vec::with_capacity(left.len());
            while left.len() > 1 {
                let place = below(left.len() as u64, random);
                turns.push(left.swap_remove(usize::try_from(place).unwrap_or_default()));
            }
            turns.extend(left);
            turns
        };
        self.members.iter().flat_map(shuffled).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::testing::test;

    struct Counting(Cell<u64>);

    impl SecureRandom for Counting {
        fn fill(&self, buffer: &mut [u8]) {
            self.0.set(self.0.get() + 1);
            buffer.copy_from_slice(&self.0.get().to_be_bytes());
        }
    }

    fn compile(pools: &[&[&str]]) -> (Pools, Vec<String>) {
        let pools: Vec<Pool> = pools.iter().map(|names| Pool { configs: names.iter().map(|name| (*name).to_owned()).collect() }).collect();
        let mut problems = Problems::new();
        let compiled = Pools::compile(&pools, &mut problems);
        (compiled, problems.into_vec().into_iter().map(|problem| problem.path).collect())
    }

    #[test]
    fn pools_come_in_order_and_share_the_requests_among_their_own() {
        let (mut pools, problems) = compile(&[&["a", "b", "c"], &["d"]]);
        assert!(problems.is_empty());
        pools.resolve(&BTreeMap::from([("a", 1), ("b", 2), ("c", 3), ("d", 0)]));
        let random = Counting(Cell::new(0));
        let mut first = BTreeMap::new();
        for _ in 0..300 {
            let turns = pools.turns(&random);
            let mut of_pool = turns[..3].to_vec();
            of_pool.sort_unstable();
            assert_eq!((of_pool.as_slice(), turns[3]), (&[1, 2, 3][..], 0));
            *first.entry(turns[0]).or_insert(0) += 1;
        }
        assert!(first.len() == 3 && first.values().all(|count| *count > 50), "{first:?}");
    }

    #[test]
    fn one_member_needs_no_randomness() {
        let (mut pools, _) = compile(&[&["a"], &["b"]]);
        pools.resolve(&BTreeMap::from([("a", 1), ("b", 2)]));
        let random = Counting(Cell::new(0));
        assert_eq!((pools.turns(&random), random.0.get()), (vec![1, 2], 0));
    }

    #[test]
    fn mistakes_are_told_at_their_place() {
        let many: Vec<String> = (0..17).map(|n| format!("a{n}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        for (pools, path) in [
            (&[&["a"][..], &[]][..], Some("pools[1].configs")),
            (&[&["a", "b"], &["a"]], Some("pools[1].configs[0]")),
            (&[&many], Some("pools")),
            (&[&many[1..]], None),
        ] {
            assert_eq!(compile(pools).1, path.into_iter().collect::<Vec<_>>(), "{pools:?}");
        }
    }
}
