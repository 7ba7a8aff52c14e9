//! Raw `workerd serve`: wrangler and Miniflare put proxies of their own in between, which cost more than what is measured.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command as StdCommand;

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::process::Command;
use toml::{Table, Value};

use super::{cargo, succeed};
use crate::fixture::Fixture;
use crate::sizes::BARE_WORKER;

const SHIM: &str = "adapters/cloudflare/worker";

pub fn build(root: &Path) -> Result<()> {
    succeed(StdCommand::new(root.join("scripts/build-worker")).current_dir(root))?;
    build_bare_rust(root)
}

fn build_bare_rust(root: &Path) -> Result<()> {
    const TARGET: &str = "wasm32-unknown-unknown";
    cargo(root, &["--profile", "worker", "--target", TARGET, "--package", "postern-bench-workerd-passthrough"])?;
    let built = root.join("target").join(TARGET).join("worker/postern_bench_workerd_passthrough.wasm");
    let out = root.join(BARE_WORKER).with_file_name("");
    let mut bindgen = StdCommand::new(env!("CARGO"));
    bindgen.args(["run", "--quiet", "--package", "postern-wasm-bindgen-test-runner", "--bin", "postern-wasm-bindgen", "--"]);
    succeed(bindgen.args(["--target", "web", "--no-typescript", "--out-dir"]).arg(out).arg(built).current_dir(root))
}

pub fn bare(root: &Path, fixture: &Fixture, port: u16) -> Result<Command> {
    let script = std::fs::read_to_string(root.join("bench/workerd/bare.js"))?;
    fixture.write(&format!("workerd/{port}/bare.js"), script)?;
    let worker = Worker { modules: vec![esm("bare.js")], bindings: vec![upstream(fixture)], rest: String::new() };
    serve(root, fixture, port, &worker, "", "", "")
}

pub fn bare_rust(root: &Path, fixture: &Fixture, port: u16) -> Result<Command> {
    let module = root.join(BARE_WORKER);
    let script = module.with_file_name("postern_bench_workerd_passthrough.js");
    for (name, path) in
        [("bare-rust.js", root.join("bench/workerd/bare-rust.js")), ("passthrough.js", script), ("passthrough.wasm", module)]
    {
        fixture.write(&format!("workerd/{port}/{name}"), std::fs::read(&path).with_context(|| path.display().to_string())?)?;
    }
    let wasm = "(name = \"passthrough.wasm\", wasm = embed \"passthrough.wasm\")".to_owned();
    let worker =
        Worker { modules: vec![esm("bare-rust.js"), esm("passthrough.js"), wasm], bindings: vec![upstream(fixture)], rest: String::new() };
    serve(root, fixture, port, &worker, "", "", "")
}

