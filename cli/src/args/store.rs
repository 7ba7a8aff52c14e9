//! Commands that read and write a gateway's store.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::Output;

#[derive(Debug, Subcommand)]
pub enum Create {
    /// Store a secret that Services refer to by name; the value comes from standard input
    Secret(CreateSecret),
    /// Make a credential for a user and print it, once
    Credential(CreateCredential),
}

#[derive(Debug, Args)]
pub struct CreateSecret {
    /// What `fromSecret` says, such as `gemini-api-key`
    pub name: String,
    /// Read the value from a file; one newline at its end is cut
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
    /// Whose it is
    #[arg(long)]
    pub user: String,
    #[arg(long = "type", value_name = "TYPE")]
    pub kind: CredentialKind,
    /// What its tokens are limited to, such as `service:gemini`
    #[arg(long)]
    pub scope: Option<String>,
    /// When it ends, as in `2027-01-31T00:00:00Z`
    #[arg(long, value_name = "TIME")]
    pub expires_at: Option<String>,
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
    /// A key for Services with `authentication.apiKey`
    ApiKey,
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
    pub kind: ListedKind,
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
    #[value(aliases = ["credentials", "cred"])]
    Credential,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ListedKind {
    /// Secrets that were stored, by name; never their values
    #[value(alias = "secrets")]
    Secret,
    /// Credentials and what they are for
    #[value(aliases = ["credentials", "cred"])]
    Credential,
    /// Resources that were applied
    #[value(alias = "resources")]
    Resource,
}

#[derive(Debug, Subcommand)]
pub enum Key {
    /// Print a new key for `POSTERN_KEY`
    Create,
    /// Seal what the store holds under a new key; the old one keeps opening and verifying
    Rotate {
        #[command(flatten)]
        target: Target,
    },
}

#[derive(Debug, Args)]
pub struct Target {
    /// Whose store
    #[arg(long, default_value = "local", value_name = "TARGET")]
    pub to: TargetKind,
    /// Cloudflare: the store of `wrangler dev` (the default)
    #[arg(long, conflicts_with = "remote")]
    pub local: bool,
    /// Cloudflare: the deployed store
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

impl Target {
    pub fn has_misplaced_flags(&self) -> bool {
        self.to != TargetKind::Cloudflare && (self.local || self.remote || self.env.is_some())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TargetKind {
    Local,
    Cloudflare,
    Spin,
}
