use serde_saphyr::options::DuplicateKeyPolicy;
use serde_saphyr::{Error, Location, MessageFormatter, Options, Spanned, UserMessageFormatter};

use super::raw::Raw;
use super::split::{Part, split};
use super::{Entry, Node, Place, Value};

/// A document of a file: its tree, unless the YAML itself is broken.
#[derive(Debug)]
pub struct Document {
    pub root: Option<Node>,
    /// Broken YAML, or a key that stands twice in one map; in the latter case there is a tree nevertheless.
    pub error: Option<SyntaxError>,
    /// It is, or was meant to be, a Secret.
    pub is_secret: bool,
}

/// What is wrong with the YAML itself.
#[derive(Debug, PartialEq, Eq)]
pub struct SyntaxError {
    pub place: Place,
    pub message: String,
}

/// Reads all documents of a file; empty ones do not count.
pub fn documents(text: &str) -> Vec<Document> {
    // The parser recurses, and 64 levels of an unoptimized build do not fit the 2 MiB of a thread that a caller may be on.
    let parser = std::thread::Builder::new().stack_size(STACK_BYTES);
    std::thread::scope(|scope| match parser.spawn_scoped(scope, || split(text).iter().map(document).collect()) {
        Ok(thread) => thread.join().unwrap_or_else(|_| vec![unread("the YAML parser failed")]),
        Err(error) => vec![unread(&format!("the YAML parser could not start: {error}"))],
    })
}

const STACK_BYTES: usize = 32 << 20;

fn unread(message: &str) -> Document {
    Document { root: None, error: Some(SyntaxError { place: Place::default(), message: message.to_owned() }), is_secret: false }
}

fn document(part: &Part<'_>) -> Document {
    // Asked of the text, because a broken document has no tree.
    let is_secret = part.text.lines().any(|line| line.contains("kind") && line.to_lowercase().contains("secret"));
    match parse(part, DuplicateKeyPolicy::Error) {
        Ok(node) => Document { root: Some(node), error: None, is_secret },
        Err(error) => {
            let root = match error.without_snippet() {
                Error::DuplicateMappingKey { .. } => parse(part, DuplicateKeyPolicy::FirstWins).ok(),
                _ => None,
            };
            Document { root, error: Some(syntax_error(part, &error)), is_secret }
        }
    }
}

fn parse(part: &Part<'_>, duplicates: DuplicateKeyPolicy) -> Result<Node, Error> {
    let raw: Spanned<Raw> = serde_saphyr::from_str_with_options(part.text, options(duplicates))?;
    Ok(node(part, raw))
}

/// Files are read from repositories that others write to, so what one can cost is bounded: depth, nodes, and what aliases expand to.
fn options(duplicates: DuplicateKeyPolicy) -> Options {
    serde_saphyr::options! {
        strict_booleans: true,
        duplicate_keys: duplicates,
        with_snippet: false,
        budget: serde_saphyr::budget! {
            max_depth: 64,
            max_nodes: 250_000,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 100_000,
        },
    }
}

fn syntax_error(part: &Part<'_>, error: &Error) -> SyntaxError {
    let place = error.location().map(|location| place(part, &location)).unwrap_or_default();
    let message = match error.without_snippet() {
        Error::DuplicateMappingKey { key: Some(key), .. } => format!("the key `{key}` stands twice in this map"),
        error => format!("this is not valid YAML: {}", UserMessageFormatter.format_message(error)),
    };
    SyntaxError { place, message }
}

/// A place in the whole file from one in its part. Of a map or list only the first line is taken, so that a message points at
/// something short.
fn place(part: &Part<'_>, location: &Location) -> Place {
    let number = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    let offset =
        location.span().byte_offset().map_or_else(|| offset(part.text, number(location.line()), number(location.column())), number);
    let start = offset.min(part.text.len());
    let length = location.span().byte_len().map_or(0, number);
    let rest = part.text.get(start..).unwrap_or_default();
    let line_end = rest.find('\n').unwrap_or(rest.len());
    let line = part.lines.saturating_add(number(location.line()).max(1));
    let from = part.bytes.saturating_add(start);
    Place { line, column: number(location.column()).max(1), bytes: from..from.saturating_add(length.min(line_end)) }
}

