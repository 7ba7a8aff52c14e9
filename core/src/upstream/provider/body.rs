use std::collections::BTreeMap;

use bytes::Bytes;
use http::HeaderMap;
use serde_json::Value;

use super::Ai;
use super::asked::Call;
use crate::body::read_object;
use crate::error::{ErrorKind, GatewayError};
use crate::json::{Projection, member, set_members};
use crate::resource::service::AiProvider;

/// What is changed in a body.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changes<'a> {
    model: Option<&'a str>,
    streams: bool,
    /// Besides, the stream ends with what the call has used.
    tells_usage: bool,
}

/// What a configuration changes in the body of such a call.
pub fn changes<'a>(ai: &'a Ai, call: &Call) -> Changes<'a> {
    let model = ai.model.as_deref();
    let streams = ai.streaming && call.is_main();
    match ai.provider {
        AiProvider::OpenAi => Changes { model, streams, tells_usage: streams },
        // Its streams tell the usage unasked, and it refuses members that it does not know.
        AiProvider::Mistral => Changes { model, streams, tells_usage: false },
        AiProvider::Anthropic => Changes { model, streams, tells_usage: false },
        AiProvider::AzureOpenAi => Changes { model: None, streams, tells_usage: streams },
        AiProvider::Gemini | AiProvider::Unset => Changes::default(),
    }
}

impl Changes<'_> {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The changed body; `None` where it already says so, and for an empty one, which asks for nothing.
    ///
    /// # Errors
    /// 400 for a body that is no strict JSON object.
    pub fn apply(&self, body: &[u8], headers: &HeaderMap) -> Result<Option<Bytes>, GatewayError> {
        if self.is_empty() {
            return Ok(None);
        }
        let mut wanted = Projection::default();
        for (path, is_wanted) in
            [(&["model"][..], self.model.is_some()), (&["stream"], self.streams), (&["stream_options", "include_usage"], self.tells_usage)]
        {
            if is_wanted {
                wanted.add(path.iter().copied());
            }
        }
        let Some(object) = read_object(body, headers, &wanted)? else { return Ok(None) };
        let text = std::str::from_utf8(body).unwrap_or_default();
        let mut members = BTreeMap::new();
        if let Some(model) = self.model
            && object.get("model").and_then(Value::as_str) != Some(model)
        {
            members.insert("model", Value::from(model).to_string());
        }
        if self.streams && object.get("stream") != Some(&Value::Bool(true)) {
            members.insert("stream", "true".to_owned());
        }
        if self.tells_usage && object.pointer("/stream_options/include_usage") != Some(&Value::Bool(true)) {
            let usage = BTreeMap::from([("include_usage", "true".to_owned())]);
            let options = member(text, "stream_options").and_then(|options| set_members(options, &usage));
            members.insert("stream_options", options.unwrap_or_else(|| r#"{"include_usage":true}"#.to_owned()));
        }
        if members.is_empty() {
            return Ok(None);
        }
        let changed = set_members(text, &members).ok_or_else(|| GatewayError::new(ErrorKind::Internal, "the body cannot be changed"))?;
        Ok(Some(Bytes::from(changed)))
    }
}

/// The model that a body names.
///
/// # Errors
/// 400 where it names none, or is no strict JSON object.
pub fn model(body: &[u8], headers: &HeaderMap) -> Result<String, GatewayError> {
    let object = read_object(body, headers, &Projection::path(["model"]))?;
    let model = object.as_ref().and_then(|object| object.get("model")).and_then(Value::as_str);
    model.map(str::to_owned).ok_or_else(|| {
        GatewayError::new(ErrorKind::BadRequest, "the configuration, the path and the body name no model")
            .saying("The request names no model.")
    })
}
