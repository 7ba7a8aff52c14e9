//! A bare proxy: what hyper costs on one current-thread runtime per core, with pooled upstream connections and nothing else.
//!
//! Usage: `native-passthrough LISTEN UPSTREAM [THREADS]`, both as `ADDRESS:PORT`, HTTP/1.1 without TLS. Prints
//! `listening on http://…` when it is ready.

use std::cell::RefCell;
use std::error::Error;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::rc::Rc;
use std::thread;

use http::{HeaderValue, Request, Response, Uri, header};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio::task::{LocalSet, spawn_local};

type Failure = Box<dyn Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let mut address = || -> Result<SocketAddr, Failure> { Ok(arguments.next().ok_or("LISTEN UPSTREAM [THREADS]")?.parse()?) };
    let (listen, upstream) = (address()?, address()?);
    let threads = match arguments.next() {
        Some(count) => count.parse()?,
        None => thread::available_parallelism()?.get(),
    };
    let listener = StdListener::bind(listen)?;
    listener.set_nonblocking(true)?;
    println!("listening on http://{}", listener.local_addr()?);
    let threads: Result<Vec<_>, Failure> = (0..threads)
        .map(|_| {
            let listener = listener.try_clone()?;
            Ok(thread::spawn(move || run(listener, upstream)))
        })
        .collect();
    for thread in threads? {
        thread.join().map_err(|_| "a thread panicked")??;
    }
    Ok(())
}

fn run(listener: StdListener, upstream: SocketAddr) -> Result<(), Failure> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, async {
        let listener = TcpListener::from_std(listener)?;
        let proxy = Rc::new(Proxy { upstream, host: HeaderValue::from_str(&upstream.to_string())?, idle: RefCell::default() });
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let proxy = proxy.clone();
            spawn_local(async move {
                let service = service_fn(move |request| {
                    let proxy = proxy.clone();
                    async move { proxy.forward(request).await }
                });
                // What fails here is one client's connection.
                let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            });
        }
    })
}

struct Proxy {
    upstream: SocketAddr,
    host: HeaderValue,
    idle: RefCell<Vec<SendRequest<Incoming>>>,
}

impl Proxy {
    async fn forward(self: Rc<Self>, mut request: Request<Incoming>) -> Result<Response<Incoming>, Failure> {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        *request.uri_mut() = path.parse::<Uri>()?;
        request.headers_mut().insert(header::HOST, self.host.clone());
        let mut sender = self.connection().await?;
        let response = sender.send_request(request).await?;
        spawn_local(async move {
            if sender.ready().await.is_ok() {
                self.idle.borrow_mut().push(sender);
            }
        });
        Ok(response)
    }

    async fn connection(&self) -> Result<SendRequest<Incoming>, Failure> {
        loop {
            let idle = self.idle.borrow_mut().pop();
            match idle {
                Some(sender) if sender.is_ready() => return Ok(sender),
                Some(_) => {}
                None => break,
            }
        }
        let stream = TcpStream::connect(self.upstream).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        spawn_local(connection);
        Ok(sender)
    }
}
