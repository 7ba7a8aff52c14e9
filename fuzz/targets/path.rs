//! Paths: what is clean stays so, and no reading of it leads out of where it is.

#![no_main]

use postern_core::receive::CleanPath;
use postern_fuzz::parts;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let [raw, remove, add] = parts(text);
    if let Ok(path) = CleanPath::new(raw) {
        check(&path);
        // A prefix is the operator's, and is clean where it is taken.
        let prefix = CleanPath::new(add).ok().filter(|prefix| prefix.as_str() == add && add != "*");
        if let Ok(path) = path.rebased(Some(remove), prefix.as_ref().map(CleanPath::as_str)) {
            check(&path);
            let prefix = prefix.as_ref().map_or("", |prefix| prefix.as_str().trim_end_matches('/'));
            assert!(path.as_str().starts_with(prefix), "{path:?} left {prefix}");
        }
    }
    if let Ok(path) = CleanPath::rewritten(raw) {
        check(&path);
        assert_eq!(path.as_str(), raw, "a path that was rewritten is clean as it is");
        assert!(!raw.starts_with("//"), "{raw} could name a host");
    }
});

fn check(path: &CleanPath) {
    let text = path.as_str();
    assert!(text == "*" || text.starts_with('/'), "{text}");
    assert_eq!(CleanPath::new(text).as_ref(), Ok(path), "cleaning twice is cleaning once");
    assert!(path.decoded().chars().all(|c| c >= ' ' && c != '\u{7f}'), "{text} has control characters");
    let once = decode(text.as_bytes());
    let twice = decode(&once);
    for reading in [text.as_bytes(), &once, &twice] {
        for segment in reading.split(|byte| matches!(byte, b'/' | b'\\')) {
            let name = segment.split(|byte| *byte == b';').next().unwrap_or_default();
            assert!(!matches!(name, b"." | b".."), "{text} has dot segments as {}", String::from_utf8_lossy(reading));
        }
    }
}

/// As most servers do: what is no escape stays.
fn decode(text: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::new();
    let mut rest = text;
    while let [first, after @ ..] = rest {
        let digits = after.get(..2).filter(|digits| *first == b'%' && digits.iter().all(u8::is_ascii_hexdigit));
        match digits.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()) {
            Some(byte) => {
                decoded.push(byte);
                rest = &after[2..];
            }
            None => {
                decoded.push(*first);
                rest = after;
            }
        }
    }
    decoded
}
