use std::io;
use std::sync::mpsc::Sender;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::worker::Seat;
use super::{Phases, single_threaded};

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 1024;

/// Opens the port and tells `ready` how that went; then accepts connections until it is told to stop, closes the port, and watches
/// for the second signal until all is over.
pub(super) fn run(socket: TcpSocket, seats: Vec<Seat>, phases: &Phases, signals: bool, ready: &Sender<io::Result<()>>) {
    let outcome = single_threaded().and_then(|runtime| {
        runtime.block_on(async {
            let listener = socket.listen(BACKLOG)?;
            let mut signals = Signals::new(signals);
            // The starter waits for it.
            let _ = ready.send(Ok(()));
            accept(listener, seats, &phases.stop, &mut signals).await;
            tokio::select! {
                () = signals.next() => phases.halt.cancel(),
                () = phases.halt.cancelled() => {}
            }
            Ok(())
        })
    });
    if let Err(error) = outcome {
        let _ = ready.send(Err(error));
    }
}

async fn accept(listener: TcpListener, mut seats: Vec<Seat>, stop: &CancellationToken, signals: &mut Signals) {
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    if let Some(seat) = seats.iter_mut().min_by_key(|seat| seat.load()) {
                        seat.give(stream, peer.ip());
                    }
                }
                Err(error) if is_of_the_connection(&error) => {}
                Err(error) => {
                    // Most likely there are no file descriptors left; connections that end give some back.
                    eprintln!("cannot accept a connection: {error}");
                    sleep(Duration::from_millis(100)).await;
                }
            },
            () = stop.cancelled() => break,
            () = signals.next() => {
                stop.cancel();
                break;
            }
        }
    }
}

fn is_of_the_connection(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::Interrupted)
}

/// SIGINT and SIGTERM, or neither.
struct Signals(Option<(Signal, Signal)>);

impl Signals {
    fn new(wanted: bool) -> Self {
        let both = || Ok::<_, io::Error>((signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?));
        // Without handlers the signals do what they do to any process.
        Self(wanted.then(both).and_then(Result::ok))
    }

    async fn next(&mut self) {
        match &mut self.0 {
            Some((interrupt, terminate)) => {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
            }
            None => std::future::pending().await,
        }
    }
}
