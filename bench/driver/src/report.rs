//! The samples as tables for people and as JSON. Ratios and differences are taken within a round, against the pass-through.

use std::fmt::Write;
use std::time::Duration;

use serde_json::{Value, json};

use crate::call::Kind;
use crate::measure::{Measured, Sample};

/// A Markdown table for each load.
pub fn tables(host: &str, names: &[&str], measured: &[Measured]) -> String {
    let mut text = String::new();
    for Measured { load, samples } in measured {
        let (title, columns) = match load.kind {
            Kind::Chat => ("chat request", &CHAT[..]),
            Kind::Stream => ("stream", &STREAM[..]),
        };
        let connections = load.connections;
        let rounds = samples.first().map_or(0, Vec::len);
        // Writing to a String cannot fail.
        let _ = writeln!(text, "\n{host}: {title}, {connections} connection{}, {rounds} rounds\n", if connections == 1 { "" } else { "s" });
        let titles: Vec<&str> = columns.iter().map(|column| column.title).collect();
        let _ = writeln!(text, "| | {} |\n|---|{}", titles.join(" | "), "---|".repeat(columns.len()));
        let base = samples.first().map_or(&[][..], Vec::as_slice);
        for (name, own) in names.iter().zip(samples) {
            let cells: Vec<String> = columns.iter().map(|column| column.cell(own, base)).collect();
            let _ = writeln!(text, "| {name} | {} |", cells.join(" | "));
        }
    }
    text
}

pub fn json(host: &str, names: &[&str], measured: &[Measured]) -> Value {
    let loads = measured.iter().map(|Measured { load, samples }| {
        let programs = names
            .iter()
            .zip(samples)
            .map(|(name, samples)| json!({ "name": name, "rounds": samples.iter().map(sample).collect::<Vec<_>>() }));
        let kind = if load.kind == Kind::Chat { "chat" } else { "stream" };
        json!({ "kind": kind, "connections": load.connections, "programs": programs.collect::<Vec<_>>() })
    });
    json!({ "host": host, "loads": loads.collect::<Vec<_>>() })
}

struct Column {
    title: &'static str,
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

const CHAT: [Column; 7] = [
    column("requests/s", per_second, Against::Nothing, 0),
    column("ratio", per_second, Against::Ratio, 2),
    column("CPU µs a request", cpu, Against::Nothing, 0),
    column("CPU ratio", cpu, Against::Ratio, 2),
    column("p50 ms", p50, Against::Nothing, 2),
    column("p99 ms", p99, Against::Nothing, 2),
    column("p99 added ms", p99, Against::Difference, 2),
];

const STREAM: [Column; 5] = [
    column("first token p50 ms", first_byte, Against::Nothing, 2),
    column("added ms", first_byte, Against::Difference, 2),
    column("whole stream p50 ms", p50, Against::Nothing, 1),
    column("CPU µs a stream", cpu, Against::Nothing, 0),
    column("CPU ratio", cpu, Against::Ratio, 2),
];

impl Column {
    /// The median over the rounds, and for what is compared the smallest and the largest beside it.
    fn cell(&self, own: &[Sample], base: &[Sample]) -> String {
        let pairs = own.iter().zip(base).filter_map(|(own, base)| Some(((self.value)(own)?, (self.value)(base)?)));
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

/// NaN of nothing.
pub fn median(sorted: &[f64]) -> f64 {
    let middle = |index: usize| sorted.get(index).copied().unwrap_or(f64::NAN);
    f64::midpoint(middle(sorted.len().saturating_sub(1) / 2), middle(sorted.len() / 2))
}

fn sample(sample: &Sample) -> Value {
    json!({
        "requests": sample.run.requests, "requestsPerSecond": sample.run.per_second, "p50Ms": p50(sample), "p99Ms": p99(sample),
        "firstByteP50Ms": first_byte(sample), "cpuMicrosPerRequest": sample.cpu,
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

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rounds(values: &[f64]) -> Vec<Sample> {
        values.iter().map(|&cpu| Sample { cpu: Some(cpu), ..Sample::default() }).collect()
    }

    #[test]
    fn compares_within_a_round() {
        let (base, own) = (rounds(&[100.0, 200.0, 400.0]), rounds(&[110.0, 180.0, 400.0]));
        assert_eq!(column("", cpu, Against::Ratio, 2).cell(&own, &base), "1.00 (0.90 to 1.10)");
        assert_eq!(column("", cpu, Against::Difference, 0).cell(&own, &base), "0 (-20 to 10)");
        assert_eq!(column("", cpu, Against::Nothing, 0).cell(&own[..2], &base), "145");
        assert_eq!(column("", cpu, Against::Nothing, 0).cell(&[Sample::default()], &base), "-");
    }
}
