use wasmtime::component::Accessor;

use crate::bindings::spin::variables::variables::{Error, Host, HostWithStore};
use crate::state::{HasState, State};

impl Host for State {}

impl<T: Send> HostWithStore<T> for HasState {
    async fn get(accessor: &Accessor<T, Self>, name: String) -> wasmtime::Result<Result<String, Error>> {
        if !is_name(&name) {
            return Ok(Err(Error::InvalidName(format!("{name:?} is no variable name"))));
        }
        let value = accessor.with(|mut access| access.get().app.variables.get(&name).cloned());
        Ok(value.ok_or_else(|| Error::Undefined(format!("no variable for {name:?}"))))
    }
}

/// Spin's rule: words of lower-case letters and digits, joined by single underscores, the first beginning with a letter.
fn is_name(name: &str) -> bool {
    let word = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    name.starts_with(|first: char| first.is_ascii_lowercase()) && name.split('_').all(word)
}

#[cfg(test)]
mod tests {
    #[test]
    fn names() {
        for (name, expected) in [
            ("a", true),
            ("a_b1", true),
            ("a_1", true),
            ("", false),
            ("A", false),
            ("a-b", false),
            ("1a", false),
            ("a__b", false),
            ("_a", false),
        ] {
            assert_eq!(super::is_name(name), expected, "{name:?}");
        }
    }
}
