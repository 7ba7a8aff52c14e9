//! What the futures of one request share: the commands that they wait for, and what goes out beside them.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use http::HeaderMap;
use postern_core::platform::{BoxBody, LocalBoxFuture, Timestamp};

use crate::command::Command;
use crate::message::Answer;

/// The shim's side, as one request and what it leaves behind see it.
pub struct Host {
    pub now: Cell<Timestamp>,
    pub random: fn(&mut [u8]),
    /// Headers as they came, by the body they came with: 0 is the client's request. What goes out is compared with them.
    pub heads: RefCell<BTreeMap<u32, HeaderMap>>,
    /// Lines for the log, each ended.
    pub log: RefCell<String>,
    /// Work to go on with after the response.
    pub detached: RefCell<Vec<LocalBoxFuture<'static, ()>>>,
    /// Responses that nobody will read any more.
    pub released: RefCell<Vec<u32>>,
    /// Bodies that became tasks of their own, by the task's number.
    pub streams: RefCell<Vec<(u32, BoxBody)>>,
    numbers: Rc<Numbers>,
    asked: RefCell<Vec<(u32, Command)>>,
    answers: RefCell<BTreeMap<u32, Answer>>,
}

/// Numbers for tasks, commands and held responses: one sequence for an instance, never 0.
#[derive(Default)]
pub struct Numbers(Cell<u32>);

impl Numbers {
    pub fn next(&self) -> u32 {
        self.0.set(self.0.get().checked_add(1).unwrap_or(1));
        self.0.get()
    }
}

impl Host {
    pub fn new(now: Timestamp, random: fn(&mut [u8]), numbers: Rc<Numbers>) -> Self {
        Self {
            now: Cell::new(now),
            random,
            heads: RefCell::default(),
            log: RefCell::default(),
            detached: RefCell::default(),
            released: RefCell::default(),
            streams: RefCell::default(),
            numbers,
            asked: RefCell::default(),
            answers: RefCell::default(),
        }
    }

    /// A number for a command; a fetch's response is held under it.
    pub fn number(&self) -> u32 {
        self.numbers.next()
    }

    /// Makes a task of a body, and returns the task's number.
    pub fn stream(&self, body: BoxBody) -> u32 {
        let number = self.number();
        self.streams.borrow_mut().push((number, body));
        number
    }

    /// Asks the shim, and waits.
    pub fn ask(self: &Rc<Self>, number: u32, command: Command) -> Ask {
        Ask { host: self.clone(), number, command: Some(command) }
    }

    pub fn answer(&self, number: u32, answer: Answer) {
        self.answers.borrow_mut().insert(number, answer);
    }

    /// What the future that was just polled asked for.
    pub fn take_asked(&self) -> Vec<(u32, Command)> {
        std::mem::take(&mut self.asked.borrow_mut())
    }
}

/// Waits for the answer to one command. The command is handed over at the first poll, to the task that polls.
pub struct Ask {
    host: Rc<Host>,
    number: u32,
    command: Option<Command>,
}

impl Future for Ask {
    type Output = Answer;

    fn poll(mut self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<Answer> {
        if let Some(command) = self.command.take() {
            self.host.asked.borrow_mut().push((self.number, command));
            return Poll::Pending;
        }
        self.host.answers.borrow_mut().remove(&self.number).map_or(Poll::Pending, Poll::Ready)
    }
}
