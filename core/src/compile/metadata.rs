use serde_json::{Map, Value};
use uuid::Uuid;

use crate::check::{at_most, url};
use crate::problem::Problems;
use crate::resource::Metadata;

const MAX_ATTRS_BYTES: usize = 20_000;

/// Everything but the name, which [`super::names::Names`] looks at.
pub fn check(metadata: &Metadata, problems: &mut Problems) {
    if let Some(uid) = &metadata.uid
        && Uuid::parse_str(uid).is_err()
    {
        problems.at("uid", |p| p.error_with_help("this is not a UUID", "leave `uid` away: it is made from the name"));
    }
    let characters = |text: &Option<String>| text.as_ref().map_or(0, |text| text.chars().count());
    at_most(problems, "displayName", characters(&metadata.display_name), 100, "characters");
    at_most(problems, "description", characters(&metadata.description), 1024, "characters");
    at_most(problems, "labels", metadata.labels.len(), 64, "entries");
    at_most(problems, "annotations", metadata.annotations.len(), 64, "entries");
    if let Some(picture) = &metadata.pic_url
        && let Err(fault) = url::parse(picture)
    {
        problems.at("picURL", |p| p.error(fault));
    }
}

/// Free values: bounded, and with keys that an expression can name.
pub fn attrs(attrs: &Map<String, Value>, problems: &mut Problems) {
    let bytes = serde_json::to_string(attrs).map_or(usize::MAX, |json| json.len());
    at_most(problems, "attrs", bytes, MAX_ATTRS_BYTES, "bytes as JSON");
    problems.at("attrs", |p| keys(attrs, p));
}

/// Every key is one that an expression can name.
pub fn keys(map: &Map<String, Value>, problems: &mut Problems) {
    for (key, value) in map {
        problems.at(key, |p| {
            let identifier = key.starts_with(|c: char| c.is_ascii_lowercase()) && key.chars().all(|c| c.is_ascii_alphanumeric());
            if !identifier {
                p.error_with_help(
                    format!("`{key}` cannot be a key here"),
                    "use a lower-case letter, then letters and digits, as in `costCenter`",
                );
            }
            nested(value, p);
        });
    }
}

fn nested(value: &Value, problems: &mut Problems) {
    match value {
        Value::Object(map) => keys(map, problems),
        Value::Array(items) => items.iter().enumerate().for_each(|(index, item)| problems.at_index(index, |p| nested(item, p))),
        _ => {}
    }
}
