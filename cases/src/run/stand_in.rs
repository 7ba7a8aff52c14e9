//! Upstreams that stand in for real ones, so that a configuration is tested as it is deployed.

use postern_manifest::Source;

use crate::format::Case;
use crate::values::Values;

/// Puts the upstream's address wherever the resources name the origin that it stands in for.
///
/// # Errors
/// No resource names such an origin: the case would test nothing of it.
pub(super) fn apply(case: &Case, values: &Values, sources: &mut [Source]) -> Result<(), String> {
    for (name, reply) in &case.upstreams {
        let (Some(origin), Some(url)) = (&reply.at, values.get(&format!("upstream.{name}"))) else { continue };
        let mut found = false;
        for source in sources.iter_mut() {
            if let Some(text) = replaced(&source.text, origin, url) {
                source.text = text;
                found = true;
            }
        }
        if !found {
            return Err(format!("no resource names {origin}, which the upstream {name} stands in for"));
        }
    }
    Ok(())
}

/// `None` when the origin is not in the text. A longer host name or another port is another origin.
fn replaced(text: &str, origin: &str, url: &str) -> Option<String> {
    let mut parts = text.split(origin);
    let mut out = parts.next()?.to_owned();
    let mut found = false;
    for part in parts {
        let is_whole = !part.starts_with(|next: char| next.is_ascii_alphanumeric() || matches!(next, '.' | '-' | ':'));
        out.push_str(if is_whole { url } else { origin });
        out.push_str(part);
        found |= is_whole;
    }
    found.then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_origin_is_replaced() {
        let replaced = |text| replaced(text, "https://a.example", "http://127.0.0.1:1");
        assert_eq!(replaced("url: https://a.example/v1\n").as_deref(), Some("url: http://127.0.0.1:1/v1\n"));
        assert_eq!(
            replaced("[\"https://a.example\", https://a.example.org]").as_deref(),
            Some("[\"http://127.0.0.1:1\", https://a.example.org]")
        );
        assert_eq!(replaced("https://a.example:8443 https://a.example-b"), None);
    }
}
