//! What names may be.

/// Says what is wrong with a name of one label: a lower-case letter, then letters, digits and single hyphens, the last no hyphen; 2
/// to 40 characters.
pub fn label(name: &str) -> Result<(), String> {
    if let Some(placeholder) = placeholder(name) {
        return Err(format!("`{placeholder}` is a placeholder: put the real name in its place"));
    }
    let fault = if !(2..=40).contains(&name.len()) {
        "has to have 2 to 40 characters"
    } else if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        "has to start with a lower-case letter"
    } else if !name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
        "may have lower-case letters, digits and hyphens only"
    } else if name.ends_with('-') || name.contains("--") {
        "may neither end with a hyphen nor have two in a row"
    } else {
        return Ok(());
    };
    Err(format!("`{name}` {fault}"))
}

/// `name` or `name.namespace`, as `name.namespace`.
pub fn service(name: &str) -> Result<String, String> {
    let (service, namespace) = name.split_once('.').unwrap_or((name, "default"));
    label(service)?;
    label(namespace)?;
    Ok(format!("{service}.{namespace}"))
}

/// A policy with up to five parents: `c.b.a` has the parents `b.a` and `a`. At most 128 characters.
pub fn policy(name: &str) -> Result<(), String> {
    if name.len() > 128 {
        return Err(format!("`{name}` has more than 128 characters"));
    }
    if name.split('.').count() > 6 {
        return Err(format!("`{name}` has more than five parents"));
    }
    name.split('.').try_for_each(label)
}

/// The first `<…>` of a text that was meant to be filled in.
pub fn placeholder(text: &str) -> Option<&str> {
    let start = text.find('<')?;
    let rest = text.get(start..)?;
    rest.get(..=rest.find('>')?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    #[test]
    fn labels() {
        for good in ["ab", "a1", "v1", "gemini-api-key", &"a".repeat(40)] {
            assert_eq!(label(good), Ok(()), "{good}");
        }
        for bad in ["", "a", "1a", "A1", "a_b", "a--b", "ab-", "a.b", "ä1", "-ab", &"a".repeat(41)] {
            assert!(label(bad).is_err(), "{bad}");
        }
        assert!(label("<NAME>").unwrap_err().contains("placeholder"));
    }

    #[test]
    fn services_and_policies() {
        assert_eq!(service("gemini").unwrap(), "gemini.default");
        assert_eq!(service("gemini.prod").unwrap(), "gemini.prod");
        assert!(service("a1.b1.c1").is_err());
        assert_eq!(policy("cc.bb.aa"), Ok(()));
        assert!(policy("gg.ff.ee.dd.cc.bb.aa").is_err());
    }

    #[test]
    fn placeholders() {
        assert_eq!(placeholder("https://<HOST>/x"), Some("<HOST>"));
        assert_eq!(placeholder("a < b"), None);
        assert_eq!(placeholder("a > b < c"), None);
    }
}
