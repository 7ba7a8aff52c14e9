/// `name: value` as it is written in a case. A line without a colon is a name without a value.
pub fn split_header(line: &str) -> (&str, &str) {
    match line.split_once(':') {
        Some((name, value)) => (name, value.strip_prefix(' ').unwrap_or(value)),
        None => (line, ""),
    }
}
