use crate::telemetry::otlp::{Data, HistogramPoint, KeyValue, Metric};

/// How values spread over buckets; the bounds are its owner's.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Distribution {
    /// Made by the first value.
    buckets: Vec<u64>,
    count: u64,
    sum: f64,
    min: f64,
    max: f64,
}

impl Distribution {
    /// A value belongs to the first bucket whose bound is not below it.
    pub fn record(&mut self, bounds: &[f64], value: f64) {
        self.buckets.resize(bounds.len() + 1, 0);
        if let Some(bucket) = self.buckets.get_mut(bounds.partition_point(|bound| *bound < value)) {
            *bucket += 1;
        }
        self.min = if self.count == 0 { value } else { self.min.min(value) };
        self.max = if self.count == 0 { value } else { self.max.max(value) };
        self.count += 1;
        self.sum += value;
    }

    /// Adds what another one with the same bounds holds.
    pub fn merge(&mut self, other: Self) {
        if self.count == 0 {
            *self = other;
            return;
        }
        if other.count > 0 {
            self.buckets.iter_mut().zip(&other.buckets).for_each(|(bucket, more)| *bucket += more);
            (self.min, self.max) = (self.min.min(other.min), self.max.max(other.max));
            self.count += other.count;
            self.sum += other.sum;
        }
    }

    /// Nothing while there are no values.
    pub fn point(
        &self,
        bounds: &'static [f64],
        attributes: impl Fn() -> Vec<KeyValue>,
        (start, time): (u64, u64),
    ) -> Option<HistogramPoint> {
        (self.count > 0).then(|| HistogramPoint {
            attributes: attributes(),
            start,
            time,
            count: self.count,
            sum: self.sum,
            min: self.min,
            max: self.max,
            buckets: self.buckets.clone(),
            bounds,
        })
    }
}

/// A histogram; nothing without points.
pub fn metric(name: &'static str, description: &'static str, unit: &'static str, points: Vec<HistogramPoint>) -> Option<Metric> {
    (!points.is_empty()).then_some(Metric { name, description, unit, data: Data::Histogram(points) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    fn of(values: &[f64]) -> Distribution {
        let mut distribution = Distribution::default();
        values.iter().for_each(|value| distribution.record(&[1.0, 10.0], *value));
        distribution
    }

    #[test]
    fn bounds_belong_to_the_bucket_below() {
        let distribution = of(&[1.0, 1.5, 10.0, 11.0]);
        assert_eq!(distribution.buckets, [1, 2, 1]);
        assert_eq!((distribution.count, distribution.sum, distribution.min, distribution.max), (4, 23.5, 1.0, 11.0));
    }

    #[test]
    fn merged_is_as_if_recorded_together() {
        for (left, right) in [(&[][..], &[2.0][..]), (&[2.0], &[]), (&[0.5, 2.0], &[20.0])] {
            let mut merged = of(left);
            merged.merge(of(right));
            assert_eq!(merged, of(&[left, right].concat()));
        }
    }
}
