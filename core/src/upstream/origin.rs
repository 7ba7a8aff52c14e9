use http::Uri;
use http::uri::{Authority, PathAndQuery, Scheme};

use crate::problem::Problems;
use crate::receive::CleanPath;

/// Where an upstream is: scheme, host and port. No request can change any of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    scheme: Scheme,
    authority: Authority,
}

impl Origin {
    /// Parses `upstream.url`. `ws` and `wss` are `http` and `https` that may be upgraded.
    pub fn compile(url: &str, problems: &mut Problems) -> Option<Self> {
        let parsed = Self::parse(url);
        if let Err(message) = &parsed {
            problems.error_with_help(message.clone(), "write a scheme, a host and perhaps a port, as in https://api.openai.com");
        }
        parsed.ok()
    }

    fn parse(url: &str) -> Result<Self, String> {
        if url.contains(['<', '>']) {
            return Err(format!("{url:?} still has a placeholder to fill in"));
        }
        if url.len() > 2048 {
            return Err("the URL has more than 2048 characters".to_owned());
        }
        let uri: Uri = url.parse().map_err(|error| format!("{url:?} is not a URL: {error}"))?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(format!("{url:?} is not a URL with a scheme and a host"));
        };
        let scheme = match scheme {
            "http" | "ws" => Scheme::HTTP,
            "https" | "wss" => Scheme::HTTPS,
            other => return Err(format!("the scheme {other:?} is not one of http, https, ws, wss")),
        };
        if authority.as_str().contains('@') {
            return Err("a URL must not hold a user name or password; use `http.auth`".to_owned());
        }
        if authority.host().is_empty() {
            return Err(format!("{url:?} names no host"));
        }
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
            return Err(format!("the path of {url:?} would be ignored: put it in `http.path.addPrefix`"));
        }
        Ok(Self { scheme, authority: authority.clone() })
    }

    /// Host and port, as sent in `Host`.
    pub fn authority(&self) -> &str {
        self.authority.as_str()
    }

    pub fn is_https(&self) -> bool {
        self.scheme == Scheme::HTTPS
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
            ("https://api.openai.com/v1", None),
            ("https://user:pass@api.openai.com", None),
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
