use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Response, StatusCode};

use crate::check::{at_most, base64, exactly_one, header};
use crate::platform::Body;
use crate::problem::Problems;
use crate::resource::service::DirectResponse;

/// `response.direct`: a fixed answer in place of an upstream.
#[derive(Debug, Clone)]
pub struct Direct {
    status: StatusCode,
    content_type: HeaderValue,
    body: Bytes,
}

impl Direct {
    /// Compiles; every problem is reported at its place.
    pub fn compile(source: &DirectResponse, problems: &mut Problems) -> Option<Self> {
        let status = StatusCode::from_u16(source.status_code.unwrap_or(200)).ok().filter(|status| (200..=599).contains(&status.as_u16()));
        if status.is_none() {
            problems.at("statusCode", |p| p.error("a status is 200 to 599"));
        }
        let body = body(source, problems);
        let content_type = match &source.content_type {
            None => Some(sniff(body.as_deref().unwrap_or_default())),
            Some(text) => {
                at_most(problems, "contentType", text.len(), 128, "bytes");
                problems.at("contentType", |p| header::value(text, p))
            }
        };
        Some(Self { status: status?, content_type: content_type?, body: body? })
    }

    /// The answer, the same each time.
    pub fn response(&self) -> Response<Body> {
        // Answers of these statuses have no content (RFC 9110 §15.3.5, §15.3.6, §15.4.5), and some hosts throw when they get one.
        let is_empty = matches!(self.status, StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT | StatusCode::NOT_MODIFIED);
        let mut response = Response::new(if is_empty { Body::Empty } else { Body::from(self.body.clone()) });
        *response.status_mut() = self.status;
        if is_empty {
            return response;
        }
        response.headers_mut().insert(CONTENT_TYPE, self.content_type.clone());
        response
    }
}

fn body(source: &DirectResponse, problems: &mut Problems) -> Option<Bytes> {
    exactly_one(problems, &[("inline", source.inline.is_some()), ("inlineBytes", source.inline_bytes.is_some())]);
    let inline = source.inline.as_ref().map(|text| {
        at_most(problems, "inline", text.len(), 50_000, "bytes");
        Bytes::copy_from_slice(text.as_bytes())
    });
    let decoded = source.inline_bytes.as_ref().map(|text| {
        let bytes = problems.at("inlineBytes", |problems| base64(text, problems))?;
        at_most(problems, "inlineBytes", bytes.len(), 35_000, "bytes");
        Some(Bytes::from(bytes))
    });
    match (inline, decoded) {
        (Some(body), None) | (None, Some(Some(body))) => Some(body),
        _ => None,
    }
}

/// The content type of a body that says none: JSON, or text.
pub fn sniff(body: &[u8]) -> HeaderValue {
    let is_json = serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok();
    HeaderValue::from_static(if is_json { "application/json" } else { "text/plain; charset=utf-8" })
}

#[cfg(test)]
mod tests {
    use crate::testing::test;

    use super::*;

    fn direct(status_code: Option<u16>, content_type: Option<&str>, inline: Option<&str>, inline_bytes: Option<&str>) -> String {
        let own = |text: Option<&str>| text.map(str::to_owned);
        let source = DirectResponse { status_code, content_type: own(content_type), inline: own(inline), inline_bytes: own(inline_bytes) };
        let mut problems = Problems::new();
        match Direct::compile(&source, &mut problems) {
            Some(direct) => {
                format!("{} {} {}", direct.status.as_u16(), direct.content_type.to_str().unwrap(), String::from_utf8_lossy(&direct.body))
            }
            None => problems.iter().next().unwrap().path.clone(),
        }
    }

    #[test]
    fn compiles() {
        assert_eq!(direct(None, None, Some("{\"a\":1}"), None), "200 application/json {\"a\":1}");
        assert_eq!(direct(Some(418), None, Some("short"), None), "418 text/plain; charset=utf-8 short");
        assert_eq!(direct(None, Some("text/html"), None, Some("aGk=")), "200 text/html hi");
        assert_eq!(direct(None, None, None, Some("%")), "inlineBytes");
        assert_eq!(direct(None, None, None, None), "");
        assert_eq!(direct(None, None, Some("a"), Some("YQ==")), "");
        assert_eq!(direct(Some(100), None, Some("a"), None), "statusCode");
    }
}
