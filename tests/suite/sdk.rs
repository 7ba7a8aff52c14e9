//! Real SDKs against each host, in front of a provider on loopback. `scripts/test-sdk` installs what they need and runs this.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use postern_cases::{deploy, load, target::Target};
use postern_conformance::harness::Missing;
use postern_conformance::target::{NativeTarget, SpinTarget, WorkerdTarget};
use postern_conformance::{programs, programs::Provider};
use serde_json::Value;

fn main() -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.to_string()),
    };
    let _context = runtime.enter();
    let hosts: [(&str, Result<Box<dyn Target>, Missing>); 3] = [
        ("native", Ok(Box::new(NativeTarget::new(env!("CARGO_BIN_EXE_native-host"))))),
        ("spin", SpinTarget::new().map(|target| Box::new(target) as Box<dyn Target>)),
        ("workerd", WorkerdTarget::new().map(|target| Box::new(target) as Box<dyn Target>)),
    ];
    let mut failed = false;
    for (name, target) in hosts {
        match target {
            Err(Missing(why)) => {
                println!("test sdk::{name} ... ignored, {why}");
                failed |= std::env::var_os("CI").is_some();
            }
            Ok(target) => match tokio::task::LocalSet::new().block_on(&runtime, run(target.as_ref())) {
                Ok(()) => println!("test sdk::{name} ... ok"),
                Err(why) => {
                    println!("test sdk::{name} ... FAILED\n{why}");
                    failed = true;
                }
            },
        }
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// A configuration, the programs that use it, and what the provider must have received.
struct Part {
    deployment: &'static str,
    programs: &'static [&'static str],
    check: fn(&[Value]) -> Result<(), String>,
}

const PARTS: [Part; 2] = [
    Part { deployment: "deployment.yaml", programs: &["oauth2.ts", "node.ts", "python_sdk.py"], check: one_provider },
    Part { deployment: "keys.yaml", programs: &["keys.ts", "keys_sdk.py"], check: no_key_of_the_gateway },
];

async fn run(target: &dyn Target) -> Result<(), String> {
    for part in &PARTS {
        run_part(part, target).await.map_err(|why| format!("{}: {why}", part.deployment))?;
    }
    Ok(())
}

async fn run_part(part: &Part, target: &dyn Target) -> Result<(), String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("sdk");
    let provider = Provider::start(env!("CARGO_BIN_EXE_fake-provider")).await?;
    let mut case = load::read(&folder.join(part.deployment))?.case;
    let (host, port) = provider.url().trim_start_matches("http://").split_once(':').ok_or("the provider has no port")?;
    for (placeholder, value) in [("PROVIDER_HOST", host), ("PROVIDER_PORT", port), ("PROVIDER", provider.url())] {
        case.resources = case.resources.replace(placeholder, value);
    }
    let deployed = deploy(&case, &folder, target).await?;
    let url = deployed.url().ok_or("this target has no address")?;
    let value = |name: &str| deployed.value(name).unwrap_or_default().to_owned();
    let api_key = value("credential.team.apiKey");
    let environment = [
        ("POSTERN_URL", url.clone()),
        ("POSTERN_GEMINI_URL", format!("{url}/-/gemini")),
        ("POSTERN_CLIENT_ID", value("credential.app.clientId")),
        ("POSTERN_CLIENT_SECRET", value("credential.app.clientSecret")),
        ("POSTERN_API_KEY", api_key.clone()),
    ];
    let (node, python) = (programs::node(), python(&folder));
    for file in part.programs {
        let program = if Path::new(file).extension().is_some_and(|extension| extension == "py") { &python } else { &node };
        programs::run(program, &folder.join(file), &environment).await?;
    }
    let received = provider.received().await?;
    (part.check)(&received)?;
    match received.iter().find(|call| !api_key.is_empty() && call.to_string().contains(&api_key)) {
        Some(call) => Err(format!("the provider received a key of the gateway's: {call}")),
        None => Ok(()),
    }
}

/// Each call came with the provider's key, in its place, and with no other.
fn no_key_of_the_gateway(received: &[Value]) -> Result<(), String> {
    const KEYS: [&str; 4] = ["authorization", "x-api-key", "api-key", "x-goog-api-key"];
    if received.len() < 15 {
        return Err(format!("the provider received {} requests", received.len()));
    }
    for call in received {
        let keys: Vec<&str> = KEYS.iter().filter_map(|name| call["headers"][name].as_str()).collect();
        let is_own = |key: &str| key.trim_start_matches("Bearer ") == "canary-of-the-provider";
        let has_key_in_query = call["query"].as_str().is_some_and(|query| query.contains("key="));
        if !matches!(keys.as_slice(), [key] if is_own(key)) || has_key_in_query || call.to_string().contains("at-the-gateway") {
            return Err(format!("the provider received {call}"));
        }
    }
    let prompt = |call: &&Value| call["body"]["messages"][0]["content"] == "say \"hi\",\nthen leave";
    match received.iter().filter(prompt).count() {
        2 => Ok(()),
        found => Err(format!("the provider received the prompt {found} times")),
    }
}

/// The provider saw its own key and nothing of the callers'.
fn one_provider(received: &[Value]) -> Result<(), String> {
    let chats: Vec<_> = received.iter().filter(|call| call["method"] == "POST").collect();
    if chats.len() < 7 {
        return Err(format!("the provider received {} chat requests", chats.len()));
    }
    for call in received {
        if call["headers"]["authorization"] != "Bearer canary-of-the-provider" {
            return Err(format!("the provider received {call}"));
        }
    }
    match chats.iter().find(|call| call["path"] != "/v1beta/openai/chat/completions" || call["body"]["model"] != "gemini-2.0-flash") {
        Some(call) => Err(format!("the provider received {call}")),
        None => Ok(()),
    }
}

fn python(folder: &Path) -> PathBuf {
    let installed = folder.join("../../target/sdk-venv/bin/python");
    if installed.exists() { installed } else { "python3".into() }
}

fn fail(why: &str) -> ExitCode {
    println!("{why}");
    ExitCode::FAILURE
}
