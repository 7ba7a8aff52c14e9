//! `postern build`: the Snapshot, and what each host needs beside it.

use crate::common::{Sandbox, fake};

const SNAPSHOT: &str = "target/postern/snapshot.json";
const PLAIN: &str = "kind: Secret\nmetadata: {name: plain-key}\nspec: {data: {value: sk-canary-0123456789}}\n";

#[test]
fn a_snapshot_holds_the_resources_and_stays_when_they_do() {
    let sandbox = Sandbox::new();
    sandbox.run(&["build"]).ok();
    let first = sandbox.read(SNAPSHOT);
    let snapshot: serde_json::Value = serde_json::from_str(&first).unwrap();
    assert_eq!(snapshot["domain"], "localhost");
    assert!(snapshot["services"]["gemini.default"].is_object());
    assert!(snapshot["generation"].as_u64().unwrap() > 1_700_000_000);

    // Dated back, so that a second build in the same second would be seen too.
    let older = first.replace(&format!("\"generation\":{}", snapshot["generation"]), "\"generation\":7");
    sandbox.write(SNAPSHOT, &older);
    sandbox.run(&["build"]).ok();
    assert_eq!(sandbox.read(SNAPSHOT), older, "nothing has changed");
    sandbox.write("config/more.yaml", "kind: Group\nmetadata: {name: staff}\nspec: {}\n");
    sandbox.run(&["build"]).ok();
    assert!(sandbox.read(SNAPSHOT).contains("staff"));
    assert!(!sandbox.read(SNAPSHOT).contains("\"generation\":7"));
}

#[test]
fn errors_leave_the_snapshot_before() {
    let sandbox = Sandbox::new();
    sandbox.run(&["build", "--out", "out/s.json"]).ok();
    let before = sandbox.read("out/s.json");
    sandbox.write("config/broken.yaml", "kind: Usr\n");
    sandbox.run(&["build", "--out", "out/s.json"]).refused("did you mean `User`?");
    assert_eq!(sandbox.read("out/s.json"), before);
}

#[test]
fn plain_secrets_need_a_key_and_leave_sealed() {
    let sandbox = Sandbox::new();
    sandbox.write("config/plain.yaml", PLAIN);
    sandbox.run(&["check"]).ok();
    let refused = sandbox.run(&["build"]).refused("there is no key to seal this value with");
    assert!(!refused.stderr.contains("sk-canary"));
    sandbox.run(&["build", "--dev"]).ok();
    let snapshot = sandbox.read(SNAPSHOT);
    assert!(!snapshot.contains("sk-canary") && snapshot.contains("psl1."));
}

#[test]
fn cloudflare_gets_a_key_for_local_runs_once() {
    let sandbox = Sandbox::new();
    sandbox.run(&["build", "--for", "cloudflare"]).ok();
    assert!(!sandbox.path(".dev.vars").exists(), "only --dev makes one");
    sandbox.write(".dev.vars", "OTHER=\"1\"\n");
    sandbox.run(&["build", "--dev", "--for", "cloudflare"]).ok().says(".dev.vars");
    let made = sandbox.read(".dev.vars");
    assert!(made.starts_with("OTHER=\"1\"\nPOSTERN_KEY=\"") && made.len() == "OTHER=\"1\"\nPOSTERN_KEY=\"\"\n".len() + 44, "{made}");
    assert_eq!(sandbox.mode(".dev.vars"), 0o600);
    sandbox.run(&["build", "--dev", "--for", "cloudflare"]).ok();
    assert_eq!(sandbox.read(".dev.vars"), made);
}

#[test]
fn a_deployment_is_sealed_with_its_own_key() {
    let sandbox = Sandbox::new().with_env("WRANGLER_COMMAND", "deploy");
    let build = ["build", "--dev", "--for", "cloudflare"];
    sandbox.run(&build).ok();
    sandbox.write("config/plain.yaml", PLAIN);
    sandbox.run(&build).refused("there is no key to seal this value with");
    assert!(!sandbox.path(".dev.vars").exists());
    let key = sandbox.run(&["key", "create"]).ok().stdout;
    let sandbox = sandbox.with_env("POSTERN_KEY", key.trim());
    sandbox.run(&build).ok();
    assert!(sandbox.read(SNAPSHOT).contains("psl1."));
}

#[test]
fn spin_gets_a_key_and_may_call_the_upstreams() {
    let sandbox = Sandbox::new();
    let manifest = "# mine\n[component.postern]\nsource = \"p.wasm\"\n# origins\nallowed_outbound_hosts = []\nfiles = []\n";
    sandbox.write("spin.toml", manifest);
    sandbox.write(
        "config/more.yaml",
        "kind: Service\nmetadata: {name: two}\nspec:\n  mode: HTTP\n  isPublic: true\n  dynamicConfig:\n    configs:\n      - {name: a, \
         upstream: {url: 'http://127.0.0.1:9000'}}\n      - {name: b, upstream: {url: 'https://api.example.com'}}\n    rules:\n      - \
         {condition: {matchAny: true}, configName: a}\n",
    );
    sandbox.run(&["build", "--dev", "--for", "spin"]).ok();
    let want = manifest.replace("= []\nfiles", "= [\"http://127.0.0.1:9000\", \"https://api.example.com\"]\nfiles");
    assert_eq!(sandbox.read("spin.toml"), want);
    let variables = sandbox.read(".spin.vars.toml");
    assert!(variables.starts_with("postern_key = \"") && variables.len() == "postern_key = \"\"\n".len() + 44);
    assert_eq!(sandbox.mode(".spin.vars.toml"), 0o600);
    sandbox.run(&["build", "--dev", "--for", "spin"]).ok();
    assert_eq!((sandbox.read("spin.toml"), sandbox.read(".spin.vars.toml")), (want, variables));
}

