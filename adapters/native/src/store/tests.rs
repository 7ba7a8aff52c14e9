use std::os::unix::fs::PermissionsExt;
use std::sync::{Arc, Mutex};

use super::*;
use postern_core::platform::KeyValueStore;

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn platform_store(data: &Path) -> PlatformStore {
    let writer = Arc::new(Mutex::new(SqliteStore::open(data).unwrap()));
    PlatformStore::new(SqliteStore::open(data).unwrap(), writer)
}

#[test]
fn another_connection_sees_a_commit_at_its_next_read() {
    let folder = tempfile::tempdir().unwrap();
    let serving = platform_store(folder.path());
    let mut tool = SqliteStore::open(folder.path()).unwrap();
    runtime().block_on(async {
        assert_eq!(serving.get("secret/a").await.unwrap(), None);
        for value in [b"1", b"2"] {
            tool.put("secret/a", value, None).unwrap();
            assert_eq!(serving.get("secret/a").await.unwrap().as_deref(), Some(&value[..]));
        }
        serving.put("secret/a", b"3", None).await.unwrap();
        assert_eq!(serving.get("secret/a").await.unwrap().as_deref(), Some(&b"3"[..]));
        assert_eq!(tool.get("secret/a").unwrap().as_deref(), Some(&b"3"[..]));
        tool.delete("secret/a").unwrap();
        assert_eq!(serving.get("secret/a").await.unwrap(), None);
    });
}

#[test]
fn what_has_expired_is_absent_and_goes_with_the_next_write() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = SqliteStore::open(folder.path()).unwrap();
    store.put("a", b"x", Some(Duration::ZERO)).unwrap();
    store.put("b", b"y", Some(Duration::from_secs(3600))).unwrap();
    assert_eq!(store.get("a").unwrap(), None);
    let rows: i64 = store.connection.query_row("SELECT count(*) FROM kv", [], |row| row.get(0)).unwrap();
    assert_eq!(rows, 1, "dropped by the second write");
    assert_eq!(store.get("b").unwrap().as_deref(), Some(&b"y"[..]));
}

#[test]
fn lists_by_prefix() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = SqliteStore::open(folder.path()).unwrap();
    for key in ["secret/b", "secret/a", "secrets", "credential/a"] {
        store.put(key, key.as_bytes(), None).unwrap();
    }
    store.put("secret/gone", b"", Some(Duration::ZERO)).unwrap();
    let keys = |prefix| store.list(prefix).unwrap().into_iter().map(|(key, _)| key).collect::<Vec<_>>();
    assert_eq!(keys("secret/"), ["secret/a", "secret/b"]);
    assert_eq!(keys("").len(), 4);
    assert_eq!(keys("x"), [""; 0]);
}

#[test]
fn a_set_of_changes_is_written_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = SqliteStore::open(folder.path()).unwrap();
    let put = |key: &str| Change::Put { key: key.into(), value: vec![1], expires_in: None };
    for bad in ["", "Ä", "a b", "A", &"k".repeat(513)] {
        assert!(store.write(&[put("a"), put(bad)]).is_err(), "{bad}");
        assert_eq!(store.get("a").unwrap(), None, "{bad}");
    }
    store.write(&[put("a"), put("b"), Change::Delete { key: "a".into() }]).unwrap();
    assert_eq!((store.get("a").unwrap(), store.get("b").unwrap()), (None, Some(vec![1])));
}

#[test]
fn only_the_owner_may_read_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut store = SqliteStore::open(&data).unwrap();
    store.put("a", b"x", None).unwrap();
    for file in std::fs::read_dir(&data).unwrap() {
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", file.file_name());
    }
}

#[test]
fn a_file_that_is_no_store_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(FILE), "this is no database, and long enough to be read as one").unwrap();
    assert!(SqliteStore::open(folder.path()).is_err());
}
