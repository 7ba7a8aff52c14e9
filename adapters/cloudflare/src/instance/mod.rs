//! The state of one WebAssembly instance: the compiled gateway, its tasks, and the two buffers that the shim and it share.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use postern_core::gateway::{Client, Gateway, Incoming, Settings};
use postern_core::platform::{Body, Timestamp};
use postern_core::snapshot::Snapshot;

use crate::body::{CLIENT, HeldBody};
use crate::command::{Command, Kind};
use crate::host::{Host, Numbers};
use crate::message::{Answer, Head};
use crate::platform::platform;
use crate::task::{Step, Task, Work};

/// The most of a client's body that is read, where the configuration says nothing else.
const MAX_REQUEST_SIZE: u64 = 4 << 20;

/// A longer message is taken over with its buffer instead of being copied. The shim knows the same number.
const TAKE_OVER: usize = 64 << 10;

/// A task that nobody has resumed for so long never will be: the runtime ended its request without a word, as it does at its
/// limits of CPU time and of work after the response. It is longer than the longest deadline of a stream.
const ABANDONED: Duration = Duration::from_secs(25 * 3600);

/// How many requests there are between two looks for abandoned tasks.
const SWEEP: u32 = 1024;

pub struct Instance {
    gateway: Option<Gateway>,
    tasks: BTreeMap<u32, Task>,
    numbers: Rc<Numbers>,
    started: u32,
    random: fn(&mut [u8]),
    input: Vec<u8>,
    output: Output,
}

/// What the last call had to say; valid until the next one.
#[derive(Default)]
struct Output {
    /// Task, kind, two numbers, then address and length of text, payload, log, detached tasks and released bodies.
    head: [u32; 14],
    command: Command,
    log: String,
    detached: Vec<u32>,
    released: Vec<u32>,
}

impl Instance {
    pub fn new(random: fn(&mut [u8])) -> Self {
        Self {
            gateway: None,
            tasks: BTreeMap::new(),
            numbers: Rc::default(),
            started: 0,
            random,
            input: Vec::new(),
            output: Output::default(),
        }
    }

    pub fn input(&mut self, length: usize) -> *mut u8 {
        if self.input.len() < length {
            self.input.resize(length, 0);
        }
        self.input.as_mut_ptr()
    }

    pub fn init(&mut self, length: usize) -> *const u32 {
        self.output.clear();
        let command = match read_settings(&self.message(length)) {
            Ok((settings, snapshot)) => {
                self.gateway = Some(Gateway::new(snapshot, settings));
                Command::default()
            }
            Err(why) => Command::new(Kind::Failed, why),
        };
        self.output.write(0, command)
    }

    pub fn start(&mut self, length: usize, now: Timestamp) -> *const u32 {
        self.output.clear();
        let Some(gateway) = self.gateway.clone() else {
            return self.output.write(0, Command::new(Kind::Failed, "there is no configuration"));
        };
        let Some(head) = Head::read(&self.message(length)) else {
            return self.output.write(0, Command::new(Kind::Respond, "-\n-\n").with(400, 0));
        };
        let host = Rc::new(Host::new(now, self.random, self.numbers.clone()));
        host.heads.borrow_mut().insert(CLIENT, head.request.headers().clone());
        let body = if head.has_body { Body::Opaque(Rc::new(HeldBody::new(host.clone(), CLIENT))) } else { Body::Empty };
        let client = Client { ip: head.client, version: head.request.version() };
        let incoming = Incoming { request: head.request.map(|()| body), client };
        let platform = platform(&host);
        let work = Work::Request(Box::pin(async move { gateway.handle(&platform, incoming).await }));
        let number = self.numbers.next();
        self.started = self.started.wrapping_add(1);
        if self.started.is_multiple_of(SWEEP) {
            let abandoned: Vec<_> = self.tasks.extract_if(.., |_, task| now.since(task.host.now.get()) >= ABANDONED).collect();
            for (_, task) in abandoned {
                let host = task.host.clone();
                drop(task);
                self.collect(&host);
            }
        }
        self.step(number, Task::new(host, work))
    }

