//! Commands that read configurations.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Output, Target};

#[derive(Debug, Args)]
pub struct Serve {
    /// Files and folders with resources
    #[arg(default_value = "config")]
    pub paths: Vec<PathBuf>,
    #[command(flatten)]
    pub options: ServeOptions,
}

#[derive(Debug, Args)]
pub struct ServeOptions {
    /// Address to listen at; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "HOST:PORT")]
    pub listen: SocketAddr,
    /// Folder of the embedded store, made when absent
    #[arg(long, default_value = ".postern", value_name = "DIR")]
    pub data: PathBuf,
    /// Send connections for HOST:PORT to URL instead; both ends on loopback. For tests and local providers
    #[arg(long, value_name = "HOST:PORT=URL")]
    pub connect_to: Vec<String>,
    /// Where clients reach this gateway, when it is not the address to listen at
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// PEM certificates that upstreams may be signed by, beside the usual ones
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
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
    /// Also name the documents that need nothing here
    #[arg(short, long)]
    pub verbose: bool,
    #[command(flatten)]
    pub output: Output,
}

#[derive(Debug, Args)]
pub struct Test {
    /// Case files and folders
    #[arg(required = true)]
    pub paths: Vec<PathBuf>,
    /// Run only cases whose name or path contains this
    #[arg(long, value_name = "TEXT")]
    pub filter: Option<String>,
}

#[derive(Debug, Args)]
pub struct Explain {
    /// Files and folders with resources; `-` is standard input
    #[arg(default_value = "config")]
    pub paths: Vec<PathBuf>,
    /// The request's address, as in `http://gemini.localhost/chat/completions`
    #[arg(long, value_name = "URL", conflicts_with_all = ["service", "path"])]
    pub url: Option<String>,
    /// The Service to ask, in place of a URL
    #[arg(long, value_name = "NAME")]
    pub service: Option<String>,
    /// The path at that Service
    #[arg(long, value_name = "PATH")]
    pub path: Option<String>,
    /// The method; GET, or POST with a body
    #[arg(short = 'X', long = "method", value_name = "METHOD")]
    pub method: Option<String>,
    /// A header, as in `x-team: blue`; may be given several times
    #[arg(short = 'H', long = "header", value_name = "LINE")]
    pub headers: Vec<String>,
    /// The body, JSON unless a header says otherwise; `@FILE` reads a file
    #[arg(short, long, value_name = "TEXT")]
    pub data: Option<String>,
    /// A file with the request, as in a test case: `{service: …, path: …, body: {json: …}}`
    #[arg(long, value_name = "FILE")]
    pub request: Option<PathBuf>,
    /// The User who calls, with a credential that has no policies of its own
    #[arg(long = "as", value_name = "USER", conflicts_with = "credential")]
    pub user: Option<String>,
    /// The Credential resource that is used
    #[arg(long, value_name = "NAME")]
    pub credential: Option<String>,
    /// Claims of a token of another issuer, as JSON; nobody has to have signed it
    #[arg(long, value_name = "JSON", conflicts_with_all = ["user", "credential", "scope"])]
    pub claims: Option<String>,
    /// The scope of the token
    #[arg(long, value_name = "SCOPE")]
    pub scope: Option<String>,
    /// What the upstream answers, with status 200; `@FILE` reads a file
    #[arg(long, value_name = "TEXT")]
    pub answer: Option<String>,
    /// The caller's address
    #[arg(long, value_name = "IP")]
    pub address: Option<IpAddr>,
    /// The region of the deployment
    #[arg(long, value_name = "NAME")]
    pub region: Option<String>,
    #[command(flatten)]
    pub output: Output,
}

#[derive(Debug, Args)]
pub struct Import {
    /// Files and folders with resources; `-` is standard input
    #[arg(required = true)]
    pub paths: Vec<PathBuf>,
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
    /// Folder of the native host's key
    #[arg(long, default_value = ".postern", value_name = "DIR")]
    pub data: PathBuf,
}

#[derive(Debug, Args)]
pub struct Apply {
    /// Files and folders with resources; `-` is standard input
    #[arg(required = true)]
    pub paths: Vec<PathBuf>,
    /// Delete what was applied before and is not in the files
    #[arg(long)]
    pub prune: bool,
    #[command(flatten)]
    pub target: Target,
}

#[derive(Debug, Args)]
pub struct Schema {
    /// Print the configuration reference as Markdown instead
    #[arg(long)]
    pub markdown: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Host {
    Native,
    Cloudflare,
    Spin,
}
