/// One document of a file, with what is needed to tell places in the file.
#[derive(Debug, PartialEq, Eq)]
pub struct Part<'a> {
    pub text: &'a str,
    /// Lines before it.
    pub lines: usize,
    /// Bytes before it.
    pub bytes: usize,
}

/// Cuts a file at its document markers, so that a mistake in one document does not hide those in the others. A line that starts
/// with `---` or `...` is a marker wherever it stands: YAML forbids it in any content (YAML 1.2.2 §9.1.2).
pub fn split(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let (mut start, mut start_line, mut position) = (0, 0, 0);
    for (number, line) in text.split_inclusive('\n').enumerate() {
        if is_marker(line) && position > start {
            parts.extend(part(text, start..position, start_line));
            (start, start_line) = (position, number);
        }
        position += line.len();
    }
    parts.extend(part(text, start..position, start_line));
    parts
}

fn is_marker(line: &str) -> bool {
    let rest = line.strip_prefix("---").or_else(|| line.strip_prefix("..."));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']))
}

/// Nothing for a part without content. Directives (`%YAML 1.2`) stand before a marker, so they make such a part.
fn part(text: &str, range: std::ops::Range<usize>, lines: usize) -> Option<Part<'_>> {
    let part = text.get(range.clone())?;
    let content = |line: &str| {
        let line = line.trim_start();
        !(line.is_empty() || line.starts_with(['#', '%']) || is_marker(line) && line.get(3..).is_some_and(|rest| rest.trim().is_empty()))
    };
    part.lines().any(content).then_some(Part { text: part, lines, bytes: range.start })
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn cuts_at_markers_only() {
        for (text, expected) in [
            ("", vec![]),
            ("a: 1", vec![("a: 1", 0)]),
            ("---\na: 1\n---\nb: 2\n", vec![("---\na: 1\n", 0), ("---\nb: 2\n", 2)]),
            ("a: 1\n--- # comment\nb: 2\n", vec![("a: 1\n", 0), ("--- # comment\nb: 2\n", 1)]),
            ("# only a comment\n---\n---\n\n", vec![]),
            ("%YAML 1.2\n---\na: 1\n...\n", vec![("---\na: 1\n", 1)]),
            ("a: |\n  ---\n  x\n", vec![("a: |\n  ---\n  x\n", 0)]),
            ("----\n", vec![("----\n", 0)]),
            ("a: 1\r\n---\r\nb: 2\r\n", vec![("a: 1\r\n", 0), ("---\r\nb: 2\r\n", 1)]),
        ] {
            let parts: Vec<_> = split(text).iter().map(|part| (part.text, part.lines)).collect();
            assert_eq!(parts, expected, "{text:?}");
        }
    }
}
