use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioIo, TokioTimer};
use postern_core::platform::HttpError;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{sleep, timeout};

use super::ClientSettings;
use super::origin::{Origin, Protocol};
use super::sender::Sender;
use super::tls::Tls;
use crate::ConnectTo;
use crate::connect_to::Target;
use crate::executor::LocalExecutor;

/// Opens connections.
pub(super) struct Connector {
    tls: Tls,
    connect_to: Vec<ConnectTo>,
}

/// Time for name, TCP, TLS and HTTP/2's settings together.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// RFC 8305 §5: the head start of one address before the next is tried beside it.
const HEAD_START: Duration = Duration::from_millis(250);
/// An HTTP/2 connection that does not answer a ping in this time, sent as often while calls are open, is dead.
const PING: Duration = Duration::from_secs(20);

impl Connector {
    pub fn new(settings: &ClientSettings) -> Result<Self, String> {
        Ok(Self { tls: Tls::new(settings.ca_file.as_deref())?, connect_to: settings.connect_to.clone() })
    }

    pub async fn connect(&self, origin: &Origin) -> Result<Sender, HttpError> {
        let target = self.redirected(&origin.target);
        let name = || format!("{}:{}", target.host, target.port);
        match timeout(CONNECT_TIMEOUT, self.open(target, origin.protocol)).await {
            Ok(Ok(sender)) => Ok(sender),
            Ok(Err(why)) => Err(HttpError::Connect(format!("{}: {why}", name()))),
            Err(_) => Err(HttpError::Connect(format!("{}: no connection within {} s", name(), CONNECT_TIMEOUT.as_secs()))),
        }
    }

    fn redirected<'a>(&'a self, target: &'a Target) -> &'a Target {
        let found = self.connect_to.iter().find(|rule| rule.host == target.host && rule.port == target.port);
        found.map_or(target, |rule| &rule.target)
    }

    async fn open(&self, target: &Target, protocol: Protocol) -> Result<Sender, String> {
        let stream = reach(&target.host, target.port).await.map_err(|error| error.to_string())?;
        // Requests are written whole; waiting to fill a segment would only add latency.
        stream.set_nodelay(true).map_err(|error| error.to_string())?;
        if !target.secure {
            return handshake(stream, protocol == Protocol::Http2).await;
        }
        let (stream, http2) = self.tls.connect(stream, &target.host, protocol).await?;
        if protocol == Protocol::Http2 && !http2 {
            return Err("the upstream does not speak HTTP/2".into());
        }
        handshake(stream, http2).await
    }
}

/// Connects to the first address that answers, as RFC 8305 has it: the addresses in the resolver's order, each with a head start.
async fn reach(host: &str, port: u16) -> io::Result<TcpStream> {
    let addresses: Vec<SocketAddr> = lookup_host((host, port)).await?.collect();
    let mut attempts: FuturesUnordered<_> = addresses
        .into_iter()
        .zip(0_u32..)
        .map(|(address, before)| async move {
            sleep(HEAD_START * before).await;
            TcpStream::connect(address).await
        })
        .collect();
    let mut failure = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    while let Some(attempt) = attempts.next().await {
        match attempt {
            Ok(stream) => return Ok(stream),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

async fn handshake(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, http2: bool) -> Result<Sender, String> {
    let io = TokioIo::new(stream);
    // A connection's errors reach the calls on it; its task has nobody else to tell.
    if http2 {
        let mut builder = http2::Builder::new(LocalExecutor);
        builder.timer(TokioTimer::new()).keep_alive_interval(PING).keep_alive_timeout(PING).adaptive_window(true);
        let (sender, connection) = builder.handshake(io).await.map_err(|error| error.to_string())?;
        tokio::task::spawn_local(connection);
        Ok(Sender::http2(sender))
    } else {
        let (sender, connection) = http1::handshake(io).await.map_err(|error| error.to_string())?;
        tokio::task::spawn_local(connection.with_upgrades());
        Ok(Sender::Http1(sender))
    }
}
