//! The command line. The doc comments here are its help texts.

mod resources;
mod store;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

pub use resources::{Apply, Build, Check, Explain, Host, Import, Schema, Serve, ServeOptions, Test};
pub use store::{
    Create, CreateCredential, CreateSecret, CredentialKind, Delete, Get, Key, ListedKind, Rotate, StoredKind, Target, TargetKind,
};

/// A secretless AI and API gateway.
///
/// Without a command, `postern` serves `config/`.
#[derive(Debug, Parser)]
#[command(name = "postern", version, disable_help_subcommand = true, args_conflicts_with_subcommands = true)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
    // Only the options: with paths here, a misspelt command would be taken for a path.
    #[command(flatten)]
    pub serve: ServeOptions,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve a configuration on this machine
    Serve(Serve),
    /// Report everything that is wrong with a configuration
    Check(Check),
    /// Run test cases against a gateway in memory
    Test(Test),
    /// Say what would become of a request, and which rule decides what
    Explain(Explain),
    /// Print documents of Gloo Gateway as resources of Postern's own
    Import(Import),
    /// Compile a configuration into what a deployment embeds
    Build(Build),
    /// Publish a configuration to a store
    Apply(Apply),
    /// Make a secret or a credential
    #[command(subcommand)]
    Create(Create),
    /// Give a credential another secret; the one before it stays valid until the next rotation
    Rotate(Rotate),
    /// List what a store holds
    Get(Get),
    /// Delete something from a store
    Delete(Delete),
    /// Make or rotate the gateway's master key
    #[command(subcommand)]
    Key(Key),
    /// Print the JSON Schema of the resources, for editors
    Schema(Schema),
    /// Print a completion script
    Completions { shell: clap_complete::Shell },
}

impl Cli {
    /// What the definition alone cannot refuse.
    ///
    /// # Errors
    /// A usage error, to be shown as clap shows its own.
    pub fn checked(self) -> Result<Self, clap::Error> {
        let misplaced = self.command.as_ref().and_then(Command::target).is_some_and(Target::has_misplaced_flags);
        if misplaced {
            let text = "--local, --remote and --env are for `--to cloudflare`";
            return Err(Self::command().error(ErrorKind::ArgumentConflict, text));
        }
        Ok(self)
    }
}

impl Command {
    fn target(&self) -> Option<&Target> {
        match self {
            Command::Apply(args) => Some(&args.target),
            Command::Create(Create::Secret(args)) => Some(&args.target),
            Command::Create(Create::Credential(args)) => Some(&args.target),
            Command::Rotate(args) => Some(&args.target),
            Command::Get(args) => Some(&args.target),
            Command::Delete(args) => Some(&args.target),
            Command::Key(Key::Rotate { target }) => Some(target),
            _ => None,
        }
    }
}

#[derive(Debug, Clone, Copy, Args)]
pub struct Output {
    /// `json`: standard output is one JSON document, everything else goes to standard error
    #[arg(short, long, default_value = "text", value_name = "FORMAT")]
    pub output: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Text,
    Json,
}

impl Output {
    pub fn is_json(self) -> bool {
        self.output == Format::Json
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_definition_holds() {
        super::Cli::command().debug_assert();
    }
}
