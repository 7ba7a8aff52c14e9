use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use postern_core::secret::Purpose;
use serde_json::{Map, Value};

use super::Running;
use super::call::Prepared;
use super::observe::{self, PATIENCE};
use crate::format::{Case, Forge, Request, RequestBody, Signature, Step};
use crate::matching::{Mismatches, show};
use crate::values::references;

impl Running {
    /// Makes the tokens that a step refers to as `${token.NAME}` and `${forged.NAME}`.
    pub(super) async fn obtain_tokens(&mut self, case: &Case, step: &Step) -> Result<(), String> {
        for name in references(step, "token") {
            obtain(self, &name, None).await?;
        }
        for name in references(step, "forged") {
            let forge = case.forge.get(&name).ok_or_else(|| format!("`forge` has no {name}"))?;
            let good = obtain(self, &forge.from, None).await?;
            let forged = self.forge(forge, &good)?;
            self.values.set(format!("forged.{name}"), forged);
        }
        Ok(())
    }

    fn forge(&self, forge: &Forge, good: &str) -> Result<String, String> {
        let parts: Vec<&str> = good.split('.').collect();
        let [header, claims, signature] = parts.as_slice() else {
            return Err("the token to start from is no JWT in three parts".into());
        };
        let header_of_good = *header;
        let header = encode(&merged(header, &forge.header)?);
        let claims = match &forge.claims_text {
            Some(text) => BASE64_URL_SAFE_NO_PAD.encode(text),
            None => encode(&merged(claims, &forge.claims)?),
        };
        let input = format!("{header}.{claims}");
        let signature = match &forge.signature {
            Signature::Keep => (*signature).to_owned(),
            Signature::Empty => String::new(),
            Signature::Flip => {
                let mut bytes = BASE64_URL_SAFE_NO_PAD.decode(signature).map_err(|error| error.to_string())?;
                if let Some(first) = bytes.first_mut() {
                    *first ^= 1;
                }
                BASE64_URL_SAFE_NO_PAD.encode(bytes)
            }
            Signature::Hs256(key) => BASE64_URL_SAFE_NO_PAD.encode(hmac_sha256(key.as_bytes(), input.as_bytes())),
            Signature::Genuine => BASE64_URL_SAFE_NO_PAD.encode(self.genuine(header_of_good, &input)?),
        };
        Ok(format!("{input}.{signature}"))
    }

    /// The signature that the gateway itself would make, with the key that the good token names.
    fn genuine(&self, header: &str, input: &str) -> Result<Vec<u8>, String> {
        let (epoch, id) = key_of(header).ok_or("the token to start from names no key")?;
        let ring = self.ring.as_ref().ok_or("the gateway has no key")?;
        let key = ring.by_id(Purpose::Token(epoch), &id).ok_or("the token to start from was signed with another key")?;
        Ok(hmac_sha256(key.bytes(), input.as_bytes()))
    }
}

fn key_of(header: &str) -> Option<(u64, String)> {
    let header: Value = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
    let (epoch, id) = header.get("kid")?.as_str()?.split_once('.')?;
    Some((epoch.parse().ok()?, id.to_owned()))
}

/// The access token of a credential: its material where that is a token, else one from the token endpoint. One for each scope.
pub(super) async fn obtain(running: &mut Running, credential: &str, scope: Option<&str>) -> Result<String, String> {
    let known = match scope {
        None => format!("token.{credential}"),
        Some(scope) => format!("token.{credential} {scope}"),
    };
    if let Some(token) = running.values.get(&known) {
        return Ok(token.to_owned());
    }
    let material = running.credentials.get(credential).ok_or_else(|| format!("`credentials` has no {credential}"))?;
    let token = match &material.access_token {
        Some(token) => token.clone(),
        None => {
            let (id, secret) = (&material.client_id, &material.client_secret);
            let scope = scope.map(|scope| format!("&scope={}", scope.replace(' ', "%20"))).unwrap_or_default();
            let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}{scope}");
            request_token(running, form).await?
        }
    };
    running.canaries.mark(&format!("an access token of {credential}"), &token);
    running.values.set(known, &token);
    Ok(token)
}

async fn request_token(running: &mut Running, form: String) -> Result<String, String> {
    let request = Request { path: Some("/oauth2/token".into()), body: Some(RequestBody::Form(form)), ..Request::default() };
    let call = Prepared::new(&request, &running.domain, None)?.call(&running.upstreams.gates);
    let answer = tokio::time::timeout(PATIENCE, running.instance.send(call)).await.map_err(|_| "the token endpoint did not answer")??;
    let mut out = Mismatches::default();
    let seen = observe::read(answer, &[], &running.upstreams.gates, &mut out).await;
    running.owed.add(&request, Some(&seen), &mut out);
    let json: Value = serde_json::from_slice(&seen.body).unwrap_or_default();
    match json.get("access_token").and_then(Value::as_str) {
        Some(token) if seen.status == 200 => Ok(token.to_owned()),
        _ => Err(format!("the token endpoint answered {} with {}", seen.status, show(&seen.body))),
    }
}

fn merged(part: &str, changes: &Map<String, Value>) -> Result<Map<String, Value>, String> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(part).map_err(|error| error.to_string())?;
    let mut map: Map<String, Value> = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
    for (key, value) in changes {
        if value.is_null() {
            map.remove(key);
        } else {
            map.insert(key.clone(), value.clone());
        }
    }
    Ok(map)
}

fn encode(map: &Map<String, Value>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Value::Object(map.clone()).to_string())
}

fn hmac_sha256(key: &[u8], input: &[u8]) -> Vec<u8> {
    use hmac::{Hmac, KeyInit, Mac};
    // HMAC takes keys of any length, so this cannot fail.
    let Ok(mut mac) = Hmac::<sha2::Sha256>::new_from_slice(key) else { return Vec::new() };
    mac.update(input);
    mac.finalize().into_bytes().to_vec()
}
