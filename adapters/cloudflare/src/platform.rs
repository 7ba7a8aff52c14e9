//! The core's [`Platform`] over the shim.

use std::rc::Rc;
use std::time::Duration;

use http::{Method, Request, Response};
use postern_core::platform::{
    Attempts, Body, Capabilities, Clock, CounterError, CounterKey, CounterSeries, CounterStore, HttpClient, HttpError, KeyValueStore,
    LocalBoxFuture, LogSink, Platform, PlatformSecret, Precision, SecretStore, SecureRandom, SendOptions, StoreError, Tasks, Timestamp,
    has_no_body,
};
use zeroize::Zeroizing;

use crate::body::{CLIENT, HeldBody};
use crate::command::{BodyRef, Command, Kind};
use crate::host::Host;
use crate::message::Answer;

/// KV serves a value from its cache for 30 s, so that asking again sooner tells nothing new.
const KV_REUSE: Duration = Duration::from_secs(30);

/// The least that KV accepts.
const KV_SHORTEST_EXPIRY: u64 = 60;

#[derive(Clone)]
pub struct Shim(pub Rc<Host>);

pub fn platform(host: &Rc<Host>) -> Platform {
    let shim = Rc::new(Shim(host.clone()));
    Platform {
        http: shim.clone(),
        processors: None,
        store: shim.clone(),
        counters: shim.clone(),
        cache: shim.clone(),
        secrets: shim.clone(),
        clock: shim.clone(),
        random: shim.clone(),
        tasks: shim.clone(),
        log: shim,
        capabilities: Capabilities::CLOUDFLARE,
        listener: None,
    }
}

impl Shim {
    pub async fn ask(&self, command: Command) -> Answer {
        self.0.ask(self.0.number(), command).await
    }

    async fn confirm(&self, command: Command) -> Result<(), StoreError> {
        let answer = self.ask(command).await;
        if answer.code == 0 { Ok(()) } else { Err(StoreError(answer.text())) }
    }
}

impl HttpClient for Shim {
    fn send(&self, request: Request<Body>, options: SendOptions) -> LocalBoxFuture<'_, Result<Response<Body>, HttpError>> {
        Box::pin(async move {
            let number = self.0.number();
            let request = request.map(|body| BodyRef::of(body, |frames| self.0.stream(frames)));
            let (began, is_head) = (self.0.now.get(), request.method() == Method::HEAD);
            let command = Command::fetch(number, request, &options, self.0.heads.borrow().get(&CLIENT));
            let response = self.0.ask(number, command).await.response(options.whole)?;
            self.0.heads.borrow_mut().insert(number, response.headers().clone());
            let is_watched = !options.deadlines.is_none() && !is_head && !has_no_body(response.status());
            let body = HeldBody::new(self.0.clone(), number).within(options.deadlines, began);
            // What the shim has read whole, it gives out at once.
            let response = options.read(response.map(|()| Body::Opaque(Rc::new(body)))).await?;
            Ok(if is_watched { response.map(Body::streamed) } else { response })
        })
    }
}

impl KeyValueStore for Shim {
    fn get<'a>(&'a self, key: &'a str) -> LocalBoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        Box::pin(async move {
            let answer = self.ask(Command::new(Kind::KvGet, key)).await;
            match answer.code {
                0 => Ok(Some(answer.bytes.into())),
                1 => Ok(None),
                _ => Err(StoreError(answer.text())),
            }
        })
    }

    fn put<'a>(&'a self, key: &'a str, value: &'a [u8], expires_in: Option<Duration>) -> LocalBoxFuture<'a, Result<(), StoreError>> {
        let seconds = expires_in.map_or(0, |time| time.as_secs().max(KV_SHORTEST_EXPIRY));
        let command = Command::new(Kind::KvPut, key).with(u32::try_from(seconds).unwrap_or(u32::MAX), 0);
        Box::pin(self.confirm(command.payload(bytes::Bytes::copy_from_slice(value))))
    }

    fn delete<'a>(&'a self, key: &'a str) -> LocalBoxFuture<'a, Result<(), StoreError>> {
        Box::pin(self.confirm(Command::new(Kind::KvDelete, key)))
    }

    fn reuse_for(&self) -> Duration {
        KV_REUSE
    }
}

impl CounterStore for Shim {
    fn increment<'a>(&'a self, key: &'a CounterKey, by: i64, expires_at: Timestamp) -> LocalBoxFuture<'a, Result<i64, CounterError>> {
        Box::pin(async move {
            let text = format!("{}\n{by}\n{}", key.as_str(), expires_at.0);
            let answer = self.ask(Command::new(Kind::CounterIncrement, text)).await;
            match answer.code {
                0 => answer.text().parse().map_err(|_| CounterError("no number".into())),
                _ => Err(CounterError(answer.text())),
            }
        })
    }

    fn remove<'a>(&'a self, key: &'a CounterKey) -> LocalBoxFuture<'a, Result<(), CounterError>> {
        Box::pin(async move {
            let removed = self.confirm(Command::new(Kind::CounterRemove, key.as_str())).await;
            removed.map_err(|error| CounterError(error.0))
        })
    }

    /// The object counts by its own clock, so that those of isolates need not agree.
    fn count<'a>(&'a self, series: &'a CounterSeries, _now: Timestamp) -> LocalBoxFuture<'a, Result<Attempts, CounterError>> {
        Box::pin(async move {
            let text = format!("{}\n{}", series.as_str(), series.span());
            let answer = self.ask(Command::new(Kind::CounterCount, text)).await;
            match answer.code {
                0 => answer.attempts().ok_or_else(|| CounterError("no attempts".into())),
                _ => Err(CounterError(answer.text())),
            }
        })
    }

    fn precision(&self) -> Precision {
        Precision::CLOUDFLARE
    }
}

impl SecretStore for Shim {
    fn get<'a>(&'a self, name: &'a str) -> LocalBoxFuture<'a, Option<PlatformSecret>> {
        Box::pin(async move {
            let answer = self.ask(Command::new(Kind::SecretGet, name)).await;
            (answer.code == 0).then(|| Zeroizing::new(answer.text()))
        })
    }
}

impl Clock for Shim {
    fn now(&self) -> Timestamp {
        self.0.now.get()
    }

    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'_, ()> {
        let milliseconds = u32::try_from(duration.as_millis()).unwrap_or(u32::MAX);
        Box::pin(async move { drop(self.ask(Command::new(Kind::Sleep, "").with(milliseconds, 0)).await) })
    }
}

impl SecureRandom for Shim {
    fn fill(&self, buffer: &mut [u8]) {
        (self.0.random)(buffer);
    }
}

impl Tasks for Shim {
    fn wait_until(&self, task: LocalBoxFuture<'static, ()>) {
        self.0.detached.borrow_mut().push(task);
    }

    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'static, ()> {
        let milliseconds = u32::try_from(duration.as_millis()).unwrap_or(u32::MAX);
        let (shim, command) = (self.clone(), Command::new(Kind::Sleep, "").with(milliseconds, 0));
        Box::pin(async move { drop(shim.ask(command).await) })
    }
}

impl LogSink for Shim {
    fn write(&self, line: &str) {
        let mut log = self.0.log.borrow_mut();
        log.push_str(line);
        log.push('\n');
    }
}
