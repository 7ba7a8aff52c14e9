use bytes::Bytes;
use http::HeaderMap;
use serde_json::{Value, json};

use super::Ai;
use crate::problem::Problems;
use crate::receive::CleanPath;
use crate::testing::test;

fn compile(source: Value) -> (Option<Ai>, Vec<String>) {
    let mut problems = Problems::new();
    let ai = Ai::compile(&serde_json::from_value(source).unwrap(), &mut problems);
    (ai, problems.into_vec().into_iter().map(|problem| problem.path).collect())
}

/// Path and query, and the body where it is not the caller's; or the message for the caller.
fn write(source: &Value, path: &str, query: Option<&str>, body: &str) -> String {
    let (ai, problems) = compile(source.clone());
    assert!(problems.is_empty(), "{problems:?}");
    let (ai, body) = (ai.unwrap(), Bytes::from(body.to_owned()));
    let ask = ai.ask(&CleanPath::new(path).unwrap());
    let body = ask.reads_body().then_some(&body);
    match ask.write(query, &HeaderMap::new(), body) {
        Ok(written) => {
            let query = written.query.map(|query| format!("?{query}")).unwrap_or_default();
            let body = written.body.map(|body| format!(" {}", String::from_utf8_lossy(&body))).unwrap_or_default();
            format!("{}{query}{body}", written.path.as_str())
        }
        Err(error) => error.message,
    }
}

#[test]
fn paths_are_the_providers() {
    let openai = json!({"provider": "OPENAI"});
    let gemini = json!({"provider": "GEMINI", "model": "gemini-2.5-flash"});
    let azure = json!({"provider": "AZURE_OPENAI", "deployment": "my gpt", "apiVersion": "2024-10-21"});
    for (source, path, query, expected) in [
        (&openai, "/", Some("a=1"), "/v1/chat/completions?a=1"),
        (&openai, "/x/v1/embeddings", None, "/v1/embeddings"),
        (&json!({"provider": "MISTRAL", "path": {"base": "/mistral/"}}), "/", None, "/mistral/v1/chat/completions"),
        (&json!({"provider": "OPENAI", "path": {"full": "/chat?api=1"}}), "/v1/chat/completions", Some("a=1"), "/chat?api=1"),
        (&json!({"provider": "OPENAI", "path": {"full": "/chat"}}), "/v1/files", Some("a=1"), "/v1/files?a=1"),
        (&json!({"provider": "ANTHROPIC"}), "/claude", None, "/v1/messages"),
        (&gemini, "/", None, "/v1beta/models/gemini-2.5-flash:generateContent"),
        (&gemini, "/v1/models/other:countTokens", None, "/v1/models/gemini-2.5-flash:countTokens"),
        (&gemini, "/v1/models/x:streamGenerateContent", Some("alt=sse"), "/v1/models/gemini-2.5-flash:streamGenerateContent?alt=sse"),
        (
            &json!({"provider": "GEMINI", "model": "g", "apiVersion": "v1", "streaming": true}),
            "/v1beta/models/x:generateContent",
            Some("alt=json&a=1"),
            "/v1/models/g:streamGenerateContent?a=1&alt=sse",
        ),
        (&azure, "/", Some("api-version=x"), "/openai/deployments/my%20gpt/chat/completions?api-version=2024-10-21"),
        (&azure, "/openai/deployments/other/embeddings", None, "/openai/deployments/my%20gpt/embeddings?api-version=2024-10-21"),
        (&azure, "/v1/responses", Some("a"), "/openai/v1/responses?a"),
    ] {
        assert_eq!(write(source, path, query, "{}"), expected, "{source} {path}");
    }
}

