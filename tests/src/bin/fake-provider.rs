//! A provider on loopback that speaks OpenAI's chat completions: `fake-provider [ADDRESS]`, by default a free port. It prints
//! `listening on http://ADDRESS`, and `GET /received` lists what it received.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:0".into());
    match tokio::task::LocalSet::new().run_until(postern_conformance::provider::serve(&address)).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{address}: {error}");
            ExitCode::FAILURE
        }
    }
}
