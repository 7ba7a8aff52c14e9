//! Tokens of other issuers.

use serde_json::{Map, Value, json};

use super::duration::duration;
use super::world::World;
use crate::gloo::At;
use crate::gloo::document::{Jwks, JwtProvider, LocalJwks, RemoteJwks, TokenSource};

/// One item of `authentication.jwt`.
pub fn provider(world: &mut World<'_>, name: &str, provider: &JwtProvider, at: &At) -> Value {
    let mut json = Map::from_iter([("name".to_owned(), Value::from(name))]);
    let mut put = |field: &str, value: Value| json.insert(field.to_owned(), value);
    if let Some(issuer) = &provider.issuer {
        put("issuer", issuer.as_str().into());
    }
    if !provider.audiences.is_empty() {
        put("audiences", provider.audiences.clone().into());
    }
    put("jwks", keys(world, provider, at));
    if let Some(source) = &provider.token_source {
        put("tokenFrom", token_from(world, source, &at.field("tokenSource")));
    }
    if provider.keep_token {
        put("keepToken", true.into());
    }
    if !provider.claims_to_headers.is_empty() {
        let headers = provider.claims_to_headers.iter().map(|claim| {
            let json = json!({ "claim": claim.claim, "header": claim.header });
            if claim.append { json!({ "claim": claim.claim, "header": claim.header, "append": true }) } else { json }
        });
        put("claimsToHeaders", headers.collect::<Vec<_>>().into());
    }
    if let Some(seconds) = provider.clock_skew_seconds {
        put("clockSkew", json!({ "seconds": seconds }));
    }
    json.into()
}

fn keys(world: &mut World<'_>, provider: &JwtProvider, at: &At) -> Value {
    let nested = provider.jwks.clone().unwrap_or_default();
    let Jwks { remote, local } = nested;
    match (remote.or_else(|| provider.remote.clone()), local.or_else(|| provider.local.clone())) {
        (Some(RemoteJwks { url, cache_duration }), None) => {
            let cached = cache_duration.and_then(|text| world.take(duration(&text), at)).flatten();
            cached.map_or_else(|| json!({ "url": url }), |time| json!({ "url": url, "cacheFor": time }))
        }
        (None, Some(LocalJwks { key: Some(text), inline: None } | LocalJwks { key: None, inline: Some(text) })) => {
            json!({ "inline": text })
        }
        _ => {
            world.error(at, "the keys are missing: exactly one of `remote` with `url` and `local` with `key` or `inline` is needed");
            json!({})
        }
    }
}

fn token_from(world: &mut World<'_>, source: &TokenSource, at: &At) -> Value {
    let mut headers = Vec::new();
    for (index, header) in source.headers.iter().enumerate() {
        match header.header.as_ref().or(header.name.as_ref()) {
            Some(name) => match &header.prefix {
                Some(prefix) => headers.push(json!({ "name": name, "prefix": prefix })),
                None => headers.push(json!({ "name": name })),
            },
            None => world.error(&at.field("headers").item(index), "`header` is missing"),
        }
    }
    let mut json = Map::new();
    if !headers.is_empty() {
        json.insert("headers".to_owned(), headers.into());
    }
    if !source.query_params.is_empty() {
        json.insert("query".to_owned(), source.query_params.clone().into());
    }
    json.into()
}
