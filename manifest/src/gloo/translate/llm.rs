//! Upstreams that are providers of language models.

use serde_json::{Map, Value, json};

use super::secret;
use super::target::{Leads, Target, url};
use super::world::{Missing, World};
use crate::gloo::document::{AuthToken, AzureOpenAi, CustomHost, Document, Llm, Provider};
use crate::gloo::{At, Found, Kind, Made};

/// What a provider's API is like.
struct Api {
    provider: &'static str,
    host: &'static str,
    /// The header of its keys; `None` for `Authorization: Bearer`.
    key_header: Option<&'static str>,
}

const OPENAI: Api = Api { provider: "OPENAI", host: "api.openai.com", key_header: None };
const MISTRAL: Api = Api { provider: "MISTRAL", host: "api.mistral.ai", key_header: None };
const ANTHROPIC: Api = Api { provider: "ANTHROPIC", host: "api.anthropic.com", key_header: Some("x-api-key") };
const GEMINI: Api = Api { provider: "GEMINI", host: "generativelanguage.googleapis.com", key_header: Some("x-goog-api-key") };
const AZURE: Api = Api { provider: "AZURE_OPENAI", host: "", key_header: Some("api-key") };

/// What an Upstream's `ai` leads to.
pub fn leads(world: &mut World<'_>, llm: &Llm, name: &str, has_tls: bool, at: &At) -> Option<Leads> {
    let Some(multi) = &llm.multi else { return target(world, llm, name, name, has_tls, at).map(Leads::One) };
    let mut pools = Vec::new();
    for (priority, entry) in multi.priorities.iter().enumerate() {
        let mut pool = Vec::new();
        for (index, member) in entry.pool.iter().enumerate() {
            let at = at.field("multi.priorities").item(priority).field("pool").item(index);
            if member.multi.is_some() {
                world.error(&at, "a pool has providers in it, and no pools");
                continue;
            }
            let config = format!("{}-{}-{}", super::name::legal(name), priority + 1, index + 1);
            pool.extend(target(world, member, name, &config, has_tls, &at));
        }
        pools.push(pool);
    }
    if pools.iter().all(Vec::is_empty) {
        world.error(at, "there is no provider in `multi`");
        return None;
    }
    pools.retain(|pool| !pool.is_empty());
    Some(Leads::Pools(pools))
}

fn target(world: &mut World<'_>, llm: &Llm, upstream: &str, config: &str, has_tls: bool, at: &At) -> Option<Target> {
    let written: Vec<(&Api, Option<&Provider>, &str)> = [
        (&OPENAI, llm.openai.as_ref(), "openai"),
        (&MISTRAL, llm.mistral.as_ref(), "mistral"),
        (&ANTHROPIC, llm.anthropic.as_ref(), "anthropic"),
        (&GEMINI, llm.gemini.as_ref(), "gemini"),
    ]
    .into_iter()
    .filter(|(_, provider, _)| provider.is_some())
    .collect();
    let called = |at: At, api: &Api| Call { upstream, config, has_tls, at, key_header: api.key_header };
    match (written.as_slice(), &llm.azure_openai) {
        ([(api, Some(provider), field)], None) => known(world, api, provider, &called(at.field(field), api)),
        ([], Some(azure)) => azure_openai(world, azure, &called(at.field("azureOpenai"), &AZURE)),
        _ => {
            world.error(at, "exactly one provider is needed: `openai`, `anthropic`, `gemini`, `azureOpenai` or `mistral`");
            None
        }
    }
}

/// What every provider's translation needs to know.
struct Call<'n> {
    upstream: &'n str,
    config: &'n str,
    has_tls: bool,
    at: At,
    key_header: Option<&'static str>,
}

fn known(world: &mut World<'_>, api: &Api, provider: &Provider, call: &Call<'_>) -> Option<Target> {
    let mut ai = Map::from_iter([("provider".to_owned(), api.provider.into())]);
    put(&mut ai, "model", provider.model.as_ref());
    for (field, value, of) in [("version", &provider.version, "ANTHROPIC"), ("apiVersion", &provider.api_version, "GEMINI")] {
        if value.is_some() && api.provider != of {
            world.error(&call.at.field(field), format!("this provider has no `{field}`"));
        }
        put(&mut ai, field, value.as_ref().filter(|_| api.provider == of));
    }
    finish(world, call, ai, api.host, provider.custom_host.as_ref(), provider.auth_token.as_ref())
}

