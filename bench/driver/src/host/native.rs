use std::path::Path;

use anyhow::Result;
use postern_native::store::{Change, SqliteStore};
use tokio::process::Command;

use super::cargo;
use crate::fixture::Fixture;

pub fn build(root: &Path) -> Result<()> {
    cargo(root, &["--release", "--package", "postern", "--package", "native-passthrough"])
}

pub fn bare(root: &Path, fixture: &Fixture, port: u16) -> Result<Command> {
    let mut command = Command::new(root.join("target/release/native-passthrough"));
    command.args([format!("127.0.0.1:{port}"), fixture.upstream.to_string()]);
    Ok(command)
}

pub fn postern(root: &Path, fixture: &Fixture, port: u16) -> Result<Command> {
    let config = fixture.write("native/config.yaml", fixture.config(1))?;
    let data = fixture.folder.join("native/data");
    let put = |(key, value): &(String, Vec<u8>)| Change::Put { key: key.clone(), value: value.clone(), expires_in: None };
    let changes: Vec<_> = fixture.entries.iter().map(put).collect();
    let stored = SqliteStore::open(&data).and_then(|mut store| store.write(&changes));
    stored.map_err(|error| anyhow::anyhow!("the store cannot be written: {error:?}"))?;
    let mut command = Command::new(root.join("target/release/postern"));
    command.arg("serve").arg(config).arg("--data").arg(data).args(["--listen", &format!("127.0.0.1:{port}")]);
    command.env("POSTERN_KEY", &fixture.key);
    Ok(command)
}
