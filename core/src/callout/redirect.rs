use http::header::LOCATION;
use http::{Method, Response, StatusCode, Uri};

use super::CalloutError;

/// Where a response leads to, if it is a redirect (RFC 9110 §15.4).
pub fn target<B>(from: &Uri, response: &Response<B>) -> Result<Option<Uri>, CalloutError> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(location) = response.headers().get(LOCATION) else { return Ok(None) };
    let text = location.to_str().map_err(|_| CalloutError::BadRedirect)?.trim();
    resolve(from, text).map(Some).ok_or(CalloutError::BadRedirect)
}

/// RFC 3986 §5.2, without its rarer forms.
fn resolve(base: &Uri, reference: &str) -> Option<Uri> {
    let (scheme, authority) = (base.scheme_str()?, base.authority()?);
    if let Some(rest) = reference.strip_prefix("//") {
        return format!("{scheme}://{rest}").parse().ok();
    }
    if reference.starts_with('/') {
        return format!("{scheme}://{authority}{reference}").parse().ok();
    }
    if reference.split(['/', '?', '#']).next().is_some_and(|first| first.contains(':')) {
        return reference.parse().ok();
    }
    let path = base.path();
    let prefix = match reference.chars().next() {
        None | Some('?' | '#') => path,
        Some(_) => path.get(..=path.rfind('/')?)?,
    };
    format!("{scheme}://{authority}{prefix}{reference}").parse().ok()
}

/// Whether the next request is a GET without a body. RFC 9110 §15.4.2 to §15.4.4: 303 asks for it, and after 301 and 302 clients do so for historical reasons.
pub fn becomes_get(status: StatusCode, method: &Method) -> bool {
    match status {
        StatusCode::SEE_OTHER => *method != Method::HEAD,
        StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND => *method == Method::POST,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    #[test]
    fn resolves() {
        let base = Uri::from_static("http://a.example:81/b/c?d");
        for (reference, expected) in [
            ("/x?y", Some("http://a.example:81/x?y")),
            ("x", Some("http://a.example:81/b/x")),
            ("?y", Some("http://a.example:81/b/c?y")),
            ("", Some("http://a.example:81/b/c")),
            ("//b.example/x", Some("http://b.example/x")),
            ("https://b.example", Some("https://b.example/")),
            ("../x:y", Some("http://a.example:81/b/../x:y")),
            ("/\u{7f}", None),
            ("http://", None),
        ] {
            assert_eq!(resolve(&base, reference).map(|uri| uri.to_string()).as_deref(), expected, "{reference}");
        }
    }

    #[test]
    fn only_redirects_lead_on() {
        let ask = |status: u16, location: Option<&str>| {
            let mut response = Response::new(());
            *response.status_mut() = StatusCode::from_u16(status).unwrap();
            if let Some(location) = location {
                response.headers_mut().insert(LOCATION, location.parse().unwrap());
            }
            target(&Uri::from_static("http://a.example/"), &response).map(|uri| uri.map(|uri| uri.to_string()))
        };
        assert_eq!(ask(302, Some("/x")), Ok(Some("http://a.example/x".to_owned())));
        assert_eq!(ask(302, None), Ok(None));
        assert_eq!(ask(304, Some("/x")), Ok(None));
        assert_eq!(ask(201, Some("/x")), Ok(None));
        assert_eq!(ask(307, Some("http://")), Err(CalloutError::BadRedirect));
    }
}