fn azure_openai(world: &mut World<'_>, azure: &AzureOpenAi, call: &Call<'_>) -> Option<Target> {
    let mut ai = Map::from_iter([("provider".to_owned(), AZURE.provider.into())]);
    put(&mut ai, "deployment", Some(&azure.deployment_name));
    put(&mut ai, "apiVersion", azure.api_version.as_ref());
    let endpoint = azure.endpoint.as_deref().map(|endpoint| endpoint.trim_start_matches("https://").trim_start_matches("http://"));
    let endpoint = endpoint.map(|endpoint| endpoint.trim_end_matches('/')).unwrap_or_default();
    if endpoint.is_empty() && azure.custom_host.is_none() {
        world.error(&call.at, "`endpoint` is missing");
        return None;
    }
    finish(world, call, ai, endpoint, azure.custom_host.as_ref(), azure.auth_token.as_ref())
}

fn finish(
    world: &mut World<'_>,
    call: &Call<'_>,
    mut ai: Map<String, Value>,
    host: &str,
    custom: Option<&CustomHost>,
    token: Option<&AuthToken>,
) -> Option<Target> {
    let (mut address, mut host_header) = (format!("https://{host}"), None);
    if let Some(custom) = custom {
        let port = custom.port.unwrap_or(443);
        address = url(call.has_tls || port == 443, &custom.host, port);
        host_header = custom.hostname.clone().filter(|name| *name != custom.host);
        if let Some(path) = &custom.path_override {
            let at = call.at.field("customHost.pathOverride");
            match (&path.full_path, &path.base_path) {
                (Some(full), None) => put_value(&mut ai, "path", json!({ "full": full })),
                (None, Some(base)) => put_value(&mut ai, "path", json!({ "base": base })),
                _ => world.error(&at, "exactly one of `fullPath` and `basePath` is needed"),
            }
        }
    }
    let auth = match token {
        None => None,
        Some(token) => Some(auth(world, call, token)?),
    };
    Some(Target {
        name: super::name::legal(call.config),
        urls: vec![address],
        host: custom.map_or(host, |custom| custom.host.as_str()).to_owned(),
        ai: Some(ai.into()),
        auth,
        host_header,
        http2: false,
        at: call.at.clone(),
    })
}

/// What `http.auth` says for a token of one of the three kinds.
fn auth(world: &mut World<'_>, call: &Call<'_>, token: &AuthToken) -> Option<Value> {
    let at = call.at.field("authToken");
    let secret = match token {
        AuthToken::Passthrough(_) => {
            return Some(match call.key_header {
                None => json!({ "passthrough": {} }),
                Some(header) => json!({ "passthrough": { "header": header } }),
            });
        }
        AuthToken::Inline(value) => inline(world, call, value, &at.field("inline"))?,
        AuthToken::SecretRef(reference) => {
            let here = at.field("secretRef.name");
            match world.find(Kind::Secret, &reference.name, reference.namespace.as_deref()) {
                Ok((place, Document::Secret(secret))) => secret::authorization(world, secret, &place)?,
                Ok(_) | Err(Missing::Broken) => return None,
                Err(Missing::Unknown(Some(meant))) => {
                    world.tell(Found::error(&here, format!("there is no Secret `{}`", reference.name)).with_help(meant));
                    return None;
                }
                // It may be one of the gateway's own, in these files or in the store.
                Err(Missing::Unknown(None)) => reference.name.clone(),
            }
        }
    };
    Some(match call.key_header {
        None => json!({ "bearer": { "fromSecret": secret } }),
        Some(header) => json!({ "custom": { "header": header, "value": { "fromSecret": secret } } }),
    })
}

/// A Secret of the token that stands in the file.
fn inline(world: &mut World<'_>, call: &Call<'_>, value: &str, at: &At) -> Option<String> {
    if value.is_empty() {
        world.error(at, "the token is empty");
        return None;
    }
    // One Upstream may be used by many routes.
    let made_before = ("Secret", at.document, at.path.clone());
    if let Some(name) = world.made_of.get(&made_before) {
        return Some(name.clone());
    }
    let help = "store it with `postern create secret NAME`, and write `secretRef: {name: NAME}`";
    if value.starts_with('$') {
        world.tell(Found::warning(at, "the token is taken literally: variables are not replaced here").with_help(help));
    } else {
        world.tell(Found::warning(at, "anybody who reads the file sees this token").with_help(help));
    }
    let wanted = if call.upstream == call.config { format!("{}-token", call.upstream) } else { format!("{}-token", call.config) };
    let name = world.names.take("Secret", &wanted);
    let mut made = Made::new("Secret", name.clone(), at);
    made.set("data.value", value, at);
    world.add(made);
    world.made_of.insert(made_before, name.clone());
    Some(name)
}

fn put(map: &mut Map<String, Value>, field: &str, value: Option<&String>) {
    if let Some(value) = value {
        put_value(map, field, value.as_str().into());
    }
}

fn put_value(map: &mut Map<String, Value>, field: &str, value: Value) {
    map.insert(field.to_owned(), value);
}
