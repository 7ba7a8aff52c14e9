use serde_json::{Value, json};

use super::*;
use crate::testing::test;

fn compile(source: &Value) -> (PathChange, Vec<String>) {
    let mut problems = Problems::new();
    let change = PathChange::compile(&serde_json::from_value(source.clone()).unwrap(), &mut problems);
    (change, problems.into_vec().into_iter().map(|problem| problem.path).collect())
}

/// The path that comes out, or what the caller is told.
fn apply(source: &Value, prefix: Option<&str>, path: &str) -> String {
    let (change, problems) = compile(source);
    assert!(problems.is_empty(), "{source}: {problems:?}");
    let prefix = prefix.map(|prefix| Prefix::new(prefix, false));
    match change.apply(&CleanPath::new(path).unwrap(), prefix.as_ref()) {
        Ok(path) => path.as_str().to_owned(),
        Err(error) => error.message,
    }
}

#[test]
fn a_prefix_is_replaced() {
    for (prefix, new, path, expected) in [
        (Some("/foo"), "/xyz", "/foo/bar", "/xyz/bar"),
        (Some("/foo"), "/xyz/", "/foo/bar", "/xyz/bar"),
        (Some("/foo/"), "/xyz", "/foo/bar", "/xyz/bar"),
        (Some("/foo"), "/xyz", "/foo", "/xyz"),
        (Some("/foo"), "/xyz", "/foo/", "/xyz/"),
        (Some("/foo"), "", "/foo/bar", "/bar"),
        (Some("/foo"), "", "/foo", "/"),
        (Some("/foo"), "", "/foo/", "/"),
        (Some("/foo"), "/", "/foo/bar", "/bar"),
        (Some("/foo"), "/", "/foo", "/"),
        (Some("/foo"), "/", "/foo/", "/"),
        (Some("/"), "/xyz", "/bar", "/xyz/bar"),
        (Some("/"), "/", "/bar", "/bar"),
        (Some("/foo"), "/xyz", "/f%6fo/a%2Fb", "/xyz/a%2Fb"),
        (Some("/foo"), "/xyz", "/foo//evil.example", "/xyz//evil.example"),
        (Some("/foo"), "/", "/foo//evil.example", "The path would begin with two slashes."),
        (Some("/foo"), "", "/foo/\\evil.example", "The path would begin with two slashes."),
        // A plugin made another path.
        (Some("/foo"), "/xyz", "/other", "/other"),
        (None, "/xyz", "/foo/bar", "/xyz"),
        (None, "", "/foo/bar", "/"),
    ] {
        assert_eq!(apply(&json!({"replacePrefix": new}), prefix, path), expected, "{prefix:?} {new} {path}");
    }
}

/// Every path of up to six pieces, of those that prefixes and servers trip over.
#[test]
fn no_path_leaves_what_replaces_its_prefix() {
    const PIECES: [&str; 7] = ["/", "a", "..", "%2F", "%61", "%2e", "\\"];
    let mut paths = vec!["/".to_owned()];
    let mut seen = 0;
    for _ in 0..6 {
        paths = paths.iter().flat_map(|path| PIECES.iter().map(move |piece| format!("{path}{piece}"))).collect();
        for path in paths.iter().filter_map(|path| CleanPath::new(path).ok()) {
            for (prefix, new) in [("/a", "/x/y"), ("/", "/x/y"), ("/a/a", "/"), ("/a", "")] {
                let prefix = Prefix::new(prefix, false);
                let Some(rest) = prefix.rest(&path) else { continue };
                let Ok(made) = NewPrefix(new.to_owned()).apply(&path, Some(&prefix)) else { continue };
                let (made, root) = (made.as_str(), new.trim_end_matches('/'));
                assert!(made.starts_with('/') && !made.starts_with("//") && !made.starts_with("/\\"), "{path:?} {made}");
                assert_eq!(CleanPath::new(made).as_ref().map(CleanPath::as_str), Ok(made), "{path:?}");
                let below = made.strip_prefix(root).filter(|below| below.is_empty() || below.starts_with('/'));
                assert!(below == Some(rest) || rest.is_empty() && made.trim_end_matches('/') == root, "{path:?} {made}");
                seen += 1;
            }
        }
    }
    assert!(seen > 10_000, "{seen}");
}

#[test]
fn the_whole_path_is_replaced() {
    assert_eq!(apply(&json!({"replaceFullPath": "/v1/chat"}), Some("/foo"), "/foo/bar"), "/v1/chat");
}

#[cfg(feature = "routing")]
#[test]
fn patterns_are_substituted() {
    const DOTS: &str = "The path has dot segments that cannot be resolved without doubt.";
    const SLASHES: &str = "The path would begin with two slashes.";
    const NO_SLASH: &str = "The path must start with a slash.";
    for (pattern, substitution, path, expected) in [
        ("^/a/(.*)$", r"/b/\1", "/a/x/y", "/b/x/y"),
        ("^/a/(.*)$", r"/b/\1", "/c", "/c"),
        ("^/a/(.*)$", r"/b/\1", "/a/x%2Fy", "/b/x%2Fy"),
        ("a", "b", "/a/a", "/b/b"),
        ("^/(x)?", r"/\0-\1", "/y", SLASHES),
        ("^/service/([^/]+)(/.*)$", r"\2/instance/\1", "/service/foo/v1/api", "/v1/api/instance/foo"),
        ("x*", "-", "/x", NO_SLASH),
        ("$", r"\\", "/x", "/x\\"),
        ("^/a", "", "/a../x", NO_SLASH),
        ("a", "", "/.a./x", DOTS),
        ("a", "", "/a/evil.example", SLASHES),
        ("25", "", "/%25zz", "The path has a bad percent-encoding."),
    ] {
        assert_eq!(apply(&json!({"regex": {"pattern": pattern, "substitution": substitution}}), None, path), expected, "{pattern} {path}");
    }
    let bomb = json!({"regex": {"pattern": "a", "substitution": "b".repeat(512)}});
    assert_eq!(apply(&bomb, None, &format!("/{}", "a".repeat(10_000))), "The path would be too long.");
}

#[cfg(feature = "routing")]
#[test]
fn mistakes_are_told_at_their_place() {
    for (source, path) in [
        (json!({"replacePrefix": "xyz"}), "replacePrefix"),
        (json!({"replacePrefix": "//xyz"}), "replacePrefix"),
        (json!({"replacePrefix": "/\u{fc}"}), "replacePrefix"),
        (json!({"replaceFullPath": "/a?b=c"}), "replaceFullPath"),
        (json!({"replaceFullPath": "/%2e%2e/b"}), "replaceFullPath"),
        (json!({"replaceFullPath": format!("/{}", "a".repeat(512))}), "replaceFullPath"),
        (json!({"replaceFullPath": "/a", "addPrefix": "/b"}), ""),
        (json!({"replaceFullPath": "/a", "replacePrefix": "/b"}), ""),
        (json!({"regex": {"pattern": "(", "substitution": ""}}), "regex.pattern"),
        (json!({"regex": {"pattern": "a", "substitution": r"\1"}}), "regex.substitution"),
        (json!({"regex": {"pattern": "a", "substitution": r"\n"}}), "regex.substitution"),
        (json!({"regex": {"pattern": "a", "substitution": "\\"}}), "regex.substitution"),
    ] {
        assert_eq!(compile(&source).1, [path], "{source}");
    }
}
