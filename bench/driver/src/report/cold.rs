use super::{median, table};
use crate::cold::Cold;
use crate::sizes::Size;

/// Start-up, open streams and sizes, each as a Markdown table.
pub fn cold(host: &str, cold: &[Cold], sizes: &[Size]) -> String {
    let rounds = cold.first().map_or(0, |cold| cold.first_answer.len());
    let rows = cold.iter().map(|cold| (cold.name, vec![spread(&cold.first_answer), spread(&cold.early)]));
    let titles = ["first answer after, ms".to_owned(), "CPU µs of each of the next 1,000 requests".to_owned()];
    let mut text = table(&format!("{host}: start-up, rounds: {rounds}"), &titles, rows);
    text += &open_streams(host, cold);
    if !sizes.is_empty() {
        let rows = sizes.iter().map(|size| (size.name, vec![size.raw.to_string(), size.gzip.to_string()]));
        text += &table(&format!("{host}: WebAssembly"), &["bytes".to_owned(), "bytes, gzip -9".to_owned()], rows);
    }
    text
}

fn open_streams(host: &str, cold: &[Cold]) -> String {
    let longest = cold.iter().max_by_key(|cold| cold.open.len());
    let sizes: Vec<usize> = longest.into_iter().flat_map(|cold| &cold.open).map(|open| open.streams).collect();
    let mut titles: Vec<String> = sizes.iter().map(|size| format!("{size} open: MB, event p50 and p99 ms")).collect();
    titles.push("KB a stream".to_owned());
    let rows = cold.iter().map(|cold| {
        let mut cells: Vec<String> = cold
            .open
            .iter()
            .map(|open| {
                let memory = open.memory.map_or_else(|| "-".to_owned(), |bytes| format!("{:.1}", bytes as f64 / 1e6));
                format!("{memory}, {:.2}, {:.2}", open.p50.as_secs_f64() * 1e3, open.p99.as_secs_f64() * 1e3)
            })
            .collect();
        cells.resize(sizes.len(), "failed".to_owned());
        cells.push(cold.memory_of_a_stream().map_or_else(|| "-".to_owned(), |bytes| format!("{:.1}", bytes / 1e3)));
        (cold.name, cells)
    });
    let mut text = table(&format!("{host}: open streams, an event each half second"), &titles, rows);
    let failures = cold.iter().filter_map(|cold| Some(format!("\n{}: {}\n", cold.name, cold.failure.as_ref()?)));
    text.extend(failures);
    text
}

fn spread(values: &[f64]) -> String {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (Some(min), Some(max)) = (sorted.first(), sorted.last()) else { return "-".to_owned() };
    format!("{:.0} ({min:.0} to {max:.0})", median(&sorted))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::cold::Open;

    #[test]
    fn what_failed_is_said_in_the_table_and_below() {
        let open = |streams, memory| Open { streams, memory: Some(memory), p50: Duration::from_millis(1), p99: Duration::from_millis(2) };
        let program = |name, open, failure| Cold { name, first_answer: vec![30.0, 10.0, 20.0], early: vec![400.0], open, failure };
        let text = cold(
            "native",
            &[
                program("whole", vec![open(1, 1_000_000), open(11, 1_100_000)], None),
                program("half", vec![open(1, 2_000_000)], Some("11 streams: refused".to_owned())),
            ],
            &[],
        );
        assert!(text.contains("| whole | 20 (10 to 30) | 400 (400 to 400) |"), "{text}");
        assert!(text.contains("| whole | 1.0, 1.00, 2.00 | 1.1, 1.00, 2.00 | 10.0 |"), "{text}");
        assert!(text.contains("| half | 2.0, 1.00, 2.00 | failed | - |\n\nhalf: 11 streams: refused\n"), "{text}");
        assert!(!text.contains("WebAssembly"), "{text}");
    }
}
