//! Templates: the gateway's own `transform` has the same form.

use serde_json::{Value, json};

use super::name::legal;
use super::world::World;
use crate::gloo::at::Found;
use crate::gloo::document::{InjaTemplate, Metadata, ParseBody, TransformationPolicy};
use crate::gloo::{At, Made};

/// Says that texts are pasted into JSON as they are, as Gloo does without its own switch.
const ESCAPE: &str = "postern.dev/escape";

/// Adds the policy's templates to a Service.
pub fn write(world: &mut World<'_>, service: &mut Made, metadata: &Metadata, policy: &TransformationPolicy, at: &At) {
    let is_raw = is_raw(world, metadata, at);
    let config = &policy.config;
    let mut transform = json!({});
    for (direction, written) in [("request", &config.request), ("response", &config.response)] {
        if let (Some(written), Some(transform)) = (written, transform.as_object_mut()) {
            let at = at.field("spec.config").field(direction).field("injaTemplate");
            transform.insert(direction.to_owned(), template(world, &written.inja_template, is_raw, &at));
        }
    }
    let mut plugin = json!({ "name": legal(&metadata.name), "condition": { "matchAny": true }, "transform": transform });
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

fn is_raw(world: &mut World<'_>, metadata: &Metadata, at: &At) -> bool {
    let Some(value) = metadata.annotations.get(ESCAPE) else { return false };
    if value != "RAW" {
        let help = "leave it away, or write `RAW` where texts are to be pasted into JSON as they are";
        let at = at.field("metadata.annotations").key(ESCAPE);
        world.tell(Found::error(&at, format!("there is no way to escape that is called {value:?}")).with_help(help));
    }
    true
}

fn template(world: &mut World<'_>, template: &InjaTemplate, is_raw: bool, at: &At) -> Value {
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
    match (template.escape_characters == Some(true), is_raw) {
        (true, true) => world.error(&at.field("escapeCharacters"), format!("the annotation `{ESCAPE}` says the opposite")),
        (true, false) => drop(map.insert("escape".to_owned(), "ALWAYS".into())),
        (false, true) => drop(map.insert("escape".to_owned(), "RAW".into())),
        (false, false) => {}
    }
    json
}