/// The byte at a line and column; the parser tells only those for a mistake.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let rest = text.get(before..).unwrap_or_default();
    before + rest.chars().take(column.saturating_sub(1)).map(char::len_utf8).sum::<usize>()
}

fn node(part: &Part<'_>, raw: Spanned<Raw>) -> Node {
    let value = match raw.value {
        Raw::Scalar(value) => value,
        Raw::List(items) => Value::List(items.into_iter().map(|item| node(part, item)).collect()),
        Raw::Map(entries) => Value::Map(
            entries
                .into_iter()
                .map(|(key, value)| Entry { key_place: place(part, &key.referenced), key: key.value, node: node(part, value) })
                .collect(),
        ),
    };
    Node { place: place(part, &raw.referenced), value }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Document {
        let mut all = documents(text);
        assert_eq!(all.len(), 1, "{text:?}");
        all.remove(0)
    }

    #[test]
    fn every_key_and_value_has_its_place() {
        let text = "# c\n---\na: 1\n---\nbé:\n  - x: 'y z'\n";
        let all = documents(text);
        assert_eq!(all.len(), 2);
        let Value::Map(entries) = &all[1].root.as_ref().unwrap().value else { panic!() };
        assert_eq!((entries[0].key_place.line, entries[0].key_place.column), (5, 1));
        assert_eq!(&text[entries[0].key_place.bytes.clone()], "bé");
        let Value::List(items) = &entries[0].node.value else { panic!() };
        let value = items[0].get("x").unwrap();
        assert_eq!((value.place.line, value.place.column, &text[value.place.bytes.clone()]), (6, 8, "'y z'"));
    }

    #[test]
    fn values_are_those_of_yaml_1_2() {
        let root = one("[no, on, yes, y, 'true', true, False, 010, 0x10, 1.5, ~, 12e3, 2001-01-01, !!str 5]").root.unwrap();
        let expected = serde_json::json!(["no", "on", "yes", "y", "true", true, false, 10.0, 16, 1.5, null, 12000.0, "2001-01-01", "5"]);
        assert_eq!(root.to_json(), expected);
    }

    #[test]
    fn broken_yaml_is_told_with_its_place() {
        for (text, line, column, message) in [
            ("a: 1\na: 2\n", 2, 1, "the key `a` stands twice"),
            ("a:\n\tb: 1\n", 2, 2, "tab"),
            ("a: [1, 2\n", 0, 0, "not valid YAML"),
            ("a: 'x\n", 0, 0, "not valid YAML"),
            ("a: *nope\n", 1, 4, "unknown"),
            ("a: 1\n b: 2\n", 2, 0, "not valid YAML"),
            ("a: 1\n---\nb: [\n", 0, 0, "not valid YAML"),
            ("a: .inf\n", 1, 4, "finite"),
            ("a: !!int x\n", 1, 0, "not valid YAML"),
        ] {
            let all = documents(text);
            let error = all.iter().find_map(|document| document.error.as_ref()).expect(text);
            assert!(error.message.contains(message), "{text:?}: {error:?}");
            assert!(line == 0 || error.place.line == line, "{text:?}: {error:?}");
            assert!(column == 0 || error.place.column == column, "{text:?}: {error:?}");
        }
    }

    #[test]
    fn a_key_that_stands_twice_hides_nothing_else() {
        let document = one("a: 1\nb: 2\na: 3\n");
        assert_eq!(document.root.unwrap().to_json(), serde_json::json!({ "a": 1, "b": 2 }));
    }

    #[test]
    fn bombs_are_refused() {
        let mut laughs = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for n in 1..10 {
            let aliases = vec![format!("*a{}", n - 1); 10].join(", ");
            laughs.push_str(&format!("a{n}: &a{n} [{aliases}]\n"));
        }
        let deep = format!("a: {}{}", "[".repeat(10_000), "]".repeat(10_000));
        let deep_block: String = (0..1000).map(|n| format!("{}a:\n", " ".repeat(n))).collect();
        for text in [laughs, deep, deep_block, "a: &a [*a]\n".to_owned()] {
            let document = one(&text);
            assert!(document.root.is_none() && document.error.is_some());
        }
        assert!(one(&format!("a: {}{}", "[".repeat(50), "]".repeat(50))).root.is_some());
    }
}
