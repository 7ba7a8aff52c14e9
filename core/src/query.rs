//! Parameters of a query, by their names however they are written.

use crate::percent::{decode, encode, is_unreserved};

/// The query without any parameter of that name, and with the new value as its last. The value is percent-encoded already. Everything
/// else stays byte for byte.
pub fn with(query: &str, name: &str, value: &str) -> String {
    let own = format!("{}={value}", encode(name.as_bytes(), is_unreserved));
    others(query, name).chain([own.as_str()]).collect::<Vec<_>>().join("&")
}

/// The query without any parameter of that name; `None` when nothing is left.
pub fn without(query: &str, name: &str) -> Option<String> {
    let others: Vec<&str> = others(query, name).collect();
    (!others.is_empty()).then(|| others.join("&"))
}

/// The pairs whose names are not to be removed.
pub fn left(query: &str, is_removed: impl Fn(&[u8]) -> bool) -> impl Iterator<Item = &str> {
    let stays = move |pair: &&str| {
        let name = pair.split('=').next().unwrap_or_default();
        !is_removed(&decode(&name.replace('+', " ")))
    };
    query.split('&').filter(|_| !query.is_empty()).filter(stays)
}

fn others<'q>(query: &'q str, name: &str) -> impl Iterator<Item = &'q str> {
    left(query, move |key| key == name.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    #[test]
    fn every_occurrence_is_replaced() {
        for (query, name, want) in [
            ("", "key", "key=v"),
            ("alt=sse", "key", "alt=sse&key=v"),
            ("key=a&alt=sse&key=b", "key", "alt=sse&key=v"),
            ("%6Bey=a&key&k%65y=&x=key", "key", "x=key&key=v"),
            ("Key=a&keys=b&key.x=c", "key", "Key=a&keys=b&key.x=c&key=v"),
            ("a+b=1&a%20b=2&a%2Bb=3", "a b", "a%2Bb=3&a%20b=v"),
            ("=key&a=%zz&b=key=1", "key", "=key&a=%zz&b=key=1&key=v"),
            ("a&&b", "key", "a&&b&key=v"),
        ] {
            assert_eq!(with(query, name, "v"), want, "{query}");
        }
    }

    #[test]
    fn every_occurrence_is_removed() {
        for (query, want) in [("key=a&x=1&%6Bey=b", Some("x=1")), ("key=a", None), ("", None), ("x", Some("x"))] {
            assert_eq!(without(query, "key").as_deref(), want, "{query}");
        }
    }
}
