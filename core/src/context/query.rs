use std::borrow::Cow;

use crate::percent;

/// The parameters of a query string (`a=1&b=x+y`). Only the first value of a name is seen. `+` is a space and `%41` is `A`; a
/// broken escape stands for itself, and bytes that are not UTF-8 become U+FFFD, as in the URL standard's form decoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Query<'r>(pub &'r str);

impl<'r> Query<'r> {
    /// The first value of the parameter; empty when it is written without `=`.
    pub fn get(self, name: &str) -> Option<Cow<'r, str>> {
        self.pairs().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// All pairs, in order, repetitions included.
    pub fn pairs(self) -> impl Iterator<Item = (Cow<'r, str>, Cow<'r, str>)> {
        self.0.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        })
    }
}

/// The query without any parameter of that name, however it is written. Everything else stays byte for byte.
pub fn without_parameter(query: &str, name: &str) -> String {
    let is_other = |pair: &&str| {
        let key = pair.split('=').next().unwrap_or_default();
        percent::decode(&key.replace('+', " ")) != name.as_bytes()
    };
    query.split('&').filter(|_| !query.is_empty()).filter(is_other).collect::<Vec<_>>().join("&")
}

fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains(['%', '+']) {
        return Cow::Borrowed(text);
    }
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        match (byte, tail) {
            (b'+', _) => decoded.push(b' '),
            (b'%', [high, low, after @ ..]) => match (digit(*high), digit(*low)) {
                (Some(high), Some(low)) => {
                    decoded.push(high * 16 + low);
                    rest = after;
                }
                _ => decoded.push(byte),
            },
            _ => decoded.push(byte),
        }
    }
    Cow::Owned(String::from_utf8(decoded).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned()))
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    #[test]
    fn values_are_decoded_and_the_first_counts() {
        let cases = [
            ("a=1&a=2", "a", Some("1")),
            ("%61=x%20y+z", "a", Some("x y z")),
            ("a", "a", Some("")),
            ("b=1", "a", None),
            ("a=%zz%4", "a", Some("%zz%4")),
            ("a=%ff", "a", Some("\u{fffd}")),
            ("a=b=c", "a", Some("b=c")),
            ("", "", None),
        ];
        for (query, name, value) in cases {
            assert_eq!(Query(query).get(name).as_deref(), value, "{query}");
        }
    }
}
