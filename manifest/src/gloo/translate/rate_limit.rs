//! Rate limits: what requests are counted as, put together with how many of it there may be, when the configuration is read. The
//! counters then know nothing of descriptors.

use serde_json::{Value, json};

use super::name::legal;
use super::rbac::{claim, text};
use super::world::World;
use crate::gloo::document::{Action, CountedHeader, Descriptor, RateLimit, RateLimitActions, ServerLimits, Unit};
use crate::gloo::{At, Found, Made};

/// Adds the limits of one tuple to a Service. Its place, and the place of the limits.
pub fn write(
    world: &mut World<'_>,
    service: &mut Made,
    name: &str,
    actions: &RateLimitActions,
    limits: (&ServerLimits, &At),
    phase: Option<&str>,
    at: &At,
) {
    let (limits, limits_at) = limits;
    let mut found = Vec::new();
    if !actions.actions.is_empty() {
        let Some(entries) = entries(world, &actions.actions, &at.field("actions")) else { return };
        for descriptor in &limits.descriptors {
            refuse_weights(world, descriptor, limits_at);
        }
        walk(&limits.descriptors, &entries, &Tuple::default(), &mut found);
    }
    if !actions.set_actions.is_empty() {
        let Some(entries) = entries(world, &actions.set_actions, &at.field("setActions")) else { return };
        of_sets(limits, &entries, &mut found);
    }
    if found.is_empty() {
        let help = "each entry of the tuple needs a descriptor with its key, and the last one a `rateLimit`";
        world.tell(Found::warning(at, "no descriptor is for this tuple, so it limits nothing").with_help(help));
    }
    for (index, (tuple, limit)) in found.iter().enumerate() {
        if limit.requests_per_unit == 0 {
            world.error(limits_at, "a limit of 0 requests is none: use a `directResponse` to refuse all of them");
        }
        let name = if found.len() == 1 { legal(name) } else { legal(&format!("{name}-{}", index + 1)) };
        push(service, &name, tuple.condition(), *limit, Some(tuple.key()), phase, at);
    }
}

/// Adds a limit for each caller: by user, or by address where nobody is known.
pub fn write_basic(service: &mut Made, name: &str, limit: RateLimit, is_authenticated: bool, at: &At) {
    // Where nobody is known, the address is what counts by default.
    let key = is_authenticated.then(|| json!({ "perUser": true }));
    push(service, name, json!({ "matchAny": true }), limit, key, None, at);
}

fn push(service: &mut Made, name: &str, condition: Value, limit: RateLimit, key: Option<Value>, phase: Option<&str>, at: &At) {
    let window = match limit.unit {
        Unit::Second => json!({ "seconds": 1 }),
        Unit::Minute => json!({ "minutes": 1 }),
        Unit::Hour => json!({ "hours": 1 }),
        Unit::Day => json!({ "days": 1 }),
        Unit::Month => json!({ "months": 1 }),
        Unit::Year => json!({ "days": 365 }),
    };
    let headers = json!([{ "key": "x-envoy-ratelimited", "value": "true" }]);
    let mut rate_limit = json!({ "limit": limit.requests_per_unit, "window": window, "headers": headers });
    if let (Some(key), Some(rate_limit)) = (key, rate_limit.as_object_mut()) {
        rate_limit.insert("key".to_owned(), key);
    }
    let mut plugin = json!({ "name": name, "condition": condition, "rateLimit": rate_limit });
    if let (Some(phase), Some(plugin)) = (phase, plugin.as_object_mut()) {
        plugin.insert("phase".to_owned(), phase.into());
    }
    service.push("config.http.plugins", plugin, at);
}

/// One entry of a tuple.
struct Entry {
    key: String,
    /// What has to hold for there to be an entry.
    condition: Option<Value>,
    value: EntryValue,
}

enum EntryValue {
    /// Known now.
    Fixed(String),
    /// An expression for a text.
    Read(String),
}

/// Conditions and expressions of a tuple on the way to its limit.
#[derive(Clone, Default)]
struct Tuple {
    conditions: Vec<Value>,
    counted_by: Vec<String>,
}

