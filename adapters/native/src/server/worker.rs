use std::cell::RefCell;
use std::net::IpAddr;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::Sender;
use std::time::Duration;

use postern_core::gateway::Settings;
use postern_core::platform::{Capabilities, Platform, PlatformSecret};
use tokio::net::TcpStream;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;
use tokio::task::LocalSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::connection::{self, Protocols};
use super::{Phases, ServeError, single_threaded};
use crate::log::LogQueue;
use crate::platform::{LocalTasks, Responses};
use crate::processor::GrpcProcessors;
use crate::store::{PlatformStore, SharedWriter, SqliteStore};
use crate::{ClientSettings, Counters, EnvironmentSecrets, Handler, Limits, NativeClient, OperatingSystemRandom, SystemClock};

/// What every worker is made from.
pub(super) struct Seed {
    pub snapshot: watch::Receiver<Arc<str>>,
    pub on_reload: Arc<dyn Fn(Result<(), String>) + Send + Sync>,
    pub settings: Settings,
    pub data: PathBuf,
    pub key: PlatformSecret,
    pub previous_key: Option<PlatformSecret>,
    pub writer: SharedWriter,
    pub counters: Counters,
    pub responses: Responses,
    pub client: ClientSettings,
    pub limits: Limits,
    pub phases: Phases,
}

/// One thread's state.
pub(super) struct Worker<H> {
    handler: RefCell<Rc<H>>,
    pub platform: Platform,
    pub protocols: Protocols,
    pub limits: Limits,
    pub stop: CancellationToken,
    /// Everything that a graceful shutdown waits for.
    pub tasks: TaskTracker,
}

/// The accepting thread's end of a worker.
pub(super) struct Seat {
    connections: UnboundedSender<Connection>,
    open: Arc<AtomicUsize>,
}

/// A connection on its way to its worker.
pub(super) struct Connection {
    stream: std::net::TcpStream,
    peer: IpAddr,
    open: Open,
}

/// Counts an open connection until it is dropped.
struct Open(Arc<AtomicUsize>);

/// Serves until all seats are gone or the stop token is cancelled, then drains. Tells `ready` once how the start went.
pub(super) fn run<H: Handler>(
    number: usize,
    seed: &Seed,
    log: LogQueue,
    connections: UnboundedReceiver<Connection>,
    ready: &Sender<Result<(), ServeError>>,
) {
    let runtime = match single_threaded() {
        Ok(runtime) => runtime,
        Err(error) => return drop(ready.send(Err(ServeError::Thread(error)))),
    };
    let local = LocalSet::new();
    local.block_on(&runtime, async {
        match Worker::<H>::new(seed, log) {
            Ok(worker) => {
                // The starter has given up if it does not listen, and then its seats are gone too.
                let _ = ready.send(Ok(()));
                serve(Rc::new(worker), number == 0, seed, connections).await;
            }
            Err(error) => drop(ready.send(Err(error))),
        }
    });
    // What was still running is dropped, which writes its log lines; its timers and sockets need the runtime for that.
    let context = runtime.enter();
    drop(local);
    drop(context);
    // A name that is being looked up cannot be interrupted, and must not hold up the end.
    runtime.shutdown_timeout(Duration::from_millis(100));
}

async fn serve<H: Handler>(worker: Rc<Worker<H>>, speaker: bool, seed: &Seed, mut connections: UnboundedReceiver<Connection>) {
    let mut snapshots = seed.snapshot.clone();
    snapshots.mark_unchanged();
    let mut publishing = true;
    loop {
        tokio::select! {
            connection = connections.recv() => match connection {
                Some(Connection { stream, peer, open }) => {
                    let worker = worker.clone();
                    worker.tasks.clone().spawn_local(async move {
                        // A socket that cannot be registered is dropped, and so closed.
                        if let Ok(stream) = TcpStream::from_std(stream) {
                            connection::serve(worker, stream, peer).await;
                        }
                        drop(open);
                    });
                }
                None => break,
            },
            changed = snapshots.changed(), if publishing => match changed {
                Ok(()) => {
                    let snapshot = snapshots.borrow_and_update().clone();
                    let outcome = worker.reload(&snapshot, &seed.settings);
                    // Every worker comes to the same result.
                    if speaker {
                        (seed.on_reload)(outcome);
                    }
                }
                Err(_) => publishing = false,
            },
        }
    }
    worker.tasks.close();
    // What has not ended by now is dropped with the local set.
    tokio::select! {
        _ = timeout(worker.limits.drain, worker.tasks.wait()) => {}
        () = seed.phases.halt.cancelled() => {}
    }
}

impl<H: Handler> Worker<H> {
    fn new(seed: &Seed, log: LogQueue) -> Result<Self, ServeError> {
        let reader = SqliteStore::open(&seed.data).map_err(|error| ServeError::Data(error.to_string()))?;
        let tasks = TaskTracker::new();
        let snapshot = seed.snapshot.borrow().clone();
        let handler = H::build(&snapshot, &seed.settings).map_err(ServeError::Snapshot)?;
        let client = NativeClient::new(&seed.client).map_err(ServeError::CaFile)?;
        let platform = Platform {
            http: Rc::new(client.clone()),
            processors: Some(Rc::new(GrpcProcessors::new(client))),
            store: Rc::new(PlatformStore::new(reader, seed.writer.clone())),
            counters: Rc::new(seed.counters.clone()),
            cache: Rc::new(seed.responses.clone()),
            secrets: Rc::new(EnvironmentSecrets::new(seed.key.clone(), seed.previous_key.clone())),
            clock: Rc::new(SystemClock),
            random: Rc::new(OperatingSystemRandom::default()),
            tasks: Rc::new(LocalTasks { tracker: tasks.clone(), stop: seed.phases.stop.clone() }),
            log: Rc::new(log),
            capabilities: Capabilities::NATIVE,
            listener: None,
        };
        let (limits, stop) = (seed.limits, seed.phases.stop.clone());
        Ok(Self { handler: RefCell::new(Rc::new(handler)), platform, protocols: connection::protocols(&limits), limits, stop, tasks })
    }

    /// The handler in force; a request keeps the one that it began with.
    pub fn handler(&self) -> Rc<H> {
        self.handler.borrow().clone()
    }

    fn reload(&self, snapshot: &str, settings: &Settings) -> Result<(), String> {
        let handler = H::build(snapshot, settings)?;
        *self.handler.borrow_mut() = Rc::new(handler);
        Ok(())
    }
}

impl Seat {
    pub fn new() -> (Self, UnboundedReceiver<Connection>) {
        let (connections, receiver) = unbounded_channel();
        (Self { connections, open: Arc::default() }, receiver)
    }

    /// Connections that are open here.
    pub fn load(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }

    pub fn give(&self, stream: TcpStream, peer: IpAddr) {
        self.open.fetch_add(1, Ordering::Relaxed);
        let open = Open(self.open.clone());
        // A socket leaves this thread's runtime here and joins the worker's there. What fails on the way is closed.
        if let Ok(stream) = stream.into_std() {
            let _ = self.connections.send(Connection { stream, peer, open });
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
