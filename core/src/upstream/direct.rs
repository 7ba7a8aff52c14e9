use http::header::{CONTENT_TYPE, HeaderMap};
use http::{Response, StatusCode};

use super::fixed::{FixedAnswer, compile_body, compile_status};
use crate::check::{at_most, header};
use crate::platform::Body;
use crate::problem::Problems;
use crate::resource::service::{DirectResponse, InlineBody};

/// `response.direct`: a fixed answer in place of an upstream.
#[derive(Debug, Clone)]
pub struct Direct(FixedAnswer);

impl Direct {
    /// Compiles; every problem is reported at its place.
    pub fn compile(source: &DirectResponse, problems: &mut Problems) -> Option<Self> {
        let status = compile_status(source.status_code, StatusCode::OK, problems);
        let body = InlineBody { inline: source.inline.clone(), inline_bytes: source.inline_bytes.clone() };
        let body = compile_body(&body, problems);
        let mut headers = HeaderMap::new();
        if let Some(text) = &source.content_type {
            at_most(problems, "contentType", text.len(), 128, "bytes");
            headers.insert(CONTENT_TYPE, problems.at("contentType", |p| header::value(text, p))?);
        }
        Some(Self(FixedAnswer::new(status?, headers, body?)))
    }

    /// The answer, the same each time.
    pub fn response(&self) -> Response<Body> {
        self.0.response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    fn direct(status_code: Option<u16>, content_type: Option<&str>, inline: Option<&str>, inline_bytes: Option<&str>) -> String {
        let own = |text: Option<&str>| text.map(str::to_owned);
        let source = DirectResponse { status_code, content_type: own(content_type), inline: own(inline), inline_bytes: own(inline_bytes) };
        let mut problems = Problems::new();
        match Direct::compile(&source, &mut problems) {
            Some(direct) => {
                let (head, body) = direct.response().into_parts();
                let content_type = head.headers.get(CONTENT_TYPE).map_or("none", |value| value.to_str().unwrap());
                let body = if let Body::Bytes(bytes) = body { String::from_utf8_lossy(&bytes).into_owned() } else { String::new() };
                format!("{} {content_type} {body}", head.status.as_u16())
            }
            None => problems.iter().next().unwrap().path.clone(),
        }
    }

    #[test]
    fn compiles() {
        assert_eq!(direct(None, None, Some("{\"a\":1}"), None), "200 application/json {\"a\":1}");
        assert_eq!(direct(Some(418), None, Some("short"), None), "418 text/plain; charset=utf-8 short");
        assert_eq!(direct(None, Some("text/html"), None, Some("aGk=")), "200 text/html hi");
        assert_eq!(direct(Some(204), Some("text/html"), Some("none"), None), "204 none ");
        assert_eq!(direct(None, None, Some(""), None), "200 none ");
        assert_eq!(direct(None, None, None, Some("%")), "inlineBytes");
        assert_eq!(direct(None, None, None, None), "");
        assert_eq!(direct(None, None, Some("a"), Some("YQ==")), "");
        assert_eq!(direct(Some(100), None, Some("a"), None), "statusCode");
        assert_eq!(direct(None, Some("a\nb"), Some("a"), None), "contentType");
    }
}
