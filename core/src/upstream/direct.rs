use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Response, StatusCode};

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
    pub fn compile(source: &DirectResponse, problems: &mut Problems) -> Option<Self> {
        let status = problems.at("statusCode", |problems| {
            let code = source.status_code.unwrap_or(200);
            let status = StatusCode::from_u16(code).ok().filter(|_| (200..=599).contains(&code));
            if status.is_none() {
                problems.error(format!("{code} is not a status code from 200 to 599"));
            }
            status
        });
        let body = body(source, problems);
        let content_type = problems.at("contentType", |problems| match &source.content_type {
            None => Some(sniff(body.as_deref().unwrap_or_default())),
            Some(text) => match HeaderValue::from_str(text) {
                Ok(value) if text.len() <= 128 => Some(value),
                _ => {
                    problems.error("a content type has at most 128 characters of visible ASCII");
                    None
                }
            },
        });
        Some(Self { status: status?, content_type: content_type?, body: body? })
    }

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
    match (&source.inline, &source.inline_bytes) {
        (Some(text), None) => {
            if text.len() > 50_000 {
                problems.at("inline", |problems| problems.error("the text has more than 50,000 bytes"));
            }
            Some(Bytes::copy_from_slice(text.as_bytes()))
        }
        (None, Some(encoded)) => problems.at("inlineBytes", |problems| match STANDARD.decode(encoded) {
            Ok(bytes) if bytes.len() <= 35_000 => Some(Bytes::from(bytes)),
            Ok(_) => {
                problems.error("the value has more than 35,000 bytes");
                None
            }
            Err(error) => {
                problems.error(format!("this is not base64: {error}"));
                None
            }
        }),
        _ => {
            problems.error("a direct response needs exactly one of `inline` and `inlineBytes`");
            None
        }
    }
}

fn sniff(body: &[u8]) -> HeaderValue {
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
