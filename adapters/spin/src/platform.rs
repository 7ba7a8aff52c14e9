use std::io::Write;
use std::rc::Rc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use postern_core::platform::{
    Capabilities, Clock, LocalBoxFuture, LogSink, Platform, PlatformSecret, SecretStore, SecureRandom, SlottedResponses, Tasks, Timestamp,
};
use spin_sdk::time::sleep;
use spin_sdk::{variables, wasip3};
use zeroize::Zeroizing;

use crate::counters::SpinCounterStore;
use crate::http_client::SpinHttpClient;
use crate::store::SpinKeyValueStore;

/// Spin, as one request sees it.
pub fn platform() -> Platform {
    let host = Rc::new(Spin);
    Platform {
        http: Rc::new(SpinHttpClient),
        processors: None,
        store: Rc::new(SpinKeyValueStore),
        counters: Rc::new(SpinCounterStore),
        cache: Rc::new(SlottedResponses::new(Rc::new(SpinKeyValueStore))),
        secrets: host.clone(),
        clock: host.clone(),
        random: host.clone(),
        tasks: host.clone(),
        log: host,
        capabilities: Capabilities::SPIN,
        listener: None,
    }
}

/// A component's variable; `None` when it is absent, or has the default "" by which `spin.toml` makes it optional.
pub async fn variable(name: &str) -> Option<String> {
    variables::get(name).await.ok().filter(|value| !value.is_empty())
}

/// What takes no more than a line.
pub struct Spin;

impl SecretStore for Spin {
    /// Spin's names are lower case.
    fn get<'a>(&'a self, name: &'a str) -> LocalBoxFuture<'a, Option<PlatformSecret>> {
        Box::pin(async move { variable(&name.to_ascii_lowercase()).await.map(Zeroizing::new) })
    }
}

impl Clock for Spin {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }

    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'_, ()> {
        Box::pin(sleep(duration))
    }
}

impl SecureRandom for Spin {
    /// `wasi:random` is cryptographic by its contract. A host may give fewer bytes than it is asked for.
    fn fill(&self, mut buffer: &mut [u8]) {
        while !buffer.is_empty() {
            let bytes = wasip3::random::random::get_random_bytes(buffer.len() as u64);
            let count = buffer.len().min(bytes.len());
            let (filled, rest) = buffer.split_at_mut(count);
            filled.iter_mut().zip(bytes).for_each(|(place, byte)| *place = byte);
            buffer = rest;
        }
    }
}

impl Tasks for Spin {
    fn wait_until(&self, task: LocalBoxFuture<'static, ()>) {
        wasip3::spawn(task);
    }

    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'static, ()> {
        Box::pin(spin_sdk::time::sleep(duration))
    }
}

impl LogSink for Spin {
    fn write(&self, line: &str) {
        // In one piece with its end, as instances share the output: the host takes up to 4 KiB at once. There is nowhere else to say that the
        // log is closed.
        let _ = std::io::stdout().lock().write_all(format!("{line}\n").as_bytes());
    }
}
