//! The way back: from a Snapshot to the documents that it was compiled from.

use serde::Serialize;
use serde_json::{Value, to_value};

use crate::policy::is_builtin;
use crate::resource::{AnyResource, Gateway, Namespace};
use crate::snapshot::{Snapshot, Table, uid};

/// The resources of a Snapshot, without what [`super::compile`] added: compiled again they give the same Snapshot. Plain secrets come
/// back sealed.
pub fn restore(snapshot: &Snapshot) -> Vec<AnyResource> {
    let tables: [(&str, &Table); 7] = [
        ("Service", &snapshot.services),
        ("Namespace", &snapshot.namespaces),
        ("User", &snapshot.users),
        ("Group", &snapshot.groups),
        ("Policy", &snapshot.policies),
        ("Credential", &snapshot.credentials),
        ("Secret", &snapshot.secrets),
    ];
    let gateway = ("Gateway", snapshot.gateway.metadata.name.as_str(), to_value(&snapshot.gateway).ok());
    let others = tables
        .iter()
        .flat_map(|(kind, table)| table.iter().map(|(name, json)| (*kind, name.as_str(), serde_json::from_str(json.get()).ok())));
    std::iter::once(gateway)
        .chain(others)
        .filter_map(|(kind, name, document)| Some((kind, name, document?)))
        .filter(|(kind, name, document)| !is_added(kind, name, document))
        .filter_map(|(kind, name, document)| {
            AnyResource::from_json(kind, without_made_uid(document, &uid(&snapshot.domain, kind, name))).ok()
        })
        .collect()
}

fn is_added(kind: &str, name: &str, document: &Value) -> bool {
    let spec = document.get("spec");
    match (kind, name) {
        ("Gateway", "default") => is_same(spec, &Gateway::default()),
        ("Namespace", "default") => is_same(spec, &Namespace::default()),
        ("Policy", name) => is_builtin(name),
        _ => false,
    }
}

fn is_same<T: Serialize>(written: Option<&Value>, value: &T) -> bool {
    to_value(value).ok().as_ref() == written
}

fn without_made_uid(mut document: Value, made: &str) -> Value {
    if let Some(metadata) = document.get_mut("metadata").and_then(Value::as_object_mut)
        && metadata.get("uid").and_then(Value::as_str) == Some(made)
    {
        metadata.remove("uid");
    }
    document
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{Options, compile};
    use super::*;
    use crate::testing::test;

    fn compiled(resources: &[AnyResource]) -> Snapshot {
        let resources: Vec<_> = resources.iter().cloned().enumerate().collect();
        let (snapshot, problems) = compile(&resources, Options::default());
        snapshot.unwrap_or_else(|| panic!("{problems:?}"))
    }

    #[test]
    fn gives_back_what_was_written_and_nothing_else() {
        let user = json!({
            "apiVersion": "core/v1", "kind": "User", "metadata": { "name": "app" },
            "spec": { "type": "WORKLOAD", "authorization": { "policies": ["allow-all"] } },
        });
        let named = json!({
            "apiVersion": "core/v1", "kind": "User",
            "metadata": { "name": "other", "uid": "5f0c96a1-7a0b-4c83-9d5e-2b61ce4710d8" }, "spec": { "type": "HUMAN" },
        });
        let gateway = json!({
            "apiVersion": "core/v1", "kind": "Gateway", "metadata": { "name": "default" }, "spec": { "domain": "example.com" },
        });
        let read = |document: &Value| AnyResource::from_json(document["kind"].as_str().unwrap(), document.clone()).unwrap();
        for documents in [vec![], vec![user.clone(), named.clone()], vec![gateway, user, named]] {
            let resources: Vec<_> = documents.iter().map(read).collect();
            let snapshot = compiled(&resources);
            let restored = restore(&snapshot);
            assert_eq!(restored, resources);
            assert_eq!(serde_json::to_string(&compiled(&restored)).unwrap(), serde_json::to_string(&snapshot).unwrap());
        }
    }
}
