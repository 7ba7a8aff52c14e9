use futures::FutureExt;
use serde_json::json;

use super::*;
use crate::platform::memory::MemoryStore;
use crate::secret::MasterKey;
use crate::testing::test;

fn ring(byte: u8, domain: &str) -> KeyRing {
    KeyRing::new(domain, MasterKey::from_bytes(zeroize::Zeroizing::new([byte; 32])), None)
}

fn snapshot(generation: u64, domain: &str) -> String {
    json!({
        "format": 1, "generation": generation, "domain": domain, "gateway": {"kind": "Gateway", "metadata": {"name": "default"}, "spec": {}},
        "services": {}, "namespaces": {}, "users": {}, "groups": {}, "policies": {}, "credentials": {}, "secrets": {},
    })
    .to_string()
}

fn taken(store: &MemoryStore, running: u64) -> Result<Option<u64>, PublishError> {
    let Some(pointer) = newer(store, running).now_or_never().unwrap()? else { return Ok(None) };
    let snapshot = take(store, &ring(1, "a.example"), "a.example", &pointer).now_or_never().unwrap()?;
    Ok(Some(snapshot.generation))
}

fn published(json: &str, pointer: &Pointer) -> MemoryStore {
    let store = MemoryStore::default();
    store.insert(CURRENT, serde_json::to_vec(pointer).unwrap());
    store.insert(&pointer.content_key(), json.as_bytes().to_vec());
    store
}

#[test]
fn a_newer_signed_snapshot_is_taken() {
    let json = snapshot(5, "a.example");
    let store = published(&json, &Pointer::sign(&ring(1, "a.example"), &json, 5, "a.example"));
    assert_eq!(taken(&store, 4), Ok(Some(5)));
    assert_eq!(taken(&store, 5), Ok(None));
    assert_eq!(taken(&MemoryStore::default(), 0), Ok(None));
}

#[test]
fn whatever_does_not_hold_is_refused() {
    let json = snapshot(5, "a.example");
    let good = Pointer::sign(&ring(1, "a.example"), &json, 5, "a.example");
    let other = snapshot(5, "b.example");
    let table = [
        ("another key", json.clone(), Pointer::sign(&ring(2, "a.example"), &json, 5, "a.example")),
        ("a raised generation", json.clone(), Pointer { generation: 6, ..good.clone() }),
        ("another audience", json.clone(), Pointer { audience: "b.example".to_owned(), ..good.clone() }),
        ("an altered MAC", json.clone(), Pointer { mac: good.mac.replace(['0', '1', '2'], "3"), ..good.clone() }),
        ("other content", snapshot(5, "a.example") + " ", good.clone()),
        ("content of another domain", other.clone(), Pointer::sign(&ring(1, "a.example"), &other, 5, "a.example")),
        ("content of another generation", json.clone(), Pointer::sign(&ring(1, "a.example"), &json, 9, "a.example")),
        ("no Snapshot", "{}".to_owned(), Pointer::sign(&ring(1, "a.example"), "{}", 5, "a.example")),
    ];
    for (what, content, pointer) in table {
        let taken = taken(&published(&content, &pointer), 4);
        assert!(matches!(taken, Err(PublishError::Refused(_))), "{what}: {taken:?}");
    }
    let missing = MemoryStore::default();
    missing.insert(CURRENT, serde_json::to_vec(&good).unwrap());
    assert!(taken(&missing, 4).is_err());
    missing.insert(CURRENT, b"not a pointer".to_vec());
    assert!(taken(&missing, 4).is_err());
}
