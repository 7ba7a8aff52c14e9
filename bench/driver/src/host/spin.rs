use std::path::Path;

use anyhow::{Context, Result};
use tokio::process::Command;
use toml::{Table, Value};

use super::cargo;
use crate::fixture::Fixture;

pub fn build(root: &Path) -> Result<()> {
    cargo(root, &["--release", "--target", "wasm32-wasip2", "--package", "postern-spin", "--package", "postern-bench-spin-passthrough"])?;
    cargo(root, &["--profile", "spin-host", "--package", "postern-spin-host"])
}

pub fn bare(root: &Path, fixture: &Fixture, port: u16) -> Result<Command> {
    let mut command = host(root, port);
    command.args(["--variable", &format!("upstream=http://{}", fixture.upstream)]);
    command.arg(root.join("bench/spin-passthrough/spin.toml"));
    Ok(command)
}

/// The root's `spin.toml`, with the Snapshot and the upstream of the benchmark.
pub fn postern(root: &Path, fixture: &Fixture, port: u16) -> Result<Command> {
    let snapshot = fixture.write("spin/snapshot.json", fixture.snapshot(1)?)?;
    let mut manifest: Table = std::fs::read_to_string(root.join("spin.toml"))?.parse()?;
    let component = manifest.get_mut("component").and_then(|components| components.get_mut("postern")).and_then(Value::as_table_mut);
    let component = component.context("spin.toml has no component postern")?;
    let source = component.get("source").and_then(Value::as_str).context("spin.toml names no source")?;
    component.insert("source".into(), path(&root.join(source)));
    component.insert("allowed_outbound_hosts".into(), vec![format!("http://{}", fixture.upstream)].into());
    let mount = [("source".to_owned(), path(&snapshot)), ("destination".to_owned(), "/snapshot.json".into())];
    component.insert("files".into(), vec![Value::from(Table::from_iter(mount))].into());

    let mut command = host(root, port);
    command.args(["--variable", &format!("postern_key={}", fixture.key)]);
    for (number, (key, value)) in fixture.entries.iter().enumerate() {
        let file = fixture.write(&format!("spin/store/{number}"), value)?;
        command.args(["--key-value", &format!("{key}=@{}", file.display())]);
    }
    command.arg(fixture.write("spin/spin.toml", manifest.to_string())?);
    Ok(command)
}

fn host(root: &Path, port: u16) -> Command {
    let mut command = Command::new(root.join("target/spin-host/postern-spin-host"));
    command.args(["--listen", &format!("127.0.0.1:{port}")]);
    command
}

fn path(path: &Path) -> Value {
    path.display().to_string().into()
}
