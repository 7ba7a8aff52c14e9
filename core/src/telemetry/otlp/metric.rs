use super::KeyValue;
use super::message::{Fields, Message};
use super::value::attributes;

/// `Metric`.
#[derive(Debug)]
pub struct Metric {
    pub name: &'static str,
    pub description: &'static str,
    /// As UCUM has it.
    pub unit: &'static str,
    pub data: Data,
}

/// What a metric holds.
#[derive(Debug)]
pub enum Data {
    /// Integers that are added up.
    Sum { points: Vec<NumberPoint>, temporality: Temporality, is_monotonic: bool },
    /// Values since the points before.
    Histogram(Vec<HistogramPoint>),
}

/// `AggregationTemporality`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Temporality {
    /// What came since the point before.
    Delta = 1,
    /// As it stands.
    Cumulative = 2,
}

/// `NumberDataPoint`. Times are nanoseconds since 1970.
#[derive(Debug)]
pub struct NumberPoint {
    pub attributes: Vec<KeyValue>,
    pub start: u64,
    pub time: u64,
    pub value: i64,
}

/// `HistogramDataPoint`.
#[derive(Debug)]
pub struct HistogramPoint {
    pub attributes: Vec<KeyValue>,
    pub start: u64,
    pub time: u64,
    pub count: u64,
    pub sum: f64,
    pub min: f64,
    pub max: f64,
    /// One more than there are bounds.
    pub buckets: Vec<u64>,
    pub bounds: &'static [f64],
}

impl Message for Metric {
    fn fields(&self, out: &mut dyn Fields) {
        out.text((1, "name"), self.name);
        out.text((2, "description"), self.description);
        out.text((3, "unit"), self.unit);
        match &self.data {
            Data::Sum { .. } => out.message((7, "sum"), &self.data),
            Data::Histogram(_) => out.message((9, "histogram"), &self.data),
        }
    }
}

/// `Sum` and `Histogram`.
impl Message for Data {
    fn fields(&self, out: &mut dyn Fields) {
        const POINTS: (u32, &str) = (1, "dataPoints");
        const TEMPORALITY: (u32, &str) = (2, "aggregationTemporality");
        match self {
            Self::Sum { points, temporality, is_monotonic } => {
                out.messages(POINTS, &|add| points.iter().for_each(|point| add(point)));
                out.number(TEMPORALITY, *temporality as u32);
                out.boolean((3, "isMonotonic"), *is_monotonic);
            }
            Self::Histogram(points) => {
                out.messages(POINTS, &|add| points.iter().for_each(|point| add(point)));
                out.number(TEMPORALITY, Temporality::Delta as u32);
            }
        }
    }
}

impl Message for NumberPoint {
    fn fields(&self, out: &mut dyn Fields) {
        out.fixed64((2, "startTimeUnixNano"), self.start);
        out.fixed64((3, "timeUnixNano"), self.time);
        out.sfixed64((6, "asInt"), self.value);
        attributes((7, "attributes"), &self.attributes, out);
    }
}

impl Message for HistogramPoint {
    fn fields(&self, out: &mut dyn Fields) {
        out.fixed64((2, "startTimeUnixNano"), self.start);
        out.fixed64((3, "timeUnixNano"), self.time);
        out.fixed64((4, "count"), self.count);
        out.double((5, "sum"), self.sum);
        out.fixed64s((6, "bucketCounts"), &self.buckets);
        out.doubles((7, "explicitBounds"), self.bounds);
        attributes((9, "attributes"), &self.attributes, out);
        out.double((11, "min"), self.min);
        out.double((12, "max"), self.max);
    }
}
