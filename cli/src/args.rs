//! The command line. The doc comments here are its help texts.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// A secretless AI and API gateway.
///
/// Without a command, `postern` serves `config/`.
#[derive(Debug, Parser)]
#[command(name = "postern", version, disable_help_subcommand = true, args_conflicts_with_subcommands = true)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub serve: Serve,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve a configuration on this machine
    Serve(Serve),
    /// Report everything that is wrong with a configuration
    Check(Check),
    /// Run test cases against a gateway in memory
    Test(Test),
    /// Compile a configuration into what a deployment embeds
    Build(Build),
    /// Publish a configuration to a store
    Apply(Apply),
    /// Make a secret or a credential
    #[command(subcommand)]
    Create(Create),
    /// Give a credential a second secret; the one before it stays valid until the next rotation
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
    Completions {
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Args)]
pub struct Serve {
    /// Files and folders with resources
    #[arg(default_value = "config")]
    pub paths: Vec<PathBuf>,
    /// Address to listen at; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "HOST:PORT")]
    pub listen: std::net::SocketAddr,
    /// Folder of the embedded store, made when absent
    #[arg(long, default_value = ".postern", value_name = "DIR")]
    pub data: PathBuf,
    /// Send connections for HOST:PORT to URL instead; both ends on loopback. For tests and local providers
    #[arg(long, value_name = "HOST:PORT=URL")]
    pub connect_to: Vec<String>,
    /// Worker threads; 0 means one a core
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub threads: usize,
}

#[derive(Debug, Args)]
pub struct Check {
    /// Files and folders with resources; `-` is standard input
    #[arg(default_value = "config")]
    pub paths: Vec<PathBuf>,
    /// Refuse what this host cannot do
    #[arg(long = "for", value_name = "HOST")]
    pub host: Option<Host>,
    #[command(flatten)]
    pub output: Output,
}

#[derive(Debug, Args)]
pub struct Test {
    /// Case files and folders
    #[arg(required = true)]
    pub paths: Vec<PathBuf>,
    /// Run only cases whose name contains this
    #[arg(long, value_name = "TEXT")]
    pub filter: Option<String>,
}

#[derive(Debug, Args)]
pub struct Build {
    /// Files and folders with resources
    #[arg(default_value = "config")]
    pub paths: Vec<PathBuf>,
    /// Where the Snapshot goes
    #[arg(long, default_value = "target/postern/snapshot.json", value_name = "FILE")]
    pub out: PathBuf,
    /// Prepare that host's files too, and refuse what it cannot do
    #[arg(long = "for", value_name = "HOST")]
    pub host: Option<Host>,
    /// Make a key for local runs when there is none
    #[arg(long)]
    pub dev: bool,
}

#[derive(Debug, Args)]
pub struct Apply {
    /// Files and folders with resources
    #[arg(required = true)]
    pub paths: Vec<PathBuf>,
    /// Delete what the store holds and the files do not
    #[arg(long)]
    pub prune: bool,
    #[command(flatten)]
    pub target: Target,
}

#[derive(Debug, Subcommand)]
pub enum Create {
    /// Store a secret that Services refer to by name; the value comes from standard input
    Secret(CreateSecret),
    /// Make a credential for a user and print it, once
    Credential(CreateCredential),
}

#[derive(Debug, Args)]
pub struct CreateSecret {
    pub name: String,
    /// Read the value from a file; one trailing newline is cut
    #[arg(long, value_name = "FILE")]
    pub from_file: Option<PathBuf>,
    /// Print a sealed `kind: Secret` instead of storing it: safe to commit
    #[arg(long)]
    pub sealed: bool,
    #[command(flatten)]
    pub target: Target,
}

#[derive(Debug, Args)]
pub struct CreateCredential {
    /// Default: made from the user and the type
    pub name: Option<String>,
    #[arg(long)]
    pub user: String,
    #[arg(long = "type", value_name = "TYPE")]
    pub kind: CredentialKind,
    #[command(flatten)]
    pub target: Target,
    #[command(flatten)]
    pub output: Output,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CredentialKind {
    /// A client id and secret for the token endpoint
    Oauth2,
    /// A bearer token, ready to use
    AccessToken,
}

#[derive(Debug, Args)]
pub struct Rotate {
    /// The credential's name
    pub name: String,
    #[command(flatten)]
    pub target: Target,
    #[command(flatten)]
    pub output: Output,
}

#[derive(Debug, Args)]
pub struct Get {
    pub kind: StoredKind,
    #[command(flatten)]
    pub target: Target,
    #[command(flatten)]
    pub output: Output,
}

#[derive(Debug, Args)]
pub struct Delete {
    pub kind: StoredKind,
    pub name: String,
    #[command(flatten)]
    pub target: Target,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum StoredKind {
    #[value(alias = "secrets")]
    Secret,
    #[value(alias = "credentials", alias = "cred")]
    Credential,
}

#[derive(Debug, Subcommand)]
pub enum Key {
    /// Print a new key for `POSTERN_KEY`
    Create,
    /// Seal everything in the local store under a new key; the old one keeps verifying tokens
    Rotate {
        #[command(flatten)]
        target: Target,
    },
}

#[derive(Debug, Args)]
pub struct Schema {
    /// Print the configuration reference as Markdown instead
    #[arg(long)]
    pub markdown: bool,
}

#[derive(Debug, Args)]
pub struct Target {
    /// Whose store
    #[arg(long, default_value = "local", value_name = "TARGET")]
    pub to: TargetKind,
    /// Cloudflare: the deployed store instead of that of `wrangler dev`
    #[arg(long)]
    pub remote: bool,
    /// Cloudflare: the environment of wrangler.toml
    #[arg(long, value_name = "ENV")]
    pub env: Option<String>,
    /// The configuration that says which domain this is for
    #[arg(long, default_value = "config", value_name = "PATH")]
    pub config: PathBuf,
    /// Folder of the embedded store, and of what is kept for Spin
    #[arg(long, default_value = ".postern", value_name = "DIR")]
    pub data: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TargetKind {
    Local,
    Cloudflare,
    Spin,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Host {
    Native,
    Cloudflare,
    Spin,
}

#[derive(Debug, Args)]
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
