//! `postern`: serves, checks, builds and deploys a gateway's configuration, and keeps its secrets.

mod args;
mod command;
mod configuration;
mod console;
mod containers;
mod credential;
mod domain;
mod explain;
mod host;
mod keys;
mod lock;
mod private_file;
mod reseal;
mod secret_input;
mod served;
mod spin_manifest;
mod table;
mod target;

use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command, Create, Key, Serve};

fn main() -> ExitCode {
    let cli = Cli::parse().checked().unwrap_or_else(|error| error.exit());
    match run(cli) {
        Ok(code) => code,
        Err(error) => {
            console::error(&error);
            ExitCode::FAILURE
        }
    }
}

/// The exit code is 1 where a command has said itself why it refuses.
fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    match cli.command {
        None => command::serve::run(&Serve { paths: vec!["config".into()], options: cli.serve }),
        Some(Command::Serve(args)) => command::serve::run(&args),
        Some(Command::Check(args)) => command::check::run(&args),
        Some(Command::Test(args)) => command::test::run(&args),
        Some(Command::Explain(args)) => command::explain::run(&args),
        Some(Command::Import(args)) => command::import::run(&args),
        Some(Command::Build(args)) => command::build::run(&args),
        Some(Command::Apply(args)) => command::apply::run(&args),
        Some(Command::Create(Create::Secret(args))) => command::create_secret::run(&args),
        Some(Command::Create(Create::Credential(args))) => command::create_credential::run(&args),
        Some(Command::Rotate(args)) => command::rotate::run(&args),
        Some(Command::Get(args)) => command::get::run(&args),
        Some(Command::Delete(args)) => command::delete::run(&args),
        Some(Command::Key(Key::Create)) => command::key_create::run(),
        Some(Command::Key(Key::Rotate { target })) => command::key_rotate::run(&target),
        Some(Command::Schema(args)) => command::schema::run(&args),
        Some(Command::Completions { shell }) => command::completions::run(shell),
    }
}
