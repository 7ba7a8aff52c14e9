use std::process::ExitCode;

use anyhow::Result;
use clap::CommandFactory;
use clap_complete::{Shell, generate};

use crate::args::Cli;
use crate::console;

pub fn run(shell: Shell) -> Result<ExitCode> {
    let mut script = Vec::new();
    generate(shell, &mut Cli::command(), "postern", &mut script);
    console::result(&String::from_utf8_lossy(&script))?;
    Ok(ExitCode::SUCCESS)
}