/// The shim and the module as they are deployed, with a KV namespace that a Worker keeps in memory.
pub fn postern(root: &Path, fixture: &Fixture, port: u16) -> Result<Command> {
    let write = |name: &str, content: &[u8]| fixture.write(&format!("workerd/{port}/{name}"), content).map(drop);
    let mut scripts: Vec<String> = Vec::new();
    for entry in std::fs::read_dir(root.join(SHIM))? {
        let entry = entry?;
        let name = format!("{SHIM}/{}", entry.file_name().display());
        write(&name, &std::fs::read(entry.path())?)?;
        scripts.push(name);
    }
    // The first module is the main one.
    scripts.sort_by_key(|name| !name.ends_with("/index.js"));
    let (wasm, snapshot) = ("target/postern/worker/postern.wasm", "target/postern/snapshot.json");
    write(wasm, &std::fs::read(root.join(wasm))?)?;
    write(snapshot, fixture.snapshot(1)?.as_bytes())?;
    // The configuration that is measured has no containers.
    let containers = "target/postern/containers.js";
    write(containers, b"export {};")?;
    scripts.push(containers.to_owned());
    write("kv.js", &std::fs::read(root.join("bench/workerd/kv.js"))?)?;
    let values: BTreeMap<_, _> = fixture.entries.iter().map(|(key, value)| (key, STANDARD.encode(value))).collect();
    write("values.json", &serde_json::to_vec(&values)?)?;

    let mut modules: Vec<_> = scripts.iter().map(|name| esm(name)).collect();
    modules.push(format!("(name = \"{wasm}\", wasm = embed \"{wasm}\")"));
    modules.push(format!("(name = \"{snapshot}\", data = embed \"{snapshot}\")"));
    let bindings = vec![
        format!("(name = \"POSTERN_KEY\", text = \"{}\")", fixture.key),
        "(name = \"POSTERN\", kvNamespace = \"kv\")".to_owned(),
        "(name = \"POSTERN_COUNTER\", durableObjectNamespace = \"PosternCounter\")".to_owned(),
    ];
    let rest = ",
  durableObjectNamespaces = [(className = \"PosternCounter\", uniqueKey = \"bench\", enableSql = true)],
  durableObjectStorage = (localDisk = \"objects\")";
    let worker = Worker { modules, bindings, rest: rest.to_owned() };
    let kv = Worker {
        modules: vec![esm("kv.js")],
        bindings: vec!["(name = \"VALUES\", json = embed \"values.json\")".to_owned()],
        rest: String::new(),
    };
    let kv = kv.text("kv", &settings(root)?);
    // SQL needs a disk.
    let objects = fixture.folder.join("workerd/objects");
    std::fs::create_dir_all(&objects)?;
    let services =
        format!("(name = \"kv\", worker = .kv), (name = \"objects\", disk = (path = \"{}\", writable = true)),", objects.display());
    let kv_socket = format!("(name = \"kv\", address = \"127.0.0.1:{}\", http = (), service = \"kv\"),", fixture.kv_port);
    serve(root, fixture, port, &worker, &services, &kv_socket, &kv)
}

struct Worker {
    modules: Vec<String>,
    bindings: Vec<String>,
    rest: String,
}

impl Worker {
    fn text(&self, name: &str, settings: &str) -> String {
        let (modules, bindings) = (self.modules.join(", "), self.bindings.join(", "));
        let rest = &self.rest;
        format!("const {name} :Workerd.Worker = (\n  modules = [{modules}],\n  bindings = [{bindings}],\n  {settings}{rest}\n);\n")
    }
}

fn serve(root: &Path, fixture: &Fixture, port: u16, worker: &Worker, services: &str, sockets: &str, more: &str) -> Result<Command> {
    let mut config = String::from("using Workerd = import \"/workerd/workerd.capnp\";\n");
    write!(
        config,
        "const config :Workerd.Config = (
  services = [
    (name = \"main\", worker = .main), {services}
    (name = \"internet\", network = (allow = [\"local\"])),
  ],
  sockets = [(name = \"http\", address = \"127.0.0.1:{port}\", http = (), service = \"main\"), {sockets}],
);
{}{more}",
        worker.text("main", &settings(root)?)
    )?;
    let config = fixture.write(&format!("workerd/{port}/config.capnp"), config)?;
    let mut command = Command::new(binary(root)?);
    command.arg("serve").arg(config);
    Ok(command)
}

fn upstream(fixture: &Fixture) -> String {
    format!("(name = \"UPSTREAM\", text = \"http://{}\")", fixture.upstream)
}

fn esm(name: &str) -> String {
    format!("(name = \"{name}\", esModule = embed \"{name}\")")
}

/// What wrangler.toml tells the runtime.
fn settings(root: &Path) -> Result<String> {
    let wrangler: Table = std::fs::read_to_string(root.join("wrangler.toml"))?.parse()?;
    let date = wrangler.get("compatibility_date").and_then(Value::as_str).context("wrangler.toml has no compatibility_date")?;
    let flags = wrangler.get("compatibility_flags").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let flags: Vec<String> = flags.map(|flag| format!("\"{flag}\"")).collect();
    Ok(format!("compatibilityDate = \"{date}\", compatibilityFlags = [{}]", flags.join(", ")))
}

/// The program itself: npm's `.bin/workerd` may be a script around it, which would outlive a kill.
fn binary(root: &Path) -> Result<PathBuf> {
    let packages = std::fs::read_dir(root.join("node_modules/@cloudflare")).context("there is no workerd: run `npm ci`")?;
    let found = packages.filter_map(Result::ok).map(|package| package.path().join("bin/workerd")).find(|path| path.is_file());
    found.context("there is no workerd: run `npm ci`")
}
