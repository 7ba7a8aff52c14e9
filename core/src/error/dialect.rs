//! Bodies of errors, as the clients of several providers read them.

use bytes::Bytes;
use serde::Serialize;

use super::{Blame, ErrorKind, Shape};

/// The body of an answer, as JSON; nothing where status and headers say everything.
pub fn body(shape: Shape, kind: ErrorKind, message: &str) -> Vec<u8> {
    let text = match shape {
        Shape::Empty => return Vec::new(),
        Shape::OpenAi | Shape::Grpc => {
            serde_json::to_vec(&OpenAi { error: OpenAiError { message, r#type: openai_type(kind), param: None, code: kind.code() } })
        }
        Shape::Anthropic => {
            serde_json::to_vec(&Anthropic { r#type: "error", error: AnthropicError { r#type: anthropic_type(kind), message } })
        }
        Shape::Google => {
            let error = GoogleError { code: kind.status().as_u16(), message, status: google_status(kind) };
            serde_json::to_vec(&Google { error })
        }
    };
    text.unwrap_or_default()
}

/// The error as an event (HTML Living Standard §9.2.6), the last of a stream that cannot go on. Anthropic's SDK reads events by their
/// names, OpenAI's and Google's by what their data holds.
pub fn last_event(shape: Shape, kind: ErrorKind) -> Bytes {
    let shape = if shape == Shape::Empty { Shape::default() } else { shape };
    let name: &[u8] = if shape == Shape::Anthropic { b"event: error\n" } else { b"" };
    [name, b"data: ", &body(shape, kind, kind.sentence()), b"\n\n"].concat().into()
}

#[derive(Serialize)]
struct OpenAi<'a> {
    error: OpenAiError<'a>,
}

/// All four keys are always there, as strict clients require.
#[derive(Serialize)]
struct OpenAiError<'a> {
    message: &'a str,
    r#type: &'a str,
    param: Option<&'a str>,
    code: &'a str,
}

#[derive(Serialize)]
struct Anthropic<'a> {
    r#type: &'a str,
    error: AnthropicError<'a>,
}

#[derive(Serialize)]
struct AnthropicError<'a> {
    r#type: &'a str,
    message: &'a str,
}

#[derive(Serialize)]
struct Google<'a> {
    error: GoogleError<'a>,
}

#[derive(Serialize)]
struct GoogleError<'a> {
    code: u16,
    message: &'a str,
    status: &'a str,
}

fn openai_type(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Unauthenticated => "authentication_error",
        ErrorKind::Forbidden => "permission_error",
        ErrorKind::TooManyRequests => "rate_limit_error",
        _ => match kind.blame() {
            Blame::Client => "invalid_request_error",
            Blame::Upstream | Blame::Gateway => "server_error",
        },
    }
}

fn anthropic_type(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Unauthenticated => "authentication_error",
        ErrorKind::Forbidden => "permission_error",
        ErrorKind::NotFound => "not_found_error",
        ErrorKind::BodyTooLarge => "request_too_large",
        ErrorKind::TooManyRequests => "rate_limit_error",
        ErrorKind::Overloaded => "overloaded_error",
        ErrorKind::UpstreamTimeout => "timeout_error",
        _ => match kind.blame() {
            Blame::Client => "invalid_request_error",
            Blame::Upstream | Blame::Gateway => "api_error",
        },
    }
}

/// The codes of Google's APIs, by name.
fn google_status(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Unauthenticated => "UNAUTHENTICATED",
        ErrorKind::Forbidden => "PERMISSION_DENIED",
        ErrorKind::NotFound => "NOT_FOUND",
        ErrorKind::TooManyRequests => "RESOURCE_EXHAUSTED",
        ErrorKind::NotImplemented => "UNIMPLEMENTED",
        ErrorKind::UpstreamTimeout => "DEADLINE_EXCEEDED",
        ErrorKind::UpstreamUnreachable
        | ErrorKind::UpstreamBroken
        | ErrorKind::Disabled
        | ErrorKind::StoreUnavailable
        | ErrorKind::Overloaded => "UNAVAILABLE",
        _ => match kind.blame() {
            Blame::Client => "INVALID_ARGUMENT",
            Blame::Upstream | Blame::Gateway => "INTERNAL",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    #[test]
    fn each_provider_has_its_own() {
        for (shape, kind, expected) in [
            (
                Shape::OpenAi,
                ErrorKind::Forbidden,
                r#"{"error":{"message":"no \"x\"","type":"permission_error","param":null,"code":"forbidden"}}"#,
            ),
            (Shape::Anthropic, ErrorKind::BodyTooLarge, r#"{"type":"error","error":{"type":"request_too_large","message":"no \"x\""}}"#),
            (Shape::Anthropic, ErrorKind::Credential, r#"{"type":"error","error":{"type":"api_error","message":"no \"x\""}}"#),
            (Shape::Google, ErrorKind::BadRequest, r#"{"error":{"code":400,"message":"no \"x\"","status":"INVALID_ARGUMENT"}}"#),
            (Shape::Google, ErrorKind::UpstreamTimeout, r#"{"error":{"code":504,"message":"no \"x\"","status":"DEADLINE_EXCEEDED"}}"#),
        ] {
            assert_eq!(String::from_utf8(body(shape, kind, "no \"x\"")).unwrap(), expected);
        }
    }

    #[test]
    fn each_reads_the_last_event() {
        let open_ai =
            r#"{"error":{"message":"The upstream's answer broke off.","type":"server_error","param":null,"code":"upstream_broken"}}"#;
        for (shape, expected) in [
            (Shape::OpenAi, format!("data: {open_ai}\n\n")),
            (Shape::Empty, format!("data: {open_ai}\n\n")),
            (
                Shape::Anthropic,
                "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"The upstream's answer broke off.\"}}\n\n"
                    .to_owned(),
            ),
            (
                Shape::Google,
                "data: {\"error\":{\"code\":502,\"message\":\"The upstream's answer broke off.\",\"status\":\"UNAVAILABLE\"}}\n\n".to_owned(),
            ),
        ] {
            assert_eq!(last_event(shape, ErrorKind::UpstreamBroken), expected, "{shape:?}");
        }
    }
}
