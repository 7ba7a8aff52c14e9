use crate::percent::{encode, is_unreserved};
use crate::query::without;

/// The query with parameters replaced or, where the new value is empty, removed. Others stay byte for byte.
pub fn changed(query: Option<String>, parameters: &[(String, String)]) -> Option<String> {
    parameters.iter().fold(query, |query, (name, value)| {
        let mut left = without(query.as_deref().unwrap_or_default(), name).unwrap_or_default();
        if !value.is_empty() {
            let separator = if left.is_empty() { "" } else { "&" };
            let written = |text: &str| encode(text.as_bytes(), is_unreserved);
            left.push_str(&format!("{separator}{}={}", written(name), written(value)));
        }
        Some(left).filter(|left| !left.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    #[test]
    fn set_and_removed() {
        for (query, name, value, expected) in [
            (None, "key", "a b&c", Some("key=a%20b%26c")),
            (Some("a=1&key=x&k%65y=y"), "key", "v", Some("a=1&key=v")),
            (Some("a=1&key=x"), "key", "", Some("a=1")),
            (Some("key=x"), "key", "", None),
            (None, "key", "", None),
        ] {
            let parameters = [(name.to_owned(), value.to_owned())];
            assert_eq!(changed(query.map(str::to_owned), &parameters).as_deref(), expected, "{query:?}");
        }
    }
}
