use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, StreamExt};
use http::{HeaderValue, Response, StatusCode};
use http_body::Frame;
use http_body_util::Full;
use serde_json::{Value, json};

use super::json_response;

/// A whole answer, or one that comes bit by bit.
pub enum ChatBody {
    Whole(Full<Bytes>),
    Events(Pin<Box<dyn Stream<Item = Bytes>>>),
}

/// What the provider says, as the tokens of a stream.
const WORDS: [&str; 4] = ["Hello", " from", " the", " provider"];

/// Time between two tokens, so that a client can see that a stream is one.
const PACE: Duration = Duration::from_millis(30);

/// Answers a chat completion in the shape of OpenAI's API.
pub(super) fn complete(request: &Value) -> Response<ChatBody> {
    let model = request.get("model").and_then(Value::as_str).unwrap_or("unknown").to_owned();
    if request.get("stream").and_then(Value::as_bool) == Some(true) {
        let usage = request.pointer("/stream_options/include_usage").and_then(Value::as_bool) == Some(true);
        return stream(&model, usage);
    }
    let message = json!({"role": "assistant", "content": WORDS.concat(), "refusal": null});
    let answer = json!({
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": null}],
        "usage": usage(),
    });
    json_response(StatusCode::OK, &answer)
}

/// The models that there are, in the shape of OpenAI's API.
pub(super) fn models() -> Value {
    json!({"object": "list", "data": [{"id": "gpt-4o", "object": "model", "created": 1_700_000_000, "owned_by": "provider"}]})
}

/// A message in the shape of Anthropic's API.
pub(super) fn message(request: &Value) -> Value {
    json!({
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": request.get("model"),
        "content": [{"type": "text", "text": WORDS.concat()}],
        "stop_reason": "end_turn",
        "stop_sequence": null,
        "usage": {"input_tokens": 9, "output_tokens": 4},
    })
}

/// Generated content in the shape of Google's API.
pub(super) fn content() -> Value {
    json!({"candidates": [{"content": {"role": "model", "parts": [{"text": WORDS.concat()}]}, "finishReason": "STOP", "index": 0}]})
}

fn stream(model: &str, with_usage: bool) -> Response<ChatBody> {
    let chunk = |choices: Value, usage: Value| json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_700_000_000, "model": model, "choices": choices, "usage": usage});
    let mut events: Vec<String> = WORDS
        .iter()
        .map(|word| {
            chunk(json!([{"index": 0, "delta": {"role": "assistant", "content": word}, "finish_reason": null}]), Value::Null).to_string()
        })
        .collect();
    events.push(chunk(json!([{"index": 0, "delta": {}, "finish_reason": "stop"}]), Value::Null).to_string());
    if with_usage {
        events.push(chunk(json!([]), usage()).to_string());
    }
    events.push("[DONE]".into());
    let events = futures::stream::iter(events).then(|data| async move {
        tokio::time::sleep(PACE).await;
        Bytes::from(format!("data: {data}\n\n"))
    });
    let mut response = Response::new(ChatBody::Events(Box::pin(events)));
    response.headers_mut().insert("content-type", HeaderValue::from_static("text/event-stream"));
    response
}

fn usage() -> Value {
    json!({"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13})
}

impl http_body::Body for ChatBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match &mut *self {
            ChatBody::Whole(body) => Pin::new(body).poll_frame(cx),
            ChatBody::Events(events) => events.as_mut().poll_next(cx).map(|next| next.map(|bytes| Ok(Frame::data(bytes)))),
        }
    }

    fn size_hint(&self) -> http_body::SizeHint {
        match self {
            ChatBody::Whole(body) => body.size_hint(),
            ChatBody::Events(_) => http_body::SizeHint::default(),
        }
    }
}
