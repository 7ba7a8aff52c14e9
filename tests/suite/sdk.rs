//! Real SDKs against each host, in front of a provider on loopback. `scripts/test-sdk` installs what they need and runs this.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use postern_cases::{deploy, load, target::Target};
use postern_conformance::harness::Missing;
use postern_conformance::target::{NativeTarget, SpinTarget, WorkerdTarget};
use postern_conformance::{programs, programs::Provider};

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

async fn run(target: &dyn Target) -> Result<(), String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("sdk");
    let provider = Provider::start(env!("CARGO_BIN_EXE_fake-provider")).await?;
    let mut case = load::read(&folder.join("deployment.yaml"))?.case;
    case.resources = case.resources.replace("PROVIDER", provider.url());
    let deployed = deploy(&case, &folder, target).await?;
    let url = deployed.url().ok_or("this target has no address")?;
    let value = |name: &str| deployed.value(name).unwrap_or_default().to_owned();
    let environment = [
        ("POSTERN_URL", url.clone()),
        ("POSTERN_GEMINI_URL", format!("{url}/-/gemini")),
        ("POSTERN_CLIENT_ID", value("credential.app.clientId")),
        ("POSTERN_CLIENT_SECRET", value("credential.app.clientSecret")),
    ];
    let (node, python) = (programs::node(), python(&folder));
    for (program, file) in [(&node, "oauth2.ts"), (&node, "node.ts"), (&python, "python_sdk.py")] {
        programs::run(program, &folder.join(file), &environment).await?;
    }
    let received = provider.received().await?;
    check(&received)
}

/// The provider saw its own key and nothing of the callers'.
fn check(received: &[serde_json::Value]) -> Result<(), String> {
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
