//! What an instance counts. Sums and histograms are sent as what came since the last time (delta), so that instances which come and
//! go need not remember anything; the number of requests under way is sent as it stands, as OTLP's preference for deltas has it.

mod active;
mod distribution;
mod keys;
mod lost;
mod series;
mod sorted;

pub use active::{Active, Activity};
pub use keys::{RequestKey, ServerKey, ServiceKey};
pub use lost::{Loss, Lost};

use super::otlp::{Data, KeyValue, Metric, NumberPoint, Signal, Temporality, attribute, nanoseconds};
use super::outcome::Outcome;
use crate::platform::Timestamp;
use distribution::Distribution;
use series::Series;

/// Counts and distributions since the last time they were sent.
#[derive(Debug, Default)]
pub struct Metrics {
    since: Option<Timestamp>,
    requests: Series<RequestKey, Requests>,
    servers: Series<ServerKey, Distribution>,
    lost: Lost,
}

/// The requests of one series.
#[derive(Debug, Clone, Default)]
struct Requests {
    total: i64,
    bytes_sent: i64,
    bytes_received: i64,
    duration: Distribution,
    first_byte: Distribution,
}

/// Bounds in milliseconds: a model may think for minutes.
const MILLISECONDS: &[f64] =
    &[5.0, 10.0, 25.0, 50.0, 75.0, 100.0, 250.0, 500.0, 750.0, 1000.0, 2500.0, 5000.0, 7500.0, 10_000.0, 30_000.0, 60_000.0, 300_000.0];

/// Bounds in seconds, as HTTP's semantic conventions advise.
const SECONDS: &[f64] = &[0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];

impl Metrics {
    pub fn is_empty(&self) -> bool {
        self.since.is_none()
    }

    /// Counts a request that has ended.
    pub fn request(&mut self, outcome: &Outcome<'_>) {
        self.begin(outcome.started);
        let milliseconds = |to: Timestamp| to.since(outcome.started).as_secs_f64() * 1000.0;
        self.requests.change(RequestKey::of(outcome), |requests| {
            requests.total += 1;
            requests.bytes_sent += clamp(outcome.response.body_bytes);
            requests.bytes_received += clamp(outcome.request.body_bytes);
            requests.duration.record(MILLISECONDS, milliseconds(outcome.ended));
            if let Some(first_byte) = outcome.first_byte {
                requests.first_byte.record(MILLISECONDS, milliseconds(first_byte));
            }
        });
        let seconds = outcome.ended.since(outcome.started).as_secs_f64();
        self.servers.change(ServerKey::of(outcome), |server| server.record(SECONDS, seconds));
    }

    /// Counts what is lost of the telemetry itself.
    pub fn lost(&mut self, signal: Signal, why: Loss, count: u64, now: Timestamp) {
        self.begin(now);
        self.lost.add(signal, why, count);
    }

    /// Puts back what could not be sent.
    pub fn put_back(&mut self, earlier: Self) {
        self.since = earlier.since.or(self.since);
        self.requests.merge(earlier.requests, Requests::merge);
        self.servers.merge(earlier.servers, Distribution::merge);
        for (signal, why, count) in earlier.lost.iter() {
            self.lost.add(signal, why, count);
        }
    }

    /// Everything, as it is sent. `common` are attributes that each request's point has.
    pub fn metrics(&self, now: Timestamp, common: &[KeyValue]) -> Vec<Metric> {
        let span = (nanoseconds(self.since.unwrap_or(now)), nanoseconds(now));
        let attributes = |key: Option<&RequestKey>| {
            let mut attributes = RequestKey::attributes(key);
            attributes.extend_from_slice(common);
            attributes
        };
        let count = |value: &dyn Fn(&Requests) -> i64| {
            self.requests.iter().map(|(key, requests)| point(attributes(key), span, value(requests))).collect::<Vec<_>>()
        };
        let spread = |value: &dyn Fn(&Requests) -> &Distribution| {
            let points = self.requests.iter().filter_map(|(key, requests)| value(requests).point(MILLISECONDS, || attributes(key), span));
            points.collect::<Vec<_>>()
        };
        let servers = self.servers.iter().filter_map(|(key, values)| values.point(SECONDS, || ServerKey::attributes(key), span));
        let lost = self.lost.iter().map(|(signal, why, count)| {
            point(vec![attribute("signal", signal.name()), attribute("reason", why.name())], span, clamp(Some(count)))
        });
        let metrics = [
            sum("req.total", "Requests that have ended.", "{request}", count(&|requests| requests.total)),
            sum("req.bytes_sent", "Bytes of responses' bodies.", "By", count(&|requests| requests.bytes_sent)),
            sum("req.bytes_received", "Bytes of requests' bodies.", "By", count(&|requests| requests.bytes_received)),
            distribution::metric(
                "req.duration",
                "From the request's head to the response's end.",
                "ms",
                spread(&|requests| &requests.duration),
            ),
            distribution::metric(
                "req.ttfb",
                "From the request's head to the response's first byte.",
                "ms",
                spread(&|requests| &requests.first_byte),
            ),
            distribution::metric("http.server.request.duration", "Duration of HTTP server requests.", "s", servers.collect()),
            sum("postern.telemetry.dropped", "Items of telemetry that were lost.", "{item}", lost.collect()),
        ];
        metrics.into_iter().flatten().collect()
    }

    fn begin(&mut self, at: Timestamp) {
        self.since = Some(self.since.map_or(at, |since| since.min(at)));
    }
}

impl Requests {
    fn merge(&mut self, other: Self) {
        self.total += other.total;
        self.bytes_sent += other.bytes_sent;
        self.bytes_received += other.bytes_received;
        self.duration.merge(other.duration);
        self.first_byte.merge(other.first_byte);
    }
}

fn clamp(bytes: Option<u64>) -> i64 {
    i64::try_from(bytes.unwrap_or_default()).unwrap_or(i64::MAX)
}

fn point(attributes: Vec<KeyValue>, (start, time): (u64, u64), value: i64) -> NumberPoint {
    NumberPoint { attributes, start, time, value }
}

/// A counter; nothing without points.
fn sum(name: &'static str, description: &'static str, unit: &'static str, points: Vec<NumberPoint>) -> Option<Metric> {
    let is_empty = points.is_empty();
    let data = Data::Sum { points, temporality: Temporality::Delta, is_monotonic: true };
    (!is_empty).then_some(Metric { name, description, unit, data })
}

#[cfg(test)]
mod tests;
