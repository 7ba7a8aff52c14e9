//! Templates: the gateway's own `transform` has the same form.

use serde_json::{Value, json};

use super::name::legal;
use super::world::World;
use crate::gloo::document::{InjaTemplate, ParseBody, TransformationPolicy};
use crate::gloo::{At, Made};

/// Adds the policy's templates to a Service.
pub fn write(world: &mut World<'_>, service: &mut Made, name: &str, policy: &TransformationPolicy, at: &At) {
    let config = &policy.config;
    let mut transform = json!({});
    for (direction, written) in [("request", &config.request), ("response", &config.response)] {
        if let (Some(written), Some(transform)) = (written, transform.as_object_mut()) {
            let at = at.field("spec.config").field(direction).field("injaTemplate");
            transform.insert(direction.to_owned(), template(world, &written.inja_template, &at));
        }
    }
    let mut plugin = json!({ "name": legal(name), "condition": { "matchAny": true }, "transform": transform });
    let is_early = config.phase.as_ref().is_some_and(|phase| phase.pre_authz.is_some());
    if let (true, Some(plugin)) = (is_early, plugin.as_object_mut()) {
        plugin.insert("phase".to_owned(), "PRE_AUTH".into());
    }
    let index = service.get("config.http.plugins").and_then(Value::as_array).map_or(0, Vec::len);
    service.push("config.http.plugins", plugin, &at.field("spec.config"));
    for direction in ["request", "response"] {
        let from = at.field("spec.config").field(direction).field("injaTemplate");
        service.is_copy_of(&format!("spec.config.http.plugins[{index}].transform.{direction}"), &from);
    }
}

fn template(world: &mut World<'_>, template: &InjaTemplate, at: &At) -> Value {
    let mut json = match serde_json::to_value(template) {
        Ok(json) => json,
        Err(error) => {
            world.error(at, error.to_string());
            return json!({});
        }
    };
    let Some(map) = json.as_object_mut() else { return json };
    if let Some(ParseBody::DontParse | ParseBody::DontParseInCapitals) = template.parse_body_behavior {
        map.insert("parseBodyBehavior".to_owned(), "DONT_PARSE".into());
    }
    // Without the switch Gloo pastes texts into JSON as they are, which a quotation mark breaks; see docs/gloo.md.
    if template.escape_characters == Some(true) {
        map.insert("escape".to_owned(), "ALWAYS".into());
    }
    json
}
