use base64::Engine;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;
use http::StatusCode;
use serde::Deserialize;

use crate::platform::processor::{Append, CommonResponse, HeaderMutation, ImmediateResponse, ProcessingResponse, SetHeader, Step};

/// Reads a `ProcessingResponse`. Fields that are not known here are skipped, as newer processors may have more to say.
///
/// # Errors
/// What is wrong with it; for the log.
pub fn read(json: &[u8]) -> Result<ProcessingResponse, String> {
    let message: Message = serde_json::from_slice(json).map_err(|error| format!("the answer is not a ProcessingResponse: {error}"))?;
    let common = [
        (Step::RequestHeaders, message.request_headers),
        (Step::RequestBody, message.request_body),
        (Step::ResponseHeaders, message.response_headers),
        (Step::ResponseBody, message.response_body),
    ];
    let mut said: Vec<ProcessingResponse> = Vec::new();
    for (step, wrapped) in common {
        if let Some(wrapped) = wrapped {
            said.push(ProcessingResponse::Common(step, wrapped.response.unwrap_or_default().read()?));
        }
    }
    if let Some(immediate) = message.immediate_response {
        said.push(ProcessingResponse::Immediate(immediate.read()?));
    }
    match (said.pop(), said.is_empty()) {
        (Some(only), true) => Ok(only),
        (None, _) => Err("the answer says nothing about the request or the response".to_owned()),
        (Some(_), false) => Err("the answer says two things at once".to_owned()),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    #[serde(alias = "request_headers")]
    request_headers: Option<Wrapped>,
    #[serde(alias = "request_body")]
    request_body: Option<Wrapped>,
    #[serde(alias = "response_headers")]
    response_headers: Option<Wrapped>,
    #[serde(alias = "response_body")]
    response_body: Option<Wrapped>,
    #[serde(alias = "immediate_response")]
    immediate_response: Option<Immediate>,
}

#[derive(Deserialize)]
struct Wrapped {
    response: Option<Common>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Common {
    status: Option<Enumeration>,
    #[serde(alias = "header_mutation")]
    header_mutation: Option<Mutation>,
    #[serde(alias = "body_mutation")]
    body_mutation: Option<BodyMutation>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Mutation {
    #[serde(alias = "set_headers")]
    set_headers: Option<Vec<HeaderValueOption>>,
    #[serde(alias = "remove_headers")]
    remove_headers: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HeaderValueOption {
    header: Option<HeaderValue>,
    append: Option<bool>,
    #[serde(alias = "append_action")]
    append_action: Option<Enumeration>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HeaderValue {
    key: String,
    value: Option<String>,
    #[serde(alias = "raw_value")]
    raw_value: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BodyMutation {
    body: Option<String>,
    #[serde(alias = "clear_body")]
    clear_body: Option<bool>,
}

#[derive(Deserialize)]
struct Immediate {
    status: Option<HttpStatus>,
    headers: Option<Mutation>,
    body: Option<String>,
}

#[derive(Deserialize)]
struct HttpStatus {
    code: Option<Enumeration>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "the name or the number of a value")]
enum Enumeration {
    Number(u32),
    Name(String),
}

impl Common {
    fn read(self) -> Result<CommonResponse, String> {
        let replace = match self.status {
            None => false,
            Some(status) => status.read(&["CONTINUE", "CONTINUE_AND_REPLACE"])? == 1,
        };
        let body = match self.body_mutation {
            None => None,
            Some(BodyMutation { body: Some(_), clear_body: Some(_) }) => return Err("a body that is also cleared".to_owned()),
            Some(BodyMutation { body: Some(body), .. }) => Some(bytes(&body)?),
            Some(BodyMutation { clear_body, .. }) => clear_body.unwrap_or(false).then(Bytes::new),
        };
        Ok(CommonResponse { replace, headers: self.header_mutation.unwrap_or_default().read()?, body })
    }
}

impl Mutation {
    fn read(self) -> Result<HeaderMutation, String> {
        let set = self.set_headers.unwrap_or_default().into_iter().filter_map(HeaderValueOption::read).collect::<Result<_, _>>()?;
        Ok(HeaderMutation { remove: self.remove_headers.unwrap_or_default(), set })
    }
}

impl HeaderValueOption {
    /// `None` when it names no header.
    fn read(self) -> Option<Result<SetHeader, String>> {
        let header = self.header?;
        let append = match (self.append_action, self.append) {
            (Some(action), _) => read_append(&action),
            (None, Some(true)) => Ok(Append::Append),
            (None, _) => Ok(Append::Overwrite),
        };
        Some(append.and_then(|append| Ok(SetHeader { append, value: header.read_value()?, name: header.key })))
    }
}

fn read_append(action: &Enumeration) -> Result<Append, String> {
    let values = ["APPEND_IF_EXISTS_OR_ADD", "ADD_IF_ABSENT", "OVERWRITE_IF_EXISTS_OR_ADD", "OVERWRITE_IF_EXISTS"];
    Ok(match action.read(&values)? {
        0 => Append::Append,
        1 => Append::AddIfAbsent,
        3 => Append::OverwriteIfExists,
        _ => Append::Overwrite,
    })
}

impl HeaderValue {
    fn read_value(&self) -> Result<Bytes, String> {
        let text = self.value.as_ref().filter(|text| !text.is_empty()).map(|text| Bytes::copy_from_slice(text.as_bytes()));
        let raw = self.raw_value.as_ref().map(|text| bytes(text)).transpose()?.filter(|raw| !raw.is_empty());
        match (text, raw) {
            (Some(text), Some(raw)) if text != raw => Err("a header with two values".to_owned()),
            (text, raw) => Ok(raw.or(text).unwrap_or_default()),
        }
    }
}

impl Immediate {
    fn read(self) -> Result<ImmediateResponse, String> {
        Ok(ImmediateResponse {
            status: self.status.and_then(|status| status.code).map(|code| code.read_status()).transpose()?,
            headers: self.headers.unwrap_or_default().read()?,
            body: self.body.map(|body| bytes(&body)).transpose()?.unwrap_or_default(),
        })
    }
}

impl Enumeration {
    /// The number of a value, of those that are numbered from 0.
    fn read(&self, values: &[&str]) -> Result<u32, String> {
        let number = match self {
            Enumeration::Number(number) => *number,
            Enumeration::Name(name) => {
                let found = values.iter().position(|value| value == name);
                found.and_then(|found| u32::try_from(found).ok()).ok_or_else(|| format!("the unknown value {name:?}"))?
            }
        };
        if usize::try_from(number).is_ok_and(|number| number < values.len()) {
            Ok(number)
        } else {
            Err(format!("the unknown value {number}"))
        }
    }

    /// `envoy.type.v3.StatusCode` has the names of RFC 9110 §15, written together: `NotFound`.
    fn read_status(&self) -> Result<u32, String> {
        let name = match self {
            Enumeration::Number(number) => return Ok(*number),
            Enumeration::Name(name) => name,
        };
        let is_named = |code: &u16| {
            let phrase = StatusCode::from_u16(*code).ok().and_then(|status| status.canonical_reason());
            phrase.is_some_and(|phrase| phrase.bytes().filter(u8::is_ascii_alphanumeric).eq(name.bytes()))
        };
        match name.as_str() {
            "Empty" => Ok(0),
            _ => (100..600).find(is_named).map(u32::from).ok_or_else(|| format!("the unknown status {name:?}")),
        }
    }
}

/// Either alphabet of RFC 4648, with or without padding.
fn bytes(text: &str) -> Result<Bytes, String> {
    const ANY_PADDING: GeneralPurposeConfig = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let alphabet = if text.contains(['-', '_']) { &URL_SAFE } else { &STANDARD };
    let decoded = GeneralPurpose::new(alphabet, ANY_PADDING).decode(text);
    decoded.map(Bytes::from).map_err(|_| "bytes that are not base64".to_owned())
}
