//! The native host as a process that a test can stop: `native-host SNAPSHOT DATA`. Everything else comes from the environment,
//! which threads of one process could not each have for themselves.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use postern_core::gateway::{Gateway, Settings};
use postern_native::{Options, serve, watch};

/// Bytes that rules may read, as at the edge, so that all hosts refuse the same bodies.
const MAX_REQUEST_SIZE: u64 = 4 << 20;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let mut arguments = std::env::args().skip(1).map(PathBuf::from);
    let (Some(snapshot), Some(data)) = (arguments.next(), arguments.next()) else {
        return Err("usage: native-host SNAPSHOT DATA".into());
    };
    let snapshot = std::fs::read_to_string(snapshot).map_err(|error| error.to_string())?;
    let (_sender, receiver) = watch::channel::<Arc<str>>(snapshot.into());
    let settings = Settings { region: std::env::var("POSTERN_REGION").ok(), base_url: None, max_request_size: MAX_REQUEST_SIZE };
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let running =
        serve::<Gateway>(Options { settings, signals: true, ..Options::new(listen, receiver, data) }).map_err(|error| error.to_string())?;
    println!("listening on http://{}", running.address());
    running.wait();
    Ok(())
}
