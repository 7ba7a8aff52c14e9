use std::process::ExitCode;

use anyhow::Result;
use postern_core::auth::Material;
use postern_core::platform::Timestamp;
use postern_core::resource::AnyResource;
use postern_core::secret::{KeyRing, SecretName, open};
use serde_json::{Value, json};

use crate::args::{Get, ListedKind};
use crate::configuration::Applied;
use crate::table::{self, Column};
use crate::{console, domain, target};

const CREDENTIAL: &[Column] = &[
    ("NAME", "name"),
    ("TYPE", "type"),
    ("USER", "user"),
    ("CLIENT ID", "clientID"),
    ("SECRETS", "liveSecrets"),
    ("EXPIRES", "expiresAt"),
    ("STATE", "state"),
];

pub fn run(args: &Get) -> Result<ExitCode> {
    let target = target::open(&args.target)?;
    let rows: Vec<Value> = if args.kind == ListedKind::Resource {
        Applied::read(target.as_ref())?.map(|applied| applied.resources()).unwrap_or_default().iter().map(resource).collect()
    } else {
        let domain = domain::find(&args.target.config, target.as_ref())?;
        let ring = target.keys()?.ring(&domain);
        let (prefix, describe): (&str, fn(&KeyRing, &str, &[u8]) -> Value) = match args.kind {
            ListedKind::Secret => ("secret/", secret),
            _ => ("credential/", credential),
        };
        let entries = target.list(prefix)?;
        entries.iter().map(|(key, value)| describe(&ring, key.strip_prefix(prefix).unwrap_or(key), value)).collect()
    };
    let (plural, columns): (&str, &[Column]) = match args.kind {
        ListedKind::Secret => ("secrets", &[("NAME", "name"), ("STATE", "state")]),
        ListedKind::Credential => ("credentials", CREDENTIAL),
        ListedKind::Resource => ("resources", &[("KIND", "kind"), ("NAME", "name")]),
    };
    if args.output.is_json() {
        console::json(&json!({ plural: rows }))?;
    } else if rows.is_empty() {
        console::note(&format!("There are no {plural} in {}.", target.name()));
    } else {
        console::result(&table::render(columns, &rows))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn secret(ring: &KeyRing, name: &str, sealed: &[u8]) -> Value {
    let opened = SecretName::parse(name).ok().zip(std::str::from_utf8(sealed).ok()).map(|(name, sealed)| open(ring, &name, sealed));
    let state = match opened {
        Some(Ok(_)) => "usable".to_owned(),
        Some(Err(error)) => error.to_string(),
        None => "its entry is not what was written there".to_owned(),
    };
    json!({ "name": name, "state": state })
}

fn credential(ring: &KeyRing, name: &str, stored: &[u8]) -> Value {
    match Material::decode(ring, name, stored) {
        Ok(material) => json!({
            "name": name,
            "type": material.kind,
            "user": material.user,
            "clientID": material.client_id,
            "scope": material.scope,
            "liveSecrets": material.secrets.len(),
            "expiresAt": material.expires_at.map(|seconds| Timestamp::from_seconds(seconds).to_rfc3339()),
            "state": if material.revoked { "revoked" } else { "usable" },
        }),
        Err(error) => json!({ "name": name, "state": error.to_string() }),
    }
}

fn resource(resource: &AnyResource) -> Value {
    json!({ "kind": resource.kind(), "name": resource.metadata().name })
}