    pub fn resume(&mut self, number: u32, code: u32, length: usize, now: Timestamp) -> *const u32 {
        self.output.clear();
        let answer = Answer { code, bytes: self.message(length) };
        let Some(mut task) = self.tasks.remove(&number) else {
            return self.output.write(number, Command::new(Kind::Failed, "there is no such task"));
        };
        task.host.now.set(now);
        task.answer(answer);
        self.step(number, task)
    }

    pub fn cancel(&mut self, number: u32, now: Timestamp) -> *const u32 {
        self.output.clear();
        if let Some(task) = self.tasks.remove(&number) {
            let host = task.host.clone();
            host.now.set(now);
            drop(task);
            self.collect(&host);
        }
        self.output.write(number, Command::default())
    }

    pub fn tasks(&self) -> usize {
        self.tasks.len()
    }

    fn message(&mut self, length: usize) -> Bytes {
        if length > TAKE_OVER {
            let mut input = std::mem::take(&mut self.input);
            input.truncate(length);
            return Bytes::from(input);
        }
        self.input.get(..length).map(Bytes::copy_from_slice).unwrap_or_default()
    }

    fn step(&mut self, number: u32, mut task: Task) -> *const u32 {
        let step = task.step();
        let host = task.host.clone();
        let command = match step {
            Step::Next(command) => {
                self.tasks.insert(number, task);
                command
            }
            Step::Last(command) => {
                drop(task);
                command
            }
        };
        self.collect(&host);
        self.output.write(number, command)
    }

    /// Takes over what the task left beside its command.
    fn collect(&mut self, host: &Rc<Host>) {
        self.output.log.push_str(&host.log.take());
        self.output.released.append(&mut host.released.borrow_mut());
        for (number, body) in host.streams.take() {
            self.tasks.insert(number, Task::new(host.clone(), Work::Stream(body)));
        }
        for future in host.detached.take() {
            let number = self.numbers.next();
            self.tasks.insert(number, Task::new(host.clone(), Work::Detached(future)));
            self.output.detached.push(number);
        }
    }
}

impl Output {
    fn clear(&mut self) {
        self.log.clear();
        self.detached.clear();
        self.released.clear();
    }

    fn write(&mut self, task: u32, command: Command) -> *const u32 {
        let Command { kind, numbers: [first, second], text, bytes } = &command;
        let [text, bytes, log] = [text.as_bytes(), bytes, self.log.as_bytes()].map(|part| (address(part.as_ptr()), size(part.len())));
        let detached = (address(self.detached.as_ptr()), size(self.detached.len()));
        let released = (address(self.released.as_ptr()), size(self.released.len()));
        self.head = [
            task,
            *kind as u32,
            *first,
            *second,
            text.0,
            text.1,
            bytes.0,
            bytes.1,
            log.0,
            log.1,
            detached.0,
            detached.1,
            released.0,
            released.1,
        ];
        self.command = command;
        self.head.as_ptr()
    }
}

/// Addresses and lengths have 32 bits where this runs.
fn address<T>(pointer: *const T) -> u32 {
    size(pointer.addr())
}

fn size(length: usize) -> u32 {
    u32::try_from(length).unwrap_or_default()
}

/// Lines: region, base URL (both may be empty); then the Snapshot.
fn read_settings(message: &[u8]) -> Result<(Settings, Snapshot), String> {
    let text = std::str::from_utf8(message).map_err(|_| "the configuration is not UTF-8")?;
    let mut parts = text.splitn(3, '\n');
    let mut line = || parts.next().ok_or("the configuration is cut short");
    let optional = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let region = optional(line()?);
    let base_url = optional(line()?);
    let snapshot = Snapshot::from_json(line()?)?;
    Ok((Settings { region, base_url, max_request_size: MAX_REQUEST_SIZE }, snapshot))
}

#[cfg(test)]
mod tests;
