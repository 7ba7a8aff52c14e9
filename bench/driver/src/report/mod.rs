//! The samples as tables for people and as JSON. Ratios and differences are taken within a round, against the pass-through.

mod cold;
mod column;

use std::fmt::Write;

use serde_json::{Value, json};

use crate::call::Kind;
use crate::cold::Cold;
use crate::measure::Measured;
use crate::sizes::{self, Size};

pub use cold::cold;
use column::{CHAT, STREAM, sample};

/// A Markdown table for each load.
pub fn loads(host: &str, names: &[&str], measured: &[Measured]) -> String {
    let mut text = String::new();
    for Measured { load, samples, failures } in measured {
        let (title, columns, unit) = match load.kind {
            Kind::Chat if load.connections == 1 => ("chat requests", &CHAT[..], "connection"),
            Kind::Chat => ("chat requests", &CHAT[..], "connections"),
            Kind::Stream | Kind::Open => ("streams", &STREAM[..], "at once"),
        };
        let rounds = samples.first().map_or(0, Vec::len);
        let base = samples.first().map_or(&[][..], Vec::as_slice);
        let titles: Vec<String> = columns.iter().map(|column| column.title.to_owned()).collect();
        let rows = names.iter().zip(samples).map(|(name, own)| (*name, columns.iter().map(|column| column.cell(own, base)).collect()));
        text += &table(&format!("{host}: {title}, {} {unit}, rounds: {rounds}", load.connections), &titles, rows);
        text.extend(failures.iter().map(|failure| format!("\n{failure}\n")));
    }
    text
}

pub fn json(host: &str, names: &[&str], measured: &[Measured], cold: &[Cold], sizes: &[Size]) -> Value {
    let loads = measured.iter().map(|Measured { load, samples, failures }| {
        let programs = names
            .iter()
            .zip(samples)
            .map(|(name, samples)| json!({ "name": name, "rounds": samples.iter().flatten().map(sample).collect::<Vec<_>>() }));
        let kind = if load.kind == Kind::Chat { "chat" } else { "stream" };
        json!({ "kind": kind, "connections": load.connections, "programs": programs.collect::<Vec<_>>(), "failures": failures })
    });
    let cold: Value = cold.iter().map(Cold::json).collect();
    json!({ "host": host, "loads": loads.collect::<Vec<_>>(), "cold": cold, "wasm": sizes::json(sizes) })
}

/// NaN of nothing.
pub fn median(sorted: &[f64]) -> f64 {
    let middle = |index: usize| sorted.get(index).copied().unwrap_or(f64::NAN);
    f64::midpoint(middle(sorted.len().saturating_sub(1) / 2), middle(sorted.len() / 2))
}

/// The first cell of a row is its name; figures are aligned to the right.
fn table<'a>(caption: &str, titles: &[String], rows: impl Iterator<Item = (&'a str, Vec<String>)>) -> String {
    let mut text = format!("\n{caption}\n\n| | {} |\n| --- |{}\n", titles.join(" | "), " ---: |".repeat(titles.len()));
    for (name, cells) in rows {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "| {name} | {} |", cells.join(" | "));
    }
    text
}
