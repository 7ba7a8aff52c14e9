//! The way out: one client per thread, with a pool of connections of its own, so that nothing is locked and no body needs to be
//! `Send`. (hyper-util's client asks for bodies that may change threads, which the core's may not.)

mod body;
mod connect;
mod error;
mod handshake;
mod origin;
mod pool;
mod sender;
mod tls;

use std::path::PathBuf;
use std::rc::Rc;
use std::time::{Duration, Instant};

use http::{Request, Response, Version};
use postern_core::platform::{Body, Deadlines, HttpClient, HttpError, LocalBoxFuture, SendOptions};

use crate::{ConnectTo, framing};
use connect::Connector;
use origin::{Destination, Origin};
use pool::Pool;
use sender::{Failure, Sender};

/// Where connections go and whom they trust.
#[derive(Debug, Clone, Default)]
pub struct ClientSettings {
    pub connect_to: Vec<ConnectTo>,
    /// PEM certificates that upstreams may be signed by, beside Mozilla's.
    pub ca_file: Option<PathBuf>,
}

/// Sends requests over HTTP/1.1, or HTTP/2 where TLS negotiates it (ALPN) or [`SendOptions::http2`] asks for it. Dropping the future
/// or the response's body closes the HTTP/1 connection, or resets the HTTP/2 stream.
#[derive(Clone)]
pub struct NativeClient {
    connector: Rc<Connector>,
    pool: Rc<Pool>,
}

/// Time until the response's head when [`SendOptions::timeout`] is absent, and the longest silence after it over HTTP/1.1 when no
/// other is allowed: a model may think for minutes, but not for ever, and an upstream that has gone without a word is never heard of again.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(600);

impl NativeClient {
    /// Must be called within the runtime and the local task set of the thread that will use it.
    ///
    /// # Errors
    /// When `ca_file` cannot be read as PEM certificates.
    pub fn new(settings: &ClientSettings) -> Result<Self, String> {
        let connector = Rc::new(Connector::new(settings)?);
        Ok(Self { connector, pool: Pool::new() })
    }

    async fn exchange(&self, request: Request<Body>, options: &SendOptions) -> Result<Response<Body>, HttpError> {
        let destination = Destination::of(&request, options)?;
        let (mut head, body) = request.into_parts();
        framing::mend(&mut head.headers, &body);
        let accept = handshake::accept_of(&head.headers);
        let mut request = Request::from_parts(head, body);
        loop {
            let pooled = self.pool.take(&destination.origin);
            let reused = pooled.is_some();
            let sender = match pooled {
                Some(sender) => sender,
                None => self.open(&destination.origin).await?,
            };
            match sender.send(request, &destination, &self.pool).await {
                Ok(response) => return handshake::check(accept.as_deref(), &response).map(|()| response),
                // The upstream closed an idle connection before anything was written to it. That is no answer, so another
                // connection is tried; each failure removes one from the pool, so this ends.
                Err(Failure { unsent: Some(again), .. }) if reused => request = *again,
                Err(Failure { error, .. }) => return Err(error),
            }
        }
    }

    async fn open(&self, origin: &Origin) -> Result<Sender, HttpError> {
        let _turn = self.pool.turn(origin).await;
        if let Some(sender) = self.pool.take(origin) {
            return Ok(sender);
        }
        let sender = self.connector.connect(origin).await?;
        self.pool.share(origin, &sender);
        Ok(sender)
    }
}

impl HttpClient for NativeClient {
    fn send(&self, request: Request<Body>, options: SendOptions) -> LocalBoxFuture<'_, Result<Response<Body>, HttpError>> {
        Box::pin(async move {
            let limit = options.head_timeout(Some(DEFAULT_TIMEOUT)).unwrap_or(DEFAULT_TIMEOUT);
            let began = Instant::now();
            let whole = async { options.read(self.exchange(request, &options).await?).await };
            let response = tokio::time::timeout(limit, whole).await.unwrap_or(Err(HttpError::Timeout))?;
            // A connection of HTTP/2 tells by its pings whether anybody is there.
            let own = (response.version() < Version::HTTP_2).then_some(DEFAULT_TIMEOUT);
            let deadlines = options.deadlines.or(Deadlines { idle: own, total: None });
            let sleep = Rc::new(|duration| Box::pin(tokio::time::sleep(duration)) as LocalBoxFuture<'static, ()>);
            Ok(response.map(|body| deadlines.watch(body, began.elapsed(), sleep)))
        })
    }
}
