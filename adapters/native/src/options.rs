use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use postern_core::gateway::Settings;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::{ConnectTo, Log};

/// How to serve.
pub struct Options {
    /// Port 0 takes a free one; [`crate::Running::address`] tells which.
    pub listen: SocketAddr,
    /// The Snapshot's JSON. Each value that is sent replaces the one before; requests in flight finish on theirs.
    pub snapshot: watch::Receiver<Arc<str>>,
    /// Told once for each Snapshot that was sent later; after an error the one before stays in force.
    pub on_reload: Arc<dyn Fn(Result<(), String>) + Send + Sync>,
    /// Default: no region, the listener's address as base URL, bodies of 32 MiB.
    pub settings: Settings,
    /// The folder of the store and the master key, made when absent.
    pub data: PathBuf,
    pub connect_to: Vec<ConnectTo>,
    /// PEM certificates that upstreams may be signed by, beside Mozilla's.
    pub ca_file: Option<PathBuf>,
    /// Default: one per core.
    pub threads: Option<NonZeroUsize>,
    pub log: Log,
    pub limits: Limits,
    /// Cancelling it starts the graceful shutdown.
    pub stop: CancellationToken,
    /// Whether SIGINT and SIGTERM start it too. A second signal ends the process's patience: what is open is dropped.
    pub signals: bool,
}

/// Bounds that protect the process from its clients.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Time for a request's head, and for an idle connection until the next one. Default 60 s.
    pub head_timeout: Duration,
    /// Time that a request's body may stand still before the response has begun. Default 60 s.
    pub body_timeout: Duration,
    /// Time that a client may leave unread what is written to its connection, or over HTTP/2 what a response has for it. Default 60 s.
    pub write_timeout: Duration,
    /// Bytes of a request's head; more is 431, as are more than 100 lines over HTTP/1. Default 64 KiB.
    pub head_bytes: u32,
    /// Time that requests in flight are given at shutdown. Default 10 s.
    pub drain: Duration,
}

const MAX_REQUEST_SIZE: u64 = 32 << 20;

impl Options {
    pub fn new(listen: SocketAddr, snapshot: watch::Receiver<Arc<str>>, data: PathBuf) -> Self {
        Self {
            listen,
            snapshot,
            on_reload: Arc::new(|_| {}),
            settings: Settings { max_request_size: MAX_REQUEST_SIZE, ..Settings::default() },
            data,
            connect_to: Vec::new(),
            ca_file: None,
            threads: None,
            log: Log::stdout(),
            limits: Limits::default(),
            stop: CancellationToken::new(),
            signals: false,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head_timeout: Duration::from_secs(60),
            body_timeout: Duration::from_secs(60),
            write_timeout: Duration::from_secs(60),
            head_bytes: 64 << 10,
            drain: Duration::from_secs(10),
        }
    }
}