impl Tuple {
    fn condition(&self) -> Value {
        match self.conditions.as_slice() {
            [] => json!({ "matchAny": true }),
            [one] => one.clone(),
            all => json!({ "all": { "of": all } }),
        }
    }

    /// Lengths tell where one text ends and the next begins: callers choose the texts.
    fn key(&self) -> Value {
        let expression = match self.counted_by.as_slice() {
            [] => text("all"),
            [one] => one.clone(),
            several => several.iter().map(|one| format!("string(size({one})) + \":\" + {one}")).collect::<Vec<_>>().join(" + "),
        };
        json!({ "eval": expression })
    }
}

/// The tuple's entries, or nothing when one of them is wrong.
fn entries(world: &mut World<'_>, actions: &[Action], at: &At) -> Option<Vec<Entry>> {
    let entries: Vec<Option<Entry>> = actions.iter().enumerate().map(|(index, action)| entry(world, action, &at.item(index))).collect();
    entries.into_iter().collect()
}

fn entry(world: &mut World<'_>, action: &Action, at: &At) -> Option<Entry> {
    Some(match (&action.generic_key, &action.request_headers, &action.remote_address, &action.header_value_match, &action.metadata) {
        (Some(generic), None, None, None, None) => Entry {
            key: generic.descriptor_key.clone().unwrap_or_else(|| "generic_key".to_owned()),
            condition: None,
            value: EntryValue::Fixed(generic.descriptor_value.clone()),
        },
        (None, Some(header), None, None, None) => {
            let read = format!("ctx.request.http.headers[{}]", text(&header.header_name.to_ascii_lowercase()));
            let condition = json!({ "match": format!("{read} != \"\"") });
            Entry { key: header.descriptor_key.clone(), condition: Some(condition), value: EntryValue::Read(read) }
        }
        (None, None, Some(_), None, None) => {
            Entry { key: "remote_address".to_owned(), condition: None, value: EntryValue::Read("ctx.request.ip".to_owned()) }
        }
        (None, None, None, Some(wanted), None) => {
            let all: Vec<Value> = wanted.headers.iter().map(header).collect();
            let all = json!({ "all": { "of": all } });
            let condition = if wanted.expect_match.unwrap_or(true) { all } else { json!({ "none": { "of": [all] } }) };
            Entry { key: "header_match".to_owned(), condition: Some(condition), value: EntryValue::Fixed(wanted.descriptor_value.clone()) }
        }
        (None, None, None, None, Some(metadata)) => {
            let is_jwt = metadata.metadata_key.key.is_empty() || metadata.metadata_key.key.contains("jwt");
            // The first step is the name under which the claims are kept.
            let path: Vec<&str> = metadata.metadata_key.path.iter().skip(1).map(|segment| segment.key.as_str()).collect();
            if !is_jwt || path.is_empty() || metadata.default_value.is_some() {
                world.error(at, "of metadata only claims of the caller's token can be counted by, as `path: [{key: principal}, {key: sub}]`, without a default");
                return None;
            }
            let read = format!("string({})", claim(&path.join("\u{0}"), Some("\u{0}")));
            let condition = json!({ "match": format!("{read} != \"\"") });
            Entry { key: metadata.descriptor_key.clone(), condition: Some(condition), value: EntryValue::Read(read) }
        }
        _ => {
            world.error(at, "exactly one of `genericKey`, `requestHeaders`, `remoteAddress`, `headerValueMatch` and `metadata` is needed");
            return None;
        }
    })
}

fn header(wanted: &CountedHeader) -> Value {
    let name = text(&wanted.name.to_ascii_lowercase());
    let read = format!("ctx.request.http.headers[{name}]");
    let expression = if let Some(value) = &wanted.exact_match {
        format!("{read} == {}", text(value))
    } else if let Some(pattern) = &wanted.regex_match {
        format!("{read}.matches({})", text(&format!("^(?:{pattern})$")))
    } else if let Some(prefix) = &wanted.prefix_match {
        format!("{read}.startsWith({})", text(prefix))
    } else if let Some(suffix) = &wanted.suffix_match {
        format!("{read}.endsWith({})", text(suffix))
    } else {
        format!("{name} in ctx.request.http.headers")
    };
    // `presentMatch: false` is the opposite of being there.
    let is_inverted = wanted.invert_match != (wanted.present_match == Some(false));
    if is_inverted { json!({ "not": expression }) } else { json!({ "match": expression }) }
}

