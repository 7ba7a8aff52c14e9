//! Kubernetes' Secrets: their values, and Secrets of the gateway's own for them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::world::World;
use crate::gloo::document::Secret;
use crate::gloo::{At, Made};

/// The data key of a provider's token.
const AUTHORIZATION: &str = "Authorization";

/// The place of a value of a Secret, and the value. No message quotes it.
pub fn value(world: &mut World<'_>, secret: &Secret, key: &str, at: &At) -> Option<(At, Vec<u8>)> {
    if let Some(text) = secret.string_data.get(key) {
        return Some((at.field("stringData").key(key), text.clone().into_bytes()));
    }
    let here = at.field("data").key(key);
    let Some(text) = secret.data.get(key) else {
        world.error(at, format!("the Secret `{}` has no `{key}` in its data", secret.metadata.name));
        return None;
    };
    let text: String = text.split_whitespace().collect();
    match STANDARD.decode(&text) {
        Ok(bytes) => Some((here, bytes)),
        Err(_) => {
            world.error(&here, "this is not base64 (RFC 4648 §4, with padding); plain text belongs in `stringData`");
            None
        }
    }
}

/// As [`value`], for values that are text.
pub fn text(world: &mut World<'_>, secret: &Secret, key: &str, at: &At) -> Option<(At, String)> {
    let (here, bytes) = value(world, secret, key, at)?;
    match String::from_utf8(bytes) {
        Ok(text) if !text.trim().is_empty() => Some((here, text)),
        Ok(_) => {
            world.error(&here, "the value is empty");
            None
        }
        Err(_) => {
            world.error(&here, "the value is not UTF-8");
            None
        }
    }
}

/// A Secret of the gateway's own with the token that a provider is called with; its name.
pub fn authorization(world: &mut World<'_>, secret: &Secret, at: &At) -> Option<String> {
    let made_before = ("Secret", at.document, AUTHORIZATION.to_owned());
    if let Some(name) = world.made_of.get(&made_before) {
        return Some(name.clone());
    }
    let (here, text) = text(world, secret, AUTHORIZATION, at)?;
    let token = text.strip_prefix("Bearer ").unwrap_or(&text);
    let name = made(world, &secret.metadata.name, token.as_bytes(), &here);
    world.made_of.insert(made_before, name.clone());
    Some(name)
}

/// A Secret of the gateway's own; its name.
pub fn made(world: &mut World<'_>, wanted: &str, bytes: &[u8], at: &At) -> String {
    let name = world.names.take("Secret", wanted);
    let mut made = Made::new("Secret", name.clone(), at);
    match std::str::from_utf8(bytes) {
        Ok(text) => made.set("data.value", text, at),
        Err(_) => made.set("data", json!({ "valueBytes": STANDARD.encode(bytes) }), at),
    }
    world.add(made);
    name
}
