//! Between the core's messages and those on the wire.

use bytes::Bytes;
use postern_core::platform::processor::{
    Append, CommonResponse, Content, HeaderMutation, ImmediateResponse, ProcessingRequest, ProcessingResponse, SetHeader, Step,
};
use prost_types::value::Kind;
use prost_types::{ListValue, Struct, Value};

use super::message as wire;

/// The key of `filter_metadata`.
const CONTEXT: &str = "ctx";

pub fn request(source: &ProcessingRequest) -> wire::ProcessingRequest {
    let end_of_stream = source.end_of_stream;
    let headers = |lines: &[(String, Bytes)]| wire::HttpHeaders {
        headers: Some(wire::HeaderMap { headers: lines.iter().map(|(name, value)| header(name, value)).collect() }),
        end_of_stream,
    };
    let request = match (&source.content, source.step) {
        (Content::Headers(lines), Step::RequestHeaders | Step::RequestBody) => wire::Told::RequestHeaders(headers(lines)),
        (Content::Headers(lines), _) => wire::Told::ResponseHeaders(headers(lines)),
        (Content::Body(body), Step::RequestHeaders | Step::RequestBody) => {
            wire::Told::RequestBody(wire::HttpBody { body: body.clone(), end_of_stream })
        }
        (Content::Body(body), _) => wire::Told::ResponseBody(wire::HttpBody { body: body.clone(), end_of_stream }),
    };
    let context = source.context.as_object().map(structure).unwrap_or_default();
    let metadata = wire::Metadata { filter_metadata: [(CONTEXT.to_owned(), context)].into() };
    wire::ProcessingRequest { request: Some(request), metadata_context: Some(metadata) }
}

/// Processors read one of the two values: Envoy sends only the bytes, and Octelium only the text.
fn header(name: &str, value: &Bytes) -> wire::HeaderValue {
    wire::HeaderValue { key: name.to_owned(), value: String::from_utf8_lossy(value).into_owned(), raw_value: value.clone() }
}

fn structure(object: &serde_json::Map<String, serde_json::Value>) -> Struct {
    Struct { fields: object.iter().map(|(key, inner)| (key.clone(), value(inner))).collect() }
}

fn value(json: &serde_json::Value) -> Value {
    use serde_json::Value as Json;
    let kind = match json {
        Json::Null => Kind::NullValue(0),
        Json::Bool(flag) => Kind::BoolValue(*flag),
        Json::Number(number) => Kind::NumberValue(number.as_f64().unwrap_or_default()),
        Json::String(text) => Kind::StringValue(text.clone()),
        Json::Array(list) => Kind::ListValue(ListValue { values: list.iter().map(value).collect() }),
        Json::Object(object) => Kind::StructValue(structure(object)),
    };
    Value { kind: Some(kind) }
}

/// # Errors
/// What of the answer cannot be done.
pub fn response(source: wire::ProcessingResponse) -> Result<ProcessingResponse, String> {
    let (step, wrapped) = match source.response {
        Some(wire::Said::RequestHeaders(wrapped)) => (Step::RequestHeaders, wrapped),
        Some(wire::Said::RequestBody(wrapped)) => (Step::RequestBody, wrapped),
        Some(wire::Said::ResponseHeaders(wrapped)) => (Step::ResponseHeaders, wrapped),
        Some(wire::Said::ResponseBody(wrapped)) => (Step::ResponseBody, wrapped),
        Some(wire::Said::ImmediateResponse(answer)) => return immediate(answer).map(ProcessingResponse::Immediate),
        Some(wire::Said::RequestTrailers(()) | wire::Said::ResponseTrailers(())) => return Err("an answer about trailers".into()),
        None => return Err("the answer says nothing about the request or the response".into()),
    };
    common(wrapped.response.unwrap_or_default()).map(|common| ProcessingResponse::Common(step, common))
}

fn common(source: wire::CommonResponse) -> Result<CommonResponse, String> {
    let replace = match source.status {
        0 => false,
        1 => true,
        other => return Err(format!("the unknown status {other}")),
    };
    let body = match source.body_mutation.and_then(|body| body.mutation) {
        Some(wire::Mutation::Body(body)) => Some(body),
        Some(wire::Mutation::ClearBody(true)) => Some(Bytes::new()),
        Some(wire::Mutation::ClearBody(false)) | None => None,
        Some(wire::Mutation::StreamedResponse(())) => return Err("a streamed body, which was not asked for".into()),
    };
    Ok(CommonResponse { replace, headers: mutation(source.header_mutation)?, body })
}

fn immediate(source: wire::ImmediateResponse) -> Result<ImmediateResponse, String> {
    let status = source.status.map(|status| u32::try_from(status.code).map_err(|_| format!("the status {}", status.code))).transpose()?;
    Ok(ImmediateResponse { status, headers: mutation(source.headers)?, body: source.body })
}

fn mutation(source: Option<wire::HeaderMutation>) -> Result<HeaderMutation, String> {
    let source = source.unwrap_or_default();
    let set = source.set_headers.into_iter().filter_map(|option| Some((option.header?, option.append, option.append_action)));
    let set = set.map(|(header, append, action)| {
        let append = match (action, append) {
            // On the wire the first value cannot be told from none at all, and Envoy takes it for none.
            (0, Some(true)) => Append::Append,
            (0 | 2, _) => Append::Overwrite,
            (1, _) => Append::AddIfAbsent,
            (3, _) => Append::OverwriteIfExists,
            (other, _) => return Err(format!("the unknown append_action {other}")),
        };
        let text = Bytes::from(header.value);
        if !text.is_empty() && !header.raw_value.is_empty() && text != header.raw_value {
            return Err("a header with two values".to_owned());
        }
        Ok(SetHeader { name: header.key, value: if header.raw_value.is_empty() { text } else { header.raw_value }, append })
    });
    Ok(HeaderMutation { remove: source.remove_headers, set: set.collect::<Result<_, _>>()? })
}
