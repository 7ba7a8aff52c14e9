use http::Uri;
use http::uri::{Authority, PathAndQuery, Scheme};

use crate::check::url;
use crate::problem::Problems;
use crate::receive::CleanPath;

/// Where an upstream is: scheme, host and port. No request can change any of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    scheme: Scheme,
    authority: Authority,
    /// It speaks HTTP/2 without TLS, and nothing else (RFC 9113 §3.3).
    pub is_h2c: bool,
}

impl Origin {
    /// Parses `upstream.url`. `ws` and `wss` are `http` and `https` that may be upgraded; `grpc` and `h2c` are HTTP/2 without TLS.
    pub fn compile(text: &str, problems: &mut Problems) -> Option<Self> {
        let uri = url::parse(text).map_err(|fault| problems.error(fault)).ok()?;
        let scheme = match uri.scheme_str().unwrap_or_default() {
            "http" | "ws" | "grpc" | "h2c" => Some(Scheme::HTTP),
            "https" | "wss" => Some(Scheme::HTTPS),
            scheme => {
                problems
                    .error_with_help(format!("there is no scheme `{scheme}` here"), "it is `https`, `http`, `wss`, `ws`, `h2c` or `grpc`");
                None
            }
        };
        if !url::is_origin(&uri) {
            let path = uri.path_and_query().map_or("", PathAndQuery::as_str);
            problems.error_with_help("the upstream's address may have no path", format!("put `{path}` into `http.path.addPrefix`"));
            return None;
        }
        let scheme = scheme?;
        let is_h2c = matches!(uri.scheme_str(), Some("grpc" | "h2c"));
        Some(Self { authority: normal(uri.authority()?, &scheme)?, scheme, is_h2c })
    }

    /// Where a container's requests say that they go.
    pub(super) fn of_container() -> Self {
        Self { scheme: Scheme::HTTP, authority: Authority::from_static("container"), is_h2c: false }
    }

    pub fn scheme(&self) -> &str {
        self.scheme.as_str()
    }

    /// Host and port, as sent in `Host`.
    pub fn authority(&self) -> &str {
        self.authority.as_str()
    }

    /// The address of a path at this origin. The parts are joined as parts, so the path cannot reach another host.
    ///
    /// # Errors
    /// When path and query are not valid in a URI.
    pub fn uri(&self, path: &CleanPath, query: Option<&str>) -> Result<Uri, http::Error> {
        let path_and_query: PathAndQuery = match query {
            Some(query) => format!("{}?{query}", path.as_str()).parse()?,
            None => path.as_str().parse()?,
        };
        Uri::builder().scheme(self.scheme.clone()).authority(self.authority.clone()).path_and_query(path_and_query).build()
    }
}

/// In lower case, and without a port that the scheme implies: some hosts write it so whatever they are told, and others do not.
fn normal(authority: &Authority, scheme: &Scheme) -> Option<Authority> {
    let implied = if *scheme == Scheme::HTTPS { ":443" } else { ":80" };
    let text = authority.as_str().to_ascii_lowercase();
    text.strip_suffix(implied).unwrap_or(&text).parse().ok()
}

#[cfg(test)]
mod tests {
    use crate::testing::test;

    use super::*;

    #[test]
    fn only_an_origin_is_accepted() {
        let table = [
            ("https://api.openai.com", Some("https://api.openai.com/p?q")),
            ("http://127.0.0.1:8080/", Some("http://127.0.0.1:8080/p?q")),
            ("wss://x.example", Some("https://x.example/p?q")),
            ("https://API.openai.com:443", Some("https://api.openai.com/p?q")),
            ("http://a.example:443", Some("http://a.example:443/p?q")),
            ("http://[::1]:80", Some("http://[::1]/p?q")),
            ("https://api.openai.com/v1", None),
            ("https://user:pass@api.openai.com", None),
            ("grpc://x.example:50051", Some("http://x.example:50051/p?q")),
            ("h2c://x.example", Some("http://x.example/p?q")),
            ("ftp://x", None),
            ("api.openai.com", None),
            ("https://", None),
            ("https://<HOST>", None),
            ("https://x?y", None),
        ];
        for (url, expected) in table {
            let mut problems = Problems::new();
            let origin = Origin::compile(url, &mut problems);
            let uri = origin.map(|origin| origin.uri(&CleanPath::new("/p").unwrap(), Some("q")).unwrap().to_string());
            assert_eq!(uri.as_deref(), expected, "{url}");
            assert_eq!(problems.has_errors(), expected.is_none(), "{url}");
        }
    }

    #[test]
    fn a_path_cannot_change_the_origin() {
        let origin = Origin::compile("https://a.example", &mut Problems::new()).unwrap();
        for path in ["//evil.example/x", "/@evil.example", "/http://evil.example"] {
            let uri = origin.uri(&CleanPath::new(path).unwrap(), None).unwrap();
            assert_eq!(uri.authority().map(Authority::as_str), Some("a.example"), "{path}");
            assert_eq!(uri.path(), path);
        }
    }
}
