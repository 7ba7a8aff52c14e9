//! API keys: Credentials from the Secrets that a policy selects.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::secret;
use super::world::World;
use crate::gloo::document::{ApiKeyAuth, Document, ObjectRef, Secret, SecretStorage};
use crate::gloo::{At, Found, Kind, Made};

/// The data key of the key itself; all others are entries.
const KEY: &str = "api-key";
/// Types of Secrets that keys may be in. One without a type is `Opaque`.
const TYPES: [&str; 2] = ["extauth.solo.io/apikey", "Opaque"];

/// What `authentication.apiKey` says, after the Credentials that it takes have been made.
pub fn authentication(world: &mut World<'_>, auth: &ApiKeyAuth, policy: &str, at: &At) -> Value {
    let storage = auth.k8s_secret_apikey_storage.clone().unwrap_or_else(|| SecretStorage {
        label_selector: auth.label_selector.clone(),
        api_key_secret_refs: auth.api_key_secret_refs.clone(),
    });
    let labels = accepted(world, &storage, policy, at);
    let mut json = json!({ "headers": [auth.header_name.clone().unwrap_or_else(|| KEY.to_owned())], "matchLabels": labels });
    let entries: Vec<Value> = auth
        .headers_from_metadata_entry
        .iter()
        .map(|(header, entry)| {
            let mut json = json!({ "header": header, "entry": entry.name });
            if let Some(json) = json.as_object_mut().filter(|_| entry.required) {
                json.insert("required".to_owned(), true.into());
            }
            json
        })
        .collect();
    if let Some(json) = json.as_object_mut().filter(|_| !entries.is_empty()) {
        json.insert("headersFromEntries".to_owned(), entries.into());
    }
    json
}

/// The labels of the Credentials whose keys are taken. Secrets that are named rather than described get a label of their own.
fn accepted(world: &mut World<'_>, storage: &SecretStorage, policy: &str, at: &At) -> BTreeMap<String, String> {
    let by_name: Vec<(At, &ObjectRef)> =
        storage.api_key_secret_refs.iter().enumerate().map(|(n, reference)| (at.field("apiKeySecretRefs").item(n), reference)).collect();
    if by_name.is_empty() && storage.label_selector.is_empty() {
        world.error(at, "`labelSelector` or `apiKeySecretRefs` has to say which Secrets hold the keys");
    }
    let own_label = BTreeMap::from([(format!("gloo.postern.dev/{policy}"), "true".to_owned())]);
    let extra = if by_name.is_empty() { None } else { Some(&own_label) };
    let mut count = 0;
    if !storage.label_selector.is_empty() {
        for (place, document) in world.of_kind(Kind::Secret).collect::<Vec<_>>() {
            let Document::Secret(secret) = document else { continue };
            let has_all = storage.label_selector.iter().all(|(key, value)| secret.metadata.labels.get(key) == Some(value));
            if has_all && is_of_type(secret) {
                credential(world, secret, &place, extra);
                count += 1;
            }
        }
    }
    for (at, reference) in by_name {
        count += 1;
        let found = world.follow(Kind::Secret, &reference.name, reference.namespace.as_deref(), &at.field("name"));
        let Some((place, Document::Secret(secret))) = found else { continue };
        if is_of_type(secret) {
            credential(world, secret, &place, extra);
        } else {
            world.error(&at, format!("the Secret `{}` is of a type that holds no API keys", reference.name));
        }
    }
    let labels = extra.cloned().unwrap_or_else(|| storage.label_selector.clone());
    if count == 0 && !labels.is_empty() && !is_there_a_credential(world, &labels) {
        let found = Found::warning(
            &at.field("k8sSecretApikeyStorage"),
            "no Secret and no Credential in these files has these labels, so every request is 401",
        );
        world.tell(found.with_help("check the labels of the Secrets"));
    }
    labels
}

fn is_of_type(secret: &Secret) -> bool {
    secret.kind.as_deref().is_none_or(|kind| TYPES.contains(&kind))
}

fn is_there_a_credential(world: &World<'_>, labels: &BTreeMap<String, String>) -> bool {
    let has_all = |of: &BTreeMap<String, String>| labels.iter().all(|(key, value)| of.get(key) == Some(value));
    world.own.iter().any(|resource| resource.kind() == "Credential" && has_all(&resource.metadata().labels))
}

/// A User and a Credential for a Secret, once for all policies that take it.
fn credential(world: &mut World<'_>, secret: &Secret, at: &At, extra: Option<&BTreeMap<String, String>>) {
    let made_before = ("Credential", at.document, String::new());
    if let Some(name) = world.made_of.get(&made_before).cloned() {
        world.label("Credential", &name, extra.into_iter().flatten());
        return;
    }
    let Some((key_at, key)) = secret::text(world, secret, KEY, at) else { return };
    let user_name = world.names.take("User", &secret.metadata.name);
    let mut user = Made::new("User", user_name.clone(), at);
    user.set("type", "WORKLOAD", at);
    world.add(user);
    let name = world.names.take("Credential", &secret.metadata.name);
    let mut made = Made::new("Credential", name.clone(), at);
    for (label, value) in secret.metadata.labels.iter().chain(extra.into_iter().flatten()) {
        made.label("labels", label, value);
    }
    made.set("type", "API_KEY", at);
    made.set("user", user_name, at);
    made.push("keys", json!({ "value": key }), &key_at);
    let mut entries = serde_json::Map::new();
    let names: std::collections::BTreeSet<&String> =
        secret.data.keys().chain(secret.string_data.keys()).filter(|entry| *entry != KEY).collect();
    for entry in names {
        if let Some((here, bytes)) = secret::value(world, secret, entry, at) {
            let help = "`postern import` prints a Credential in its place, whose entries name Secrets that are in no file";
            world.tell(Found::warning(&here, "anybody who reads the file sees this value").with_help(help));
            let secret = secret::made(world, &format!("{}-{entry}", secret.metadata.name), &bytes, &here);
            entries.insert(entry.clone(), json!({ "fromSecret": secret }));
        }
    }
    if !entries.is_empty() {
        made.set("entries", entries, at);
    }
    world.add(made);
    world.made_of.insert(made_before, name);
}
