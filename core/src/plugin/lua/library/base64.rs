//! `base64`: RFC 4648 §4, and §5 for URLs, both with padding. Decoding takes texts without padding too.

use base64::Engine;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use postern_lua::Library;

use super::arguments::{bytes, pay};
use super::{Result, ScriptCall};
use crate::plugin::lua::host::ScriptHost;

const CONFIG: GeneralPurposeConfig = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const PLAIN: GeneralPurpose = GeneralPurpose::new(&STANDARD, CONFIG);
const FOR_URLS: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, CONFIG);

pub fn add(library: &mut Library<ScriptHost>) {
    library.module(
        "base64",
        &[
            ("encode", |call| encode(call, "encode", &PLAIN)),
            ("decode", |call| decode(call, "decode", &PLAIN)),
            ("encodeURL", |call| encode(call, "encodeURL", &FOR_URLS)),
            ("decodeURL", |call| decode(call, "decodeURL", &FOR_URLS)),
        ],
    );
}

fn encode(call: &mut ScriptCall<'_>, function: &str, engine: &GeneralPurpose) -> Result {
    let bytes = bytes(call, 0, function)?;
    pay(call, bytes.len() / 3 * 4)?;
    let text = engine.encode(bytes);
    call.returns_string(text)
}

/// Nil and a message for a text that is none.
fn decode(call: &mut ScriptCall<'_>, function: &str, engine: &GeneralPurpose) -> Result {
    let text = bytes(call, 0, function)?;
    pay(call, text.len())?;
    match engine.decode(text) {
        Ok(bytes) => call.returns_string(bytes),
        Err(error) => call.returns_problem(error.to_string()),
    }
}
