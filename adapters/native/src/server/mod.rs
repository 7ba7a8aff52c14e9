//! The way in: one thread accepts connections and gives each to the worker thread that has the fewest.
//!
//! Not `SO_REUSEPORT`: there the kernel deals connections out by a hash, so that a few long streams may share one core while another
//! idles, and what waits in a queue is lost when its listener closes at shutdown. A handover costs microseconds for a connection,
//! nothing for a request.

mod accept;
mod authority;
mod body;
mod connection;
mod request;
mod stalled;
mod upgrade;
mod worker;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle, available_parallelism};

use tokio::net::TcpSocket;
use tokio::runtime::{Builder, Runtime};
use tokio_util::sync::CancellationToken;

use crate::platform::Responses;
use crate::store::SqliteStore;
use crate::{ClientSettings, Counters, Handler, Log, Options, data};
use worker::{Seat, Seed};

/// Opens the store, builds a handler on each thread, and only then the port: a client that can connect is served.
///
/// # Errors
/// When the Snapshot, the data folder, the address or a setting does not serve.
pub fn serve<H: Handler>(options: Options) -> Result<Running, ServeError> {
    check_connect_to(&options)?;
    let socket = bind(options.listen)?;
    let address = socket.local_addr().map_err(|error| ServeError::Listen(options.listen, error))?;
    let phases = Phases { stop: options.stop.clone(), halt: CancellationToken::new() };
    let (seats, threads) = start_workers::<H>(&options, address, &phases)?;
    let (ready, listening) = channel();
    let accepting = {
        let phases = phases.clone();
        let accept = move || accept::run(socket, seats, &phases, options.signals, &ready);
        thread::Builder::new().name("postern-accept".into()).spawn(accept).map_err(ServeError::Thread)?
    };
    match listening.recv() {
        Ok(Ok(())) => Ok(Running { address, phases, accepting, threads, log: options.log }),
        Ok(Err(error)) => Err(ServeError::Listen(address, error)),
        Err(_) => Err(ServeError::Thread(io::Error::other("the accepting thread ended"))),
    }
}

/// A server that is up.
pub struct Running {
    address: SocketAddr,
    phases: Phases,
    accepting: JoinHandle<()>,
    threads: Vec<JoinHandle<()>>,
    log: Log,
}

/// The two steps of a shutdown.
#[derive(Clone)]
struct Phases {
    /// No new connection; what is in flight goes on.
    stop: CancellationToken,
    /// Nothing goes on.
    halt: CancellationToken,
}

impl Running {
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Starts the graceful shutdown: no new connection, idle ones closed, requests in flight finished within
    /// [`crate::Limits::drain`].
    pub fn stop(&self) {
        self.phases.stop.cancel();
    }

    /// Waits until the server has shut down and every log line is written.
    pub fn wait(self) {
        // A thread that panicked has ended, which is what is waited for.
        for thread in self.threads {
            let _ = thread.join();
        }
        self.phases.halt.cancel();
        let _ = self.accepting.join();
        self.log.finish();
    }
}

/// Why the server did not start.
#[derive(Debug)]
pub enum ServeError {
    Listen(SocketAddr, io::Error),
    Data(String),
    Snapshot(String),
    /// `--connect-to` with a listener or a URL that other machines can reach.
    ConnectTo(String),
    CaFile(String),
    Thread(io::Error),
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ServeError::Listen(address, error) => write!(f, "cannot listen on {address}: {error}"),
            ServeError::Data(why) => write!(f, "the data folder cannot be used: {why}"),
            ServeError::Snapshot(why) | ServeError::ConnectTo(why) | ServeError::CaFile(why) => f.write_str(why),
            ServeError::Thread(error) => write!(f, "cannot start a thread: {error}"),
        }
    }
}

impl std::error::Error for ServeError {}

pub(crate) fn single_threaded() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

/// A redirected connection carries the upstream's credential, so neither end of it may leave the machine.
fn check_connect_to(options: &Options) -> Result<(), ServeError> {
    if options.connect_to.is_empty() {
        return Ok(());
    }
    if !options.listen.ip().is_loopback() {
        return Err(ServeError::ConnectTo(format!("connect-to works with a loopback listener only, not {}", options.listen)));
    }
    match options.connect_to.iter().find(|rule| !rule.is_loopback()) {
        Some(rule) => Err(ServeError::ConnectTo(format!("connect-to leads to loopback only, not {}", rule.target.host))),
        None => Ok(()),
    }
}

fn bind(address: SocketAddr) -> Result<TcpSocket, ServeError> {
    let open = || {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        // A restart must not wait for the connections of the process before.
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        Ok(socket)
    };
    open().map_err(|error| ServeError::Listen(address, error))
}

type Workers = (Vec<Seat>, Vec<JoinHandle<()>>);

fn start_workers<H: Handler>(options: &Options, address: SocketAddr, phases: &Phases) -> Result<Workers, ServeError> {
    let as_data = |error: &dyn fmt::Display| ServeError::Data(error.to_string());
    let (key, _) = data::master_key(&options.data).map_err(|error| as_data(&error))?;
    let previous_key = data::previous_key(&options.data).map_err(|error| as_data(&error))?;
    let store = SqliteStore::open(&options.data).map_err(|error| as_data(&error))?;
    let mut settings = options.settings.clone();
    settings.base_url.get_or_insert_with(|| base_url(address));
    let seed = Arc::new(Seed {
        snapshot: options.snapshot.clone(),
        on_reload: options.on_reload.clone(),
        settings,
        data: options.data.clone(),
        key,
        previous_key,
        writer: Arc::new(Mutex::new(store)),
        counters: Counters::default(),
        responses: Responses::default(),
        client: ClientSettings { connect_to: options.connect_to.clone(), ca_file: options.ca_file.clone() },
        limits: options.limits,
        phases: phases.clone(),
    });
    let count = options.threads.or_else(|| available_parallelism().ok()).map_or(1, usize::from);
    let (ready, started) = channel();
    let mut workers = (Vec::new(), Vec::new());
    for number in 0..count {
        let (seat, connections) = Seat::new();
        let (seed, log, ready) = (seed.clone(), options.log.sink(), ready.clone());
        let work = move || worker::run::<H>(number, &seed, log, connections, &ready);
        let thread = thread::Builder::new().name(format!("postern-{number}")).spawn(work).map_err(ServeError::Thread)?;
        workers.0.push(seat);
        workers.1.push(thread);
    }
    drop(ready);
    all_ready(&started, count)?;
    Ok(workers)
}

/// On an error the seats are dropped, which ends the workers that did start.
fn all_ready(started: &Receiver<Result<(), ServeError>>, count: usize) -> Result<(), ServeError> {
    for _ in 0..count {
        started.recv().map_err(|_| ServeError::Thread(io::Error::other("a worker ended")))??;
    }
    Ok(())
}

/// `localhost` where that is where the listener is, as the names of services below it resolve on most machines.
fn base_url(address: SocketAddr) -> String {
    match address.ip() {
        ip if ip.is_loopback() || ip.is_unspecified() => format!("http://localhost:{}", address.port()),
        _ => format!("http://{address}"),
    }
}
