use super::sorted::Sorted;
use crate::telemetry::otlp::{KeyValue, attribute};

/// Values by key, at most so many: what keys there are further share one, as OpenTelemetry's SDKs do it (`otel.metric.overflow`).
#[derive(Debug)]
pub struct Series<K, V>(Sorted<Option<K>, V>);

/// Series of one kind. Most keys come from the configuration; a configuration may be large, and upstreams choose statuses.
const MAX_SERIES: usize = 1000;

impl<K, V> Default for Series<K, V> {
    fn default() -> Self {
        Self(Sorted::default())
    }
}

impl<K: Ord, V: Default> Series<K, V> {
    pub fn change(&mut self, key: K, change: impl FnOnce(&mut V)) {
        let key = Some(key);
        let key = if self.0.len() < MAX_SERIES || self.0.contains(&key) { key } else { None };
        self.0.change(key, change);
    }

    /// `None` stands for the keys that there was no room for.
    pub fn iter(&self) -> impl Iterator<Item = (Option<&K>, &V)> {
        self.0.iter().map(|(key, value)| (key.as_ref(), value))
    }

    pub fn merge(&mut self, other: Self, merge: impl Fn(&mut V, V)) {
        for (key, value) in other.0.into_entries() {
            match key {
                Some(key) => self.change(key, |known| merge(known, value)),
                None => self.0.change(None, |known| merge(known, value)),
            }
        }
    }
}

/// The attributes of the series that takes what has no room.
pub fn overflow() -> Vec<KeyValue> {
    vec![attribute("otel.metric.overflow", true)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    #[test]
    fn there_are_only_so_many() {
        let mut series = Series::<usize, usize>::default();
        for _ in 0..2 {
            (0..MAX_SERIES + 500).for_each(|key| series.change(key, |count| *count += 1));
        }
        assert_eq!(series.iter().count(), MAX_SERIES + 1);
        assert_eq!(series.iter().next(), Some((None, &1000)));
        let mut other = Series::default();
        other.change(7, |count| *count += 5);
        other.change(usize::MAX, |count| *count += 5);
        series.merge(other, |known, value| *known += value);
        assert_eq!((series.iter().next(), series.iter().count()), (Some((None, &1005)), MAX_SERIES + 1));
    }
}
