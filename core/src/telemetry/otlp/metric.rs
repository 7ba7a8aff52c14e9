use serde::{Serialize, Serializer};

use super::{KeyValue, Message, Nanoseconds, Writer};

/// `Metric`.
#[derive(Debug, Serialize)]
pub struct Metric {
    pub name: &'static str,
    pub description: &'static str,
    /// As UCUM has it.
    pub unit: &'static str,
    #[serde(flatten)]
    pub data: Data,
}

/// What a metric holds.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Data {
    Sum(Sum),
    Histogram(Histogram),
}

/// `Sum`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sum {
    pub data_points: Vec<NumberPoint>,
    pub aggregation_temporality: u32,
    pub is_monotonic: bool,
}

/// `Histogram`, of values since the point before.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Histogram {
    pub data_points: Vec<HistogramPoint>,
    pub aggregation_temporality: u32,
}

/// `AGGREGATION_TEMPORALITY_DELTA`: what came since the point before.
pub const DELTA: u32 = 1;

/// `NumberDataPoint` with an integer.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NumberPoint {
    pub attributes: Vec<KeyValue>,
    pub start_time_unix_nano: Nanoseconds,
    pub time_unix_nano: Nanoseconds,
    #[serde(serialize_with = "as_text")]
    pub as_int: i64,
}

/// `HistogramDataPoint`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HistogramPoint {
    pub attributes: Vec<KeyValue>,
    pub start_time_unix_nano: Nanoseconds,
    pub time_unix_nano: Nanoseconds,
    #[serde(serialize_with = "as_text")]
    pub count: u64,
    pub sum: f64,
    pub min: f64,
    pub max: f64,
    /// One more than there are bounds.
    #[serde(serialize_with = "as_texts")]
    pub bucket_counts: Vec<u64>,
    pub explicit_bounds: &'static [f64],
}

impl Message for Metric {
    fn write(&self, out: &mut Writer) {
        out.bytes(1, self.name.as_bytes());
        out.bytes(2, self.description.as_bytes());
        out.bytes(3, self.unit.as_bytes());
        match &self.data {
            Data::Sum(sum) => out.message(7, sum),
            Data::Histogram(histogram) => out.message(9, histogram),
        }
    }
}

impl Message for Sum {
    fn write(&self, out: &mut Writer) {
        out.messages(1, &self.data_points);
        out.varint(2, u64::from(self.aggregation_temporality));
        out.varint(3, u64::from(self.is_monotonic));
    }
}

impl Message for Histogram {
    fn write(&self, out: &mut Writer) {
        out.messages(1, &self.data_points);
        out.varint(2, u64::from(self.aggregation_temporality));
    }
}

impl Message for NumberPoint {
    fn write(&self, out: &mut Writer) {
        out.fixed64(2, self.start_time_unix_nano.0);
        out.fixed64(3, self.time_unix_nano.0);
        out.fixed64(6, self.as_int.cast_unsigned());
        out.messages(7, &self.attributes);
    }
}

impl Message for HistogramPoint {
    fn write(&self, out: &mut Writer) {
        out.fixed64(2, self.start_time_unix_nano.0);
        out.fixed64(3, self.time_unix_nano.0);
        out.fixed64(4, self.count);
        out.double(5, self.sum);
        out.packed(6, self.bucket_counts.iter().copied());
        out.packed(7, self.explicit_bounds.iter().map(|bound| bound.to_bits()));
        out.messages(9, &self.attributes);
        out.double(11, self.min);
        out.double(12, self.max);
    }
}

fn as_text<S: Serializer>(value: &impl ToString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&value.to_string())
}

fn as_texts<S: Serializer>(values: &[u64], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(values.iter().map(u64::to_string))
}