/// Follows the tuple down the descriptors. A descriptor with the entry's value comes before one for any value.
fn walk(descriptors: &[Descriptor], entries: &[Entry], tuple: &Tuple, found: &mut Vec<(Tuple, RateLimit)>) {
    let Some((entry, rest)) = entries.split_first() else { return };
    let of_key = || descriptors.iter().filter(|descriptor| descriptor.key == entry.key);
    let mut tuple = tuple.clone();
    tuple.conditions.extend(entry.condition.clone());
    let any_value = of_key().find(|descriptor| descriptor.value.is_none());
    match &entry.value {
        EntryValue::Fixed(value) => {
            let chosen = of_key().find(|descriptor| descriptor.value.as_ref() == Some(value)).or(any_value);
            if let Some(descriptor) = chosen {
                reach(descriptor, rest, &tuple, found);
            }
        }
        EntryValue::Read(read) => {
            let mut others = Vec::new();
            for descriptor in of_key() {
                let Some(value) = &descriptor.value else { continue };
                let is_value = json!({ "match": format!("{read} == {}", text(value)) });
                let mut tuple = tuple.clone();
                tuple.conditions.push(is_value.clone());
                others.push(is_value);
                reach(descriptor, rest, &tuple, found);
            }
            if let Some(descriptor) = any_value {
                if !others.is_empty() {
                    tuple.conditions.push(json!({ "none": { "of": others } }));
                }
                tuple.counted_by.push(read.clone());
                reach(descriptor, rest, &tuple, found);
            }
        }
    }
}

fn reach(descriptor: &Descriptor, rest: &[Entry], tuple: &Tuple, found: &mut Vec<(Tuple, RateLimit)>) {
    if !rest.is_empty() {
        walk(&descriptor.descriptors, rest, tuple, found);
    } else if let Some(limit) = descriptor.rate_limit {
        found.push((tuple.clone(), limit));
    }
}

/// Sets: all of a set's entries have to be in the tuple, in any order. The first that applies counts, and those that always do.
fn of_sets(limits: &ServerLimits, entries: &[Entry], found: &mut Vec<(Tuple, RateLimit)>) {
    let mut earlier: Vec<Value> = Vec::new();
    for set in &limits.set_descriptors {
        let mut tuple = Tuple::default();
        let mut applies = true;
        for wanted in &set.simple_descriptors {
            let Some(entry) = entries.iter().find(|entry| entry.key == wanted.key) else {
                applies = false;
                break;
            };
            tuple.conditions.extend(entry.condition.clone());
            match (&entry.value, &wanted.value) {
                (EntryValue::Fixed(value), Some(wanted)) => applies &= value == wanted,
                (EntryValue::Fixed(_), None) => {}
                (EntryValue::Read(read), Some(value)) => tuple.conditions.push(json!({ "match": format!("{read} == {}", text(value)) })),
                (EntryValue::Read(read), None) => tuple.counted_by.push(read.clone()),
            }
        }
        let (true, Some(limit)) = (applies, set.rate_limit) else { continue };
        let own = tuple.condition();
        if !set.always_apply && !earlier.is_empty() {
            tuple.conditions.push(json!({ "none": { "of": earlier.clone() } }));
        }
        earlier.push(own);
        found.push((tuple, limit));
    }
}

fn refuse_weights(world: &mut World<'_>, descriptor: &Descriptor, at: &At) {
    if descriptor.weight > 0 {
        world.error(
            at,
            format!("the weight of the descriptor `{}` is not supported yet: all limits that apply are counted", descriptor.key),
        );
    }
    for child in &descriptor.descriptors {
        refuse_weights(world, child, at);
    }
}
