use std::time::Duration;

use serde_json::{Value, json};

use super::median;
use crate::measure::Sample;
use crate::upstream::EVENTS;

/// A figure of each program, as a table shows it.
pub struct Column {
    pub title: &'static str,
    value: fn(&Sample) -> Option<f64>,
    against: Against,
    decimals: usize,
}

#[derive(Clone, Copy)]
enum Against {
    Nothing,
    Ratio,
    Difference,
}

const fn column(title: &'static str, value: fn(&Sample) -> Option<f64>, against: Against, decimals: usize) -> Column {
    Column { title, value, against, decimals }
}

pub const CHAT: [Column; 8] = [
    column("requests/s", per_second, Against::Nothing, 0),
    column("ratio", per_second, Against::Ratio, 2),
    column("CPU µs a request", cpu, Against::Nothing, 0),
    column("CPU ratio", cpu, Against::Ratio, 2),
    column("p50 ms", p50, Against::Nothing, 2),
    column("p99 ms", p99, Against::Nothing, 2),
    column("p50 added ms", p50, Against::Difference, 2),
    column("p99 added ms", p99, Against::Difference, 2),
];

pub const STREAM: [Column; 9] = [
    column("first token p50 ms", first_byte, Against::Nothing, 2),
    column("added ms", first_byte, Against::Difference, 2),
    column("time an event ms", time_an_event, Against::Nothing, 2),
    column("added ms", time_an_event, Against::Difference, 3),
    column("an event's way p50 ms", event_p50, Against::Nothing, 2),
    column("added ms", event_p50, Against::Difference, 2),
    column("an event's way p99 ms", event_p99, Against::Nothing, 2),
    column("CPU µs an event", cpu_of_an_event, Against::Nothing, 1),
    column("CPU ratio", cpu, Against::Ratio, 2),
];

impl Column {
    /// The median over the rounds, and for what is compared the smallest and the largest beside it.
    pub fn cell(&self, own: &[Option<Sample>], base: &[Option<Sample>]) -> String {
        let pairs = own.iter().zip(base).filter_map(|(own, base)| Some(((self.value)(own.as_ref()?)?, (self.value)(base.as_ref()?)?)));
        let mut values: Vec<f64> = pairs
            .map(|(own, base)| match self.against {
                Against::Nothing => own,
                Against::Ratio => own / base,
                Against::Difference => own - base,
            })
            .collect();
        values.sort_by(f64::total_cmp);
        let (Some(min), Some(max)) = (values.first(), values.last()) else { return "-".to_owned() };
        let (median, decimals) = (median(&values), self.decimals);
        match self.against {
            Against::Nothing => format!("{median:.decimals$}"),
            Against::Ratio | Against::Difference => format!("{median:.decimals$} ({min:.decimals$} to {max:.decimals$})"),
        }
    }
}

pub fn sample(sample: &Sample) -> Value {
    json!({
        "requests": sample.run.requests, "requestsPerSecond": sample.run.per_second, "p50Ms": p50(sample), "p99Ms": p99(sample),
        "firstByteP50Ms": first_byte(sample), "eventP50Ms": event_p50(sample), "eventP99Ms": event_p99(sample), "cpuMicrosPerRequest": sample.cpu,
    })
}

fn per_second(sample: &Sample) -> Option<f64> {
    Some(sample.run.per_second)
}

fn cpu(sample: &Sample) -> Option<f64> {
    sample.cpu
}

fn p50(sample: &Sample) -> Option<f64> {
    Some(milliseconds(sample.run.p50))
}

fn p99(sample: &Sample) -> Option<f64> {
    Some(milliseconds(sample.run.p99))
}

fn first_byte(sample: &Sample) -> Option<f64> {
    Some(milliseconds(sample.run.first_byte_p50))
}

/// Of a whole stream.
fn time_an_event(sample: &Sample) -> Option<f64> {
    Some(milliseconds(sample.run.p50) / EVENTS as f64)
}

fn event_p50(sample: &Sample) -> Option<f64> {
    Some(milliseconds(sample.run.event_p50))
}

fn event_p99(sample: &Sample) -> Option<f64> {
    Some(milliseconds(sample.run.event_p99))
}

fn cpu_of_an_event(sample: &Sample) -> Option<f64> {
    Some(sample.cpu? / EVENTS as f64)
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rounds(values: &[f64]) -> Vec<Option<Sample>> {
        values.iter().map(|&cpu| Some(Sample { cpu: Some(cpu), ..Sample::default() })).collect()
    }

    #[test]
    fn compares_within_a_round() {
        let (base, own) = (rounds(&[100.0, 200.0, 400.0]), rounds(&[110.0, 180.0, 400.0]));
        assert_eq!(column("", cpu, Against::Ratio, 2).cell(&own, &base), "1.00 (0.90 to 1.10)");
        assert_eq!(column("", cpu, Against::Difference, 0).cell(&own, &base), "0 (-20 to 10)");
        assert_eq!(column("", cpu, Against::Nothing, 0).cell(&own[..2], &base), "145");
        assert_eq!(column("", cpu, Against::Nothing, 0).cell(&[Some(Sample::default())], &base), "-");
    }

    #[test]
    fn a_round_counts_where_both_were_measured() {
        let (mut base, mut own) = (rounds(&[100.0, 200.0, 400.0]), rounds(&[150.0, 200.0, 400.0]));
        (base[1], own[2]) = (None, None);
        assert_eq!(column("", cpu, Against::Ratio, 1).cell(&own, &base), "1.5 (1.5 to 1.5)");
    }
}
