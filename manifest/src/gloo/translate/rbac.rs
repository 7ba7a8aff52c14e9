//! Who of those with a token of another issuer may do what.

use serde_json::{Value, json};

use super::world::World;
use crate::gloo::At;
use crate::gloo::document::{ClaimMatcher, JwtPrincipal, Permissions, Rbac, RbacPolicy};

/// An inline policy that allows whom one of the policies allows, and nobody else.
pub fn policy(world: &mut World<'_>, rbac: &Rbac, at: &At) -> Value {
    let mut rules = Vec::new();
    for (name, policy) in &rbac.policies {
        for conditions in alternatives(world, policy, &at.field("policies").key(name)) {
            let condition = if conditions.is_empty() { json!({ "matchAny": true }) } else { json!({ "match": conditions.join(" && ") }) };
            rules.push(json!({ "name": name, "condition": condition, "effect": "ALLOW" }));
        }
    }
    if rules.is_empty() {
        rules.push(json!({ "name": "no-policy", "condition": { "matchAny": true }, "effect": "DENY" }));
    }
    json!({ "name": "rbac", "spec": { "rules": rules } })
}

/// What has to hold, one list for each principal: a claim that is absent ends one of them and not the others.
fn alternatives(world: &mut World<'_>, policy: &RbacPolicy, at: &At) -> Vec<Vec<String>> {
    let delimiter = policy.nested_claim_delimiter.as_deref().filter(|delimiter| !delimiter.is_empty());
    let permissions: Vec<String> = policy.permissions.iter().flat_map(of_permissions).collect();
    let mut alternatives = Vec::new();
    for (index, principal) in policy.principals.iter().enumerate() {
        let at = at.field("principals").item(index).field("jwtPrincipal");
        let mut conditions = of_principal(world, &principal.jwt_principal, delimiter, &at);
        conditions.extend(permissions.clone());
        alternatives.push(conditions);
    }
    if policy.principals.is_empty() {
        alternatives.push(permissions);
    }
    alternatives
}

fn of_principal(world: &mut World<'_>, principal: &JwtPrincipal, delimiter: Option<&str>, at: &At) -> Vec<String> {
    let mut conditions = Vec::new();
    if let Some(provider) = &principal.provider {
        conditions.push(format!("ctx.session.metadata.name.startsWith({})", text(&format!("{provider}:"))));
    }
    for (name, wanted) in &principal.claims {
        let claim = claim(name, delimiter);
        conditions.push(match principal.matcher.unwrap_or(ClaimMatcher::ExactString) {
            ClaimMatcher::ExactString => format!("{claim} == {}", text(wanted)),
            ClaimMatcher::ListContains => format!("{} in {claim}", text(wanted)),
            ClaimMatcher::RegexMatch => format!("{claim}.matches({})", text(&format!("^(?:{wanted})$"))),
            ClaimMatcher::Boolean => {
                if wanted != "true" && wanted != "false" {
                    world.error(&at.field("claims").key(name), "a `BOOLEAN` claim is `true` or `false`");
                }
                format!("{claim} == {}", wanted == "true")
            }
        });
    }
    conditions
}

fn of_permissions(permissions: &Permissions) -> Vec<String> {
    let mut conditions = Vec::new();
    if let Some(prefix) = permissions.path_prefix.as_ref().filter(|prefix| !prefix.is_empty()) {
        conditions.push(below(prefix));
    }
    if !permissions.methods.is_empty() {
        let methods: Vec<String> = permissions.methods.iter().map(|method| text(method)).collect();
        conditions.push(format!("ctx.request.http.method in [{}]", methods.join(", ")));
    }
    conditions
}

/// Whole segments, as prefixes of routes are: who may use `/mine` may not use `/mines`.
fn below(prefix: &str) -> String {
    const PATH: &str = "ctx.request.http.path";
    if prefix.ends_with('/') {
        return format!("{PATH}.startsWith({})", text(prefix));
    }
    format!("({PATH} == {} || {PATH}.startsWith({}))", text(prefix), text(&format!("{prefix}/")))
}

/// A claim of the caller's token, as an expression reads it.
pub fn claim(name: &str, delimiter: Option<&str>) -> String {
    let segments: Vec<&str> = match delimiter {
        Some(delimiter) => name.split(delimiter).collect(),
        None => vec![name],
    };
    segments.iter().fold("ctx.session.status.claims".to_owned(), |path, segment| format!("{path}[{}]", text(segment)))
}

/// Text as an expression writes it. JSON's escapes are CEL's too.
pub fn text(text: &str) -> String {
    Value::from(text).to_string()
}
