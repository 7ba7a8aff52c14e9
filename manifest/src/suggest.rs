/// The name that was most likely meant, if one is close.
pub fn closest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = written.to_lowercase();
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&lower, &name.to_lowercase()), name))
        .filter(|(distance, name)| *distance <= 1.max(written.len().min(name.len()) / 3))
        .min()
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn finds_what_was_meant() {
        for (written, expected) in [
            ("upstraem", Some("upstream")),
            ("Upstream", Some("upstream")),
            ("htpp", Some("http")),
            ("isPublick", Some("isPublic")),
            ("ispublic", Some("isPublic")),
            ("x", None),
            ("completely", None),
        ] {
            assert_eq!(closest(written, ["upstream", "http", "isPublic", "tls"]), expected, "{written}");
        }
    }
}