#[test]
fn a_model_that_nobody_configured_is_the_callers() {
    let gemini = json!({"provider": "GEMINI"});
    let azure = json!({"provider": "AZURE_OPENAI"});
    for (source, path, body, expected) in [
        (&gemini, "/v1beta/models/a%2Fb:generateContent", "no json", "/v1beta/models/a%2Fb:generateContent"),
        (&gemini, "/", r#"{"model":"g"}"#, "/v1beta/models/g:generateContent"),
        (&gemini, "/", r#"{"model":"models/g:x?y#z"}"#, "/v1beta/models/models%2Fg%3Ax%3Fy%23z:generateContent"),
        (&azure, "/", r#"{"model":"gpt"}"#, "/openai/deployments/gpt/chat/completions"),
        (&gemini, "/", "{}", "The request names no model."),
        (&gemini, "/", r#"{"model":1}"#, "The request names no model."),
        (&gemini, "/", "", "The request names no model."),
    ] {
        assert_eq!(write(source, path, None, body), expected, "{source} {path} {body}");
    }
}

#[test]
fn a_models_name_cannot_leave_its_segment() {
    let long = "x".repeat(257);
    for model in ["..", ".", "../../v1/files", "a/../../b", "..\\b", "%2e%2e", "..;", "", &long, "a\nb"] {
        for provider in ["GEMINI", "AZURE_OPENAI"] {
            let body = json!({ "model": model }).to_string();
            assert_eq!(write(&json!({ "provider": provider }), "/", None, &body), "The model's name is not valid.", "{provider} {model:?}");
        }
    }
}

#[test]
fn of_a_body_only_what_is_configured_changes() {
    let openai = json!({"provider": "OPENAI", "model": "gpt-4o"});
    let streaming = json!({"provider": "OPENAI", "streaming": true});
    let anthropic = json!({"provider": "ANTHROPIC", "model": "claude", "streaming": true});
    for (source, path, body, expected) in [
        (&openai, "/", r#"{"seed": 12345678901234567890123, "model": "x"}"#, r#"{"seed": 12345678901234567890123, "model": "gpt-4o"}"#),
        (&openai, "/", r#"{"a":1}"#, r#"{"model":"gpt-4o","a":1}"#),
        (&openai, "/", r#"{"model":"gpt-4o"}"#, ""),
        (&openai, "/", "", ""),
        (&streaming, "/", r#"{"stream":false}"#, r#"{"stream_options":{"include_usage":true},"stream":true}"#),
        (
            &streaming,
            "/",
            r#"{"stream":true,"stream_options":{"x":1.0}}"#,
            r#"{"stream":true,"stream_options":{"include_usage":true,"x":1.0}}"#,
        ),
        (&streaming, "/", r#"{"stream":true,"stream_options":{"include_usage":true}}"#, ""),
        (&streaming, "/", r#"{"stream":true,"stream_options":null}"#, r#"{"stream":true,"stream_options":{"include_usage":true}}"#),
        (&anthropic, "/", r#"{"model":"x"}"#, r#"{"stream":true,"model":"claude"}"#),
        (&json!({"provider": "MISTRAL", "streaming": true}), "/", "{}", r#"{"stream":true}"#),
    ] {
        let written = write(source, path, None, body);
        let (_, found) = written.split_once(' ').unwrap_or_default();
        assert_eq!(found, expected, "{source} {body}");
    }
    assert_eq!(write(&anthropic, "/v1/messages/count_tokens", None, "{}"), r#"/v1/messages/count_tokens {"model":"claude"}"#);
    assert_eq!(write(&openai, "/v1/embeddings", None, "no json"), "/v1/embeddings");
}

#[test]
fn a_body_that_is_to_be_changed_is_a_strict_object() {
    for body in ["[]", "no", r#"{"model":1,"model":2}"#, r#"{"Model":"x"}"#, r#"{"a":1} {}"#] {
        let message = write(&json!({"provider": "OPENAI", "model": "gpt"}), "/", None, body);
        assert!(message.starts_with("The request's body cannot be read"), "{body}: {message}");
    }
}

#[test]
fn mistakes_are_told_at_their_place() {
    for (source, path) in [
        (json!({"provider": "OPENAI"}), None),
        (json!({"provider": "PROVIDER_UNSET"}), Some("provider")),
        (json!({"provider": "OPENAI", "version": "x"}), Some("version")),
        (json!({"provider": "ANTHROPIC", "version": "a\nb"}), Some("version")),
        (json!({"provider": "ANTHROPIC", "apiVersion": "v1"}), Some("apiVersion")),
        (json!({"provider": "GEMINI", "apiVersion": "v1/x"}), Some("apiVersion")),
        (json!({"provider": "GEMINI", "apiVersion": ".."}), Some("apiVersion")),
        (json!({"provider": "GEMINI", "deployment": "d"}), Some("deployment")),
        (json!({"provider": "AZURE_OPENAI", "model": "m"}), Some("model")),
        (json!({"provider": "AZURE_OPENAI", "deployment": ".."}), Some("deployment")),
        (json!({"provider": "GEMINI", "model": ""}), Some("model")),
        (json!({"provider": "GEMINI", "model": "m".repeat(257)}), Some("model")),
        (json!({"provider": "OPENAI", "path": {}}), Some("path")),
        (json!({"provider": "OPENAI", "path": {"full": "/a", "base": "/b"}}), Some("path")),
        (json!({"provider": "OPENAI", "path": {"base": "v1"}}), Some("path.base")),
        (json!({"provider": "OPENAI", "path": {"base": "/a?b"}}), Some("path.base")),
        (json!({"provider": "OPENAI", "path": {"base": "/a/../b"}}), Some("path.base")),
        (json!({"provider": "OPENAI", "path": {"full": "/a?b c"}}), Some("path.full")),
        (json!({"provider": "OPENAI", "path": {"full": format!("/{}", "a".repeat(512))}}), Some("path.full")),
    ] {
        assert_eq!(compile(source.clone()).1, path.into_iter().collect::<Vec<_>>(), "{source}");
    }
}
