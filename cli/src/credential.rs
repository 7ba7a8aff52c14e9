//! Credentials in a target's store, and how a new one is shown.

use anyhow::{Context, Result, bail};
use postern_core::auth::{Material, Plaintext, credential_key};
use postern_core::secret::{KeyRing, SecretName, SecretValue};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::args::Output;
use crate::console;
use crate::target::Target;

/// The credential's record.
///
/// # Errors
/// When there is none, or it cannot be read with the ring's keys.
pub fn read(target: &dyn Target, ring: &KeyRing, name: &str) -> Result<Material> {
    check_name(name)?;
    let Some(stored) = target.get(&credential_key(name))? else {
        bail!("there is no credential `{name}` in {}: `postern get credentials` lists them", target.name());
    };
    Material::decode(ring, name, &stored).with_context(|| format!("the credential `{name}` cannot be read"))
}

/// Refuses what is no name before it becomes part of a store's key.
///
/// # Errors
/// When it is none.
pub fn check_name(name: &str) -> Result<()> {
    SecretName::parse(name).map(drop).with_context(|| format!("`{name}` is not a credential's name"))
}

/// Prints the plaintext, which is nowhere else. With `-o json` in the shape of `octeliumctl`.
///
/// # Errors
/// When standard output cannot be written.
pub fn show(plaintext: &Plaintext, output: Output) -> Result<()> {
    let text = match (output.is_json(), plaintext) {
        (true, plaintext) => Zeroizing::new(format!("{:#}\n", document(plaintext)?)),
        (false, Plaintext::Oauth2 { client_id, client_secret }) => {
            Zeroizing::new(format!("Client ID:      {client_id}\nClient secret:  {}\n", text(client_secret)?))
        }
        (false, Plaintext::ApiKey(key)) => Zeroizing::new(format!("API key:  {}\n", text(key)?)),
        (false, Plaintext::AccessToken(token)) => Zeroizing::new(format!("Access token:  {}\n", text(token)?)),
    };
    console::result(&text)
}

fn document(plaintext: &Plaintext) -> Result<Value> {
    Ok(match plaintext {
        Plaintext::Oauth2 { client_id, client_secret } => {
            json!({ "oauth2Credentials": { "clientID": client_id, "clientSecret": text(client_secret)? } })
        }
        Plaintext::ApiKey(key) => json!({ "apiKey": { "apiKey": text(key)? } }),
        Plaintext::AccessToken(token) => json!({ "accessToken": { "accessToken": text(token)? } }),
    })
}

fn text(value: &SecretValue) -> Result<&str> {
    std::str::from_utf8(value.expose()).context("the new secret is not text")
}
