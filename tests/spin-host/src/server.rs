use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use wasmtime_wasi_http::handler::{ErrorCode, ProxyHandler};
use wasmtime_wasi_http::p3::bindings::ServicePre;
use wasmtime_wasi_http::p3::bindings::http::types::ErrorCode as P3ErrorCode;

use crate::allowed_hosts::AllowedHosts;
use crate::files::Files;
use crate::handler::Instances;
use crate::outbound::Outbound;
use crate::state::{Captured, State};
use crate::{App, Stores, inbound};

/// An application that is being served. Dropping it ends that at once, open connections included.
pub struct Running {
    address: SocketAddr,
    app: Arc<App>,
    captured: Captured,
    accepting: JoinHandle<()>,
}

impl Running {
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn stores(&self) -> &Stores {
        &self.app.stores
    }

    /// What the component has written to its standard output so far, unless it is inherited.
    pub fn stdout(&self) -> Bytes {
        self.captured.stdout.contents()
    }

    /// The same of its standard error, and what this host reports: traps, and requests that it answered with 500 itself.
    pub fn stderr(&self) -> Bytes {
        self.captured.stderr.contents()
    }

    /// Serves until [`Running::stop`] or the end of the process.
    pub async fn wait(&mut self) {
        // An error is the end that `stop` brings about.
        let _ = (&mut self.accepting).await;
    }

    pub fn stop(self) {}
}

impl Drop for Running {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// What every connection of an application shares.
pub struct Server {
    app: Arc<App>,
    captured: Captured,
    handler: ProxyHandler<Instances>,
}

type Body = UnsyncBoxBody<Bytes, wasmtime::Error>;

impl Server {
    pub async fn start(pre: ServicePre<State>, app: Arc<App>, listen: &str) -> Result<Running> {
        let captured = Captured::new();
        let instances = Instances {
            pre,
            app: app.clone(),
            files: Files::copy(&app.files)?,
            captured: captured.clone(),
            outbound: Outbound::new(AllowedHosts::parse(&app.allowed_outbound_hosts)?),
        };
        let listener = TcpListener::bind(listen).await.with_context(|| format!("cannot listen on {listen}"))?;
        let address = listener.local_addr()?;
        let server = Self { app: app.clone(), captured: captured.clone(), handler: ProxyHandler::new(instances) };
        let accepting = tokio::spawn(Arc::new(server).accept(listener));
        Ok(Running { address, app, captured, accepting })
    }

    async fn accept(self: Arc<Self>, listener: TcpListener) {
        let mut connections = JoinSet::new();
        loop {
            if let Ok((stream, client)) = listener.accept().await {
                connections.spawn(self.clone().serve(stream, client));
            }
            while connections.try_join_next().is_some() {}
        }
    }

    async fn serve(self: Arc<Self>, stream: TcpStream, client: SocketAddr) {
        // Without it small frames of a stream wait for the client's acknowledgement.
        let _ = stream.set_nodelay(true);
        let service = service_fn(move |request| {
            let server = self.clone();
            async move { Ok::<_, std::convert::Infallible>(server.respond(request, client).await) }
        });
        // A connection that breaks is the client's affair.
        let _ = auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
    }

    async fn respond(&self, mut request: Request<Incoming>, client: SocketAddr) -> Response<Body> {
        match request.uri().path() {
            "/.well-known/spin/health" => return plain(StatusCode::OK, "OK".into()),
            "/.well-known/spin/info" => {
                let info = format!("{{\"name\": {:?}, \"version\": {:?}}}", self.app.name, self.app.version);
                return plain(StatusCode::OK, info);
            }
            path if path.starts_with("/.well-known/spin/") => return plain(StatusCode::NOT_FOUND, String::new()),
            _ => {}
        }
        let handled = match inbound::prepare(&mut request, client) {
            Ok(()) => {
                let request = request
                    .map(|body| body.map_err(|error| ErrorCode::P3(P3ErrorCode::InternalError(Some(error.to_string())))).boxed_unsync());
                self.handler.handle((), request).await.map_err(|error| anyhow::anyhow!("{error:#}"))
            }
            Err(error) => Err(error),
        };
        handled.unwrap_or_else(|error| {
            self.captured.report(&format!("the host answered 500: {error:#}"));
            plain(StatusCode::INTERNAL_SERVER_ERROR, String::new())
        })
    }
}

fn plain(status: StatusCode, text: String) -> Response<Body> {
    let body = Full::new(Bytes::from(text)).map_err(|never| match never {}).boxed_unsync();
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
}
