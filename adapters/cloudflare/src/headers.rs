//! Headers as lines. Most of what goes out came in a moment before, so the shim is told the difference where that is shorter:
//! a copy of the runtime's own object with a few edits costs less than one built up name by name.

use http::HeaderMap;
use http::header::{HeaderName, HeaderValue};

/// Writes the shorter of the whole list and the edits against `original`.
pub fn write(text: &mut String, original: &HeaderMap, headers: &HeaderMap) {
    let edits = Edits::between(original, headers);
    if edits.len() < headers.keys_len() { edits.write(text) } else { write_all(text, headers) }
}

/// A line `-`, then a name and a value a line each. A repeated name is repeated.
pub fn write_all(text: &mut String, headers: &HeaderMap) {
    text.push_str("-\n");
    headers.iter().for_each(|(name, value)| write_line(text, name, value));
}

/// A line with the number of names to remove, those names, then lines to add. A name whose value changes is removed first.
pub fn write_edits(text: &mut String, original: &HeaderMap, headers: &HeaderMap) {
    Edits::between(original, headers).write(text);
}

/// Reads a name and a value a line each. `None` when the text is not that, or holds more than a map can.
pub fn read<'a>(mut lines: impl Iterator<Item = &'a [u8]>) -> Option<HeaderMap> {
    let mut headers = HeaderMap::with_capacity(24);
    while let Some(name) = lines.next() {
        let name = HeaderName::from_bytes(name).ok()?;
        let value = HeaderValue::from_bytes(lines.next()?).ok()?;
        headers.try_append(name, value).ok()?;
    }
    Some(headers)
}

struct Edits<'a> {
    remove: Vec<&'a HeaderName>,
    add: Vec<(&'a HeaderName, &'a HeaderValue)>,
}

impl<'a> Edits<'a> {
    fn between(original: &'a HeaderMap, headers: &'a HeaderMap) -> Self {
        let same = |name: &HeaderName| original.get_all(name).iter().eq(headers.get_all(name).iter());
        Self { remove: original.keys().filter(|name| !same(name)).collect(), add: headers.iter().filter(|(name, _)| !same(name)).collect() }
    }

    fn len(&self) -> usize {
        self.remove.len() + self.add.len()
    }

    fn write(&self, text: &mut String) {
        text.push_str(&self.remove.len().to_string());
        text.push('\n');
        for name in &self.remove {
            text.push_str(name.as_str());
            text.push('\n');
        }
        self.add.iter().for_each(|(name, value)| write_line(text, name, value));
    }
}

/// A value holds no line end: `HeaderValue` refuses them (RFC 9110, section 5.5).
fn write_line(text: &mut String, name: &HeaderName, value: &HeaderValue) {
    text.push_str(name.as_str());
    text.push('\n');
    text.push_str(&String::from_utf8_lossy(value.as_bytes()));
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(lines: &str) -> HeaderMap {
        read(lines.split_terminator('\n').map(str::as_bytes)).expect("well formed")
    }

    #[test]
    fn writes_the_difference() {
        let original = "accept\n*/*\nhost\na\ncookie\nx\n";
        for (headers, expected) in [
            (original, "0\n"),
            ("accept\n*/*\ncookie\nx\n", "1\nhost\n"),
            ("accept\n*/*\nhost\nb\ncookie\nx\n", "1\nhost\nhost\nb\n"),
            ("accept\n*/*\nhost\na\ncookie\nx\nnew\n1\nnew\n2\n", "0\nnew\n1\nnew\n2\n"),
            ("accept\n*/*\naccept\ntext/html\nhost\na\ncookie\nx\n", "1\naccept\naccept\n*/*\naccept\ntext/html\n"),
        ] {
            let mut text = String::new();
            write_edits(&mut text, &map(original), &map(headers));
            assert_eq!(text, expected);
        }
    }

    #[test]
    fn writes_the_whole_list_where_it_is_shorter() {
        let mut text = String::new();
        write(&mut text, &map("a\n1\nb\n2\nc\n3\n"), &map("authorization\nBearer x\n"));
        assert_eq!(text, "-\nauthorization\nBearer x\n");
    }

    #[test]
    fn refuses_what_is_no_header() {
        for lines in ["a b\n1\n", "name\n", "name\nva\0lue\n"] {
            assert_eq!(read(lines.split_terminator('\n').map(str::as_bytes)), None, "{lines:?}");
        }
    }
}
