use std::cell::Cell;
use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use http::{Method, Request, Response, StatusCode, Version};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use postern_core::platform::Body;
use tokio::net::TcpStream;
use tokio::time::sleep;
use tokio_io_timeout::TimeoutWriter;

use super::body::Pace;
use super::worker::Worker;
use super::{request, stalled, upgrade};
use crate::executor::LocalExecutor;
use crate::{Handler, Limits, framing};

/// HTTP/1.1 and HTTP/2 with prior knowledge on one port.
pub(super) type Protocols = auto::Builder<LocalExecutor>;

/// An HTTP/2 client that does not answer a ping in this time, sent as often, is gone.
const PING: Duration = Duration::from_secs(20);

pub(super) fn protocols(limits: &Limits) -> Protocols {
    let mut builder = auto::Builder::new(LocalExecutor);
    // Clients that close their sending side early are taken for gone (hyper's default): for one that really has gone, nothing else
    // would be noticed until the response is written.
    builder
        .http1()
        .timer(TokioTimer::new())
        .half_close(false)
        .header_read_timeout(limits.head_timeout)
        .max_buf_size((limits.head_bytes as usize).max(SMALLEST_BUFFER));
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(PING).keep_alive_timeout(PING).max_header_list_size(limits.head_bytes);
    builder
}

/// hyper asks for this much at least.
const SMALLEST_BUFFER: usize = 8192;

/// Serves one connection to its end. While a request is answered its connection is polled all the time, so a client that goes away
/// is noticed at once, and the handler's future or the response's body is dropped.
pub(super) async fn serve<H: Handler>(worker: Rc<Worker<H>>, stream: TcpStream, peer: IpAddr) {
    // Events are written whole; waiting to fill a segment would only add latency.
    if stream.set_nodelay(true).is_err() {
        return;
    }
    // A client that reads nothing would hold its responses, and the calls to upstreams behind them, for as long as it likes. Over
    // HTTP/2 it may read everything else.
    let mut stream = TimeoutWriter::new(stream);
    stream.set_timeout(Some(worker.limits.write_timeout));
    let asked = Rc::new(Cell::new(false));
    let service = {
        let (worker, asked) = (worker.clone(), asked.clone());
        service_fn(move |request| {
            asked.set(true);
            let worker = worker.clone();
            async move { Ok::<_, Infallible>(answer(&worker, request, peer).await) }
        })
    };
    let mut connection = pin!(worker.protocols.serve_connection_with_upgrades(TokioIo::new(Box::pin(stream)), service));
    // hyper's own timer starts when it knows which protocol this is; a client that never says so must not stay either.
    let mut patience = pin!(sleep(worker.limits.head_timeout));
    let (mut waiting, mut draining) = (true, false);
    loop {
        tokio::select! {
            // Its errors are the client's: it broke off, or spoke no HTTP and got hyper's answer.
            _ = connection.as_mut() => return,
            () = &mut patience, if waiting => {
                if !asked.get() {
                    return;
                }
                waiting = false;
            }
            () = worker.stop.cancelled(), if !draining => {
                draining = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}

async fn answer<H: Handler>(worker: &Worker<H>, mut request: Request<Incoming>, peer: IpAddr) -> Response<Body> {
    let client_side = upgrade::take(&mut request);
    let (head_only, is_http2) = (*request.method() == Method::HEAD, request.version() == Version::HTTP_2);
    let pace = Pace::new(worker.limits.body_timeout);
    let incoming = request::read(request, peer, &pace);
    let handler = worker.handler();
    let (mut head, body) = handler.handle(&worker.platform, incoming).await.into_parts();
    pace.answered();
    // What an upstream spoke is no concern of the client's connection (RFC 9110 §2.5). hyper itself goes down to what a client knows.
    head.version = Version::HTTP_11;
    // The length in an answer to HEAD is that of the body that GET would have had.
    if !head_only {
        framing::mend(&mut head.headers, &body);
    }
    let body = if is_http2 { stalled::watch(body, worker.limits.write_timeout) } else { body };
    let response = Response::from_parts(head, body);
    match response.status() {
        StatusCode::SWITCHING_PROTOCOLS => upgrade::connect(&worker.tasks, client_side, response),
        _ => response,
    }
}
