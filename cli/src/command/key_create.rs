use std::process::ExitCode;

use anyhow::Result;
use zeroize::Zeroizing;

use crate::{console, keys};

pub fn run() -> Result<ExitCode> {
    let line = Zeroizing::new(format!("{}\n", *keys::generate().to_text()));
    console::result(&line)?;
    console::note(
        "This is a value for POSTERN_KEY. Keep it as you keep the provider's keys: what it has sealed cannot be opened without it.\n\
         To give one to a deployment without seeing it: postern key create | npx wrangler secret put POSTERN_KEY",
    );
    Ok(ExitCode::SUCCESS)
}
