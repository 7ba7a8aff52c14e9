use crate::testing::test;
use std::time::Duration;

use futures::FutureExt;

use super::super::testing::{FixedRandom, World, key_text, master};
use super::super::{KEY, KEY_PREVIOUS, KeyRing, seal};
use super::*;

const NAME: &str = "gemini-api-key";
const VARIABLE: &str = "POSTERN_SECRET_GEMINI_API_KEY";

fn sealed(key: u8, value: &str) -> String {
    let ring = KeyRing::new("localhost", master(key), None);
    seal(&ring, &FixedRandom::default(), &SecretName::parse(NAME).unwrap(), &SecretValue::from(value.to_owned())).unwrap()
}

fn secrets(in_snapshot: Option<&str>) -> Secrets {
    let mut snapshot = super::super::testing::snapshot(serde_json::json!({}));
    if let Some(sealed) = in_snapshot {
        let text = serde_json::json!({"kind": "Secret", "metadata": {"name": NAME}, "spec": {"sealed": sealed}}).to_string();
        snapshot.secrets.insert(NAME.into(), serde_json::value::RawValue::from_string(text).unwrap());
    }
    Secrets::new(Rc::new(snapshot), Rc::new(Keys::new("localhost")))
}

fn resolve(secrets: &Secrets, world: &World) -> Result<String, SecretError> {
    let found = secrets.resolve(&world.platform(), NAME).now_or_never().unwrap();
    found.map(|value| String::from_utf8(value.expose().to_vec()).unwrap())
}

#[test]
fn the_first_place_that_has_it_decides() {
    let wrong = || SecretError::WrongKey { id: master(9).id().to_string() };
    type Row<'a> = (Option<Vec<u8>>, Option<String>, Option<&'a str>, Result<&'a str, SecretError>);
    let table: [Row<'_>; 10] = [
        (None, None, None, Err(SecretError::Missing)),
        (None, None, Some("platform"), Ok("platform")),
        (None, Some(sealed(1, "snapshot")), Some("platform"), Ok("snapshot")),
        (Some(sealed(1, "store").into()), Some(sealed(1, "snapshot")), Some("platform"), Ok("store")),
        (Some(sealed(2, "before").into()), None, None, Ok("before")),
        (Some(sealed(9, "store").into()), Some(sealed(1, "snapshot")), Some("platform"), Err(wrong())),
        (None, Some(sealed(9, "snapshot")), Some("platform"), Err(wrong())),
        (Some(b"garbage".to_vec()), Some(sealed(1, "snapshot")), None, Err(SecretError::Corrupted)),
        (Some(vec![0xff, 0xfe]), None, Some("platform"), Err(SecretError::Corrupted)),
        (Some(Vec::new()), None, Some("platform"), Err(SecretError::Corrupted)),
    ];
    for (row, (store, in_snapshot, variable, want)) in table.into_iter().enumerate() {
        let world = World::empty();
        world.memory.secrets.insert(KEY, &key_text(1));
        world.memory.secrets.insert(KEY_PREVIOUS, &key_text(2));
        if let Some(bytes) = store {
            world.memory.store.insert("secret/gemini-api-key", bytes);
        }
        if let Some(value) = variable {
            world.memory.secrets.insert(VARIABLE, value);
        }
        assert_eq!(resolve(&secrets(in_snapshot.as_deref()), &world), want.map(String::from), "row {row}");
    }
}

#[test]
fn one_in_the_snapshot_that_cannot_be_read_decides_too() {
    let world = World::empty();
    world.memory.secrets.insert(VARIABLE, "older");
    let mut snapshot = super::super::testing::snapshot(serde_json::json!({}));
    let text = serde_json::json!({"kind": "Secret", "metadata": {"name": NAME}, "spec": {"fieldOfANewerVersion": 1}}).to_string();
    snapshot.secrets.insert(NAME.into(), serde_json::value::RawValue::from_string(text).unwrap());
    let secrets = Secrets::new(Rc::new(snapshot), Rc::new(Keys::new("localhost")));
    assert_eq!(resolve(&secrets, &world), Err(SecretError::Corrupted));
}

#[test]
fn a_platform_secret_needs_no_master_key_and_a_sealed_one_does() {
    let world = World::empty();
    world.memory.secrets.insert(VARIABLE, "platform");
    assert_eq!(resolve(&secrets(None), &world).as_deref(), Ok("platform"));
    assert_eq!(resolve(&secrets(Some(&sealed(1, "x"))), &world), Err(SecretError::Key(KeyError::Missing)));
}

#[test]
fn a_name_that_is_none_reads_nothing() {
    let world = World::empty();
    world.store.down.set(true);
    let got = secrets(None).resolve(&world.platform(), "../secret").now_or_never().unwrap();
    assert_eq!(got.err(), Some(SecretError::InvalidName));
}

#[test]
fn a_store_that_is_down_fails_closed_unless_a_recent_value_is_kept() {
    let world = World::empty();
    world.memory.secrets.insert(VARIABLE, "platform");
    let secrets = secrets(None);
    world.store.down.set(true);
    assert!(matches!(resolve(&secrets, &world), Err(SecretError::StoreDown(_))), "a store entry may override the variable");
    world.store.down.set(false);
    world.store.reuse_for.set(Duration::from_secs(30));
    assert_eq!(resolve(&secrets, &world).as_deref(), Ok("platform"));
    world.memory.clock.advance(Duration::from_secs(31));
    world.store.down.set(true);
    assert_eq!(resolve(&secrets, &world).as_deref(), Ok("platform"));
    world.memory.clock.advance(Duration::from_secs(60));
    assert!(matches!(resolve(&secrets, &world), Err(SecretError::StoreDown(_))));
}

#[test]
fn an_absent_secret_is_remembered_too() {
    let world = World::empty();
    world.store.reuse_for.set(Duration::from_secs(30));
    let secrets = secrets(None);
    assert_eq!(resolve(&secrets, &world), Err(SecretError::Missing));
    world.memory.secrets.insert(VARIABLE, "new");
    assert_eq!(resolve(&secrets, &world), Err(SecretError::Missing));
    world.memory.clock.advance(Duration::from_secs(30));
    assert_eq!(resolve(&secrets, &world).as_deref(), Ok("new"));
}