#[test]
fn the_lock_says_what_an_edge_build_carries_and_calls() {
    let sandbox = Sandbox::new();
    sandbox.run(&["build"]).ok();
    assert!(!sandbox.path("postern.lock").exists(), "the native host carries everything");
    for host in ["cloudflare", "spin"] {
        sandbox.run(&["build", "--for", host]).ok();
        let lock = sandbox.read("postern.lock");
        assert!(lock.ends_with("features = []\noutbound_hosts = [\"https://api.example.com\"]\n"), "{lock}");
    }
    let sandbox = fake::tool(sandbox, "npx", fake::NPX);
    sandbox.write("postern.lock", "features = [\"basic\"]\noutbound_hosts = []\n");
    sandbox.run(&["apply", "config", "--to", "cloudflare"]).refused("knows no feature \"basic\"");
}

/// The file in the repository is that of `config/`, so that a build is the same for everybody.
#[test]
fn the_committed_lock_is_the_one_of_the_configuration() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let sandbox = Sandbox::empty();
    for file in std::fs::read_dir(root.join("config")).unwrap() {
        let file = file.unwrap();
        sandbox.write(&format!("config/{}", file.file_name().display()), &std::fs::read_to_string(file.path()).unwrap());
    }
    sandbox.run(&["build", "--for", "cloudflare"]).ok();
    assert_eq!(sandbox.read("postern.lock"), std::fs::read_to_string(root.join("postern.lock")).unwrap());
}

#[test]
fn cloudflare_gets_the_containers_of_the_configuration() {
    const BOXED: &str = "kind: Service\nmetadata: {name: boxed}\nspec:\n  mode: HTTP\n  isPublic: true\n  isAnonymous: true\n  config:\n    upstream:\n      container: {image: ghcr.io/org/app:1, port: 3000, replicas: 3, resourceLimit: {cpu: {millicores: 2000}}, credentials: {usernamePassword: {username: linus, password: {fromSecret: registry}}}}\n";
    const MANIFEST: &str = "name = \"mine\"\n\n[[migrations]]\ntag = \"v1\"\nnew_sqlite_classes = [\"PosternCounter\"]\n";
    let build = ["build", "--for", "cloudflare"];
    // wrangler has read the file before it runs a build: a deployment must not go on without the sections.
    let sandbox = Sandbox::new().with_env("WRANGLER_COMMAND", "deploy");
    sandbox.write("wrangler.toml", MANIFEST);
    sandbox.run(&build).ok();
    assert_eq!(sandbox.read("wrangler.toml"), MANIFEST, "without a container nothing is written");
    assert!(sandbox.read("target/postern/containers.js").ends_with("export {};\n"));

    sandbox.write("config/boxed.yaml", BOXED);
    sandbox.run(&["check", "--for", "spin"]).refused("runs no containers");
    sandbox.run(&["check"]).ok().says("only Cloudflare runs containers");
    sandbox.run(&build).refused("run it again");
    sandbox.run(&build).ok().says("docker login --username linus ghcr.io");
    let manifest = sandbox.read("wrangler.toml");
    let class = manifest.split("class_name = \"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
    let id = class.strip_prefix("PosternContainer").unwrap();
    for part in [
        format!("image = \"./target/postern/containers/{id}/Dockerfile\"\nmax_instances = 3\ninstance_type = \"standard-3\"\n"),
        format!("[[durable_objects.bindings]]\nname = \"POSTERN_CONTAINER_{}\"\nclass_name = \"{class}\"\n", id.to_uppercase()),
        format!("[[migrations]]\ntag = \"v2\"\nnew_sqlite_classes = [\"{class}\"]\n"),
    ] {
        assert!(manifest.contains(&part), "{part} in {manifest}");
    }
    assert!(sandbox.read("target/postern/containers.js").contains(&format!("export class {class} extends PosternContainer {{}}\n")));
    assert!(sandbox.read(&format!("target/postern/containers/{id}/Dockerfile")).contains("FROM ghcr.io/org/app:1\nEXPOSE 3000\n"));

    std::fs::remove_file(sandbox.path("config/boxed.yaml")).unwrap();
    sandbox.run(&build).refused("run it again");
    assert!(sandbox.read("wrangler.toml").contains(&format!("deleted_classes = [\"{class}\"]")));
}
