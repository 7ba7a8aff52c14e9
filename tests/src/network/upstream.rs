use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;

use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::conn::auto;
use postern_cases::target::Exposed;
use postern_cases::upstream::Upstreams;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, spawn_local};

use super::{LocalExecutor, raw, web_socket};

/// Serves the upstreams on loopback until the guard is dropped. Must run inside a `LocalSet`.
///
/// # Errors
/// No port can be opened.
pub async fn expose(upstreams: Rc<Upstreams>) -> Result<Exposed, String> {
    let mut urls = BTreeMap::new();
    let mut guard = Guard(Vec::new());
    for name in upstreams.names() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(text)?;
        let address = listener.local_addr().map_err(text)?;
        urls.insert(name.clone(), format!("http://{address}"));
        // Dropped at once, the port refuses connections.
        if !upstreams.is_refused(&name) {
            guard.0.push(spawn_local(accept(listener, name, upstreams.clone())).abort_handle());
        }
    }
    Ok(Exposed { urls, guard: Box::new(guard) })
}

struct Guard(Vec<AbortHandle>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.iter().for_each(AbortHandle::abort);
    }
}

async fn accept(listener: TcpListener, name: String, upstreams: Rc<Upstreams>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (name, upstreams) = (name.clone(), upstreams.clone());
        spawn_local(async move {
            if upstreams.is_raw_next(&name) {
                // The script breaks HTTP on purpose, so how the connection ends says nothing.
                let _ = raw::serve(stream, &name, &upstreams).await;
            } else if upstreams.is_web_socket(&name) {
                drop(web_socket::echo(stream, &name, &upstreams).await);
            } else {
                serve(stream, name.into(), upstreams).await;
            }
        });
    }
}

async fn serve(stream: TcpStream, name: Rc<str>, upstreams: Rc<Upstreams>) {
    let service = service_fn(move |request: http::Request<hyper::body::Incoming>| {
        let (name, upstreams) = (name.clone(), upstreams.clone());
        // An error makes hyper close the connection without a response.
        async move { upstreams.answer(&name, request).await.map_err(|why| io::Error::other(format!("{why:?}"))) }
    });
    // Scripts that break off are errors here, and meant to be.
    let _ = auto::Builder::new(LocalExecutor).serve_connection(TokioIo::new(stream), service).await;
}

fn text(error: io::Error) -> String {
    error.to_string()
}
