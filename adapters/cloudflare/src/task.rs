//! One strand of work, polled whenever the shim has an answer for it.

use std::collections::VecDeque;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use http::Response;
use postern_core::platform::{Body, BoxBody, LocalBoxFuture};

use crate::body::CLIENT;
use crate::command::{BodyRef, Command, Kind};
use crate::host::Host;
use crate::message::Answer;

pub struct Task {
    pub host: Rc<Host>,
    work: Work,
    /// Futures that run side by side may ask for several things in one poll. They are handed over one after the other.
    asked: VecDeque<(u32, Command)>,
    in_flight: Option<u32>,
}

pub enum Work {
    Request(LocalBoxFuture<'static, Response<Body>>),
    Detached(LocalBoxFuture<'static, ()>),
    Stream(BoxBody),
}

/// What a task says to the shim.
pub enum Step {
    Next(Command),
    /// The task has ended.
    Last(Command),
}

impl Task {
    pub fn new(host: Rc<Host>, work: Work) -> Self {
        Self { host, work, asked: VecDeque::new(), in_flight: None }
    }

    pub fn answer(&mut self, answer: Answer) {
        if let Some(number) = self.in_flight.take() {
            self.host.answer(number, answer);
        }
    }

    pub fn step(&mut self) -> Step {
        // Nothing outside of a task ever wakes it, but its own answers, and those are followed by a poll.
        let mut context = Context::from_waker(Waker::noop());
        let polled = match &mut self.work {
            Work::Request(future) => future.as_mut().poll(&mut context).map(|response| Step::Last(respond(&self.host, response))),
            Work::Detached(future) => future.as_mut().poll(&mut context).map(|()| Step::Last(Command::default())),
            Work::Stream(body) => next_chunk(body, &mut context),
        };
        self.asked.extend(self.host.take_asked());
        match polled {
            Poll::Ready(step) => step,
            Poll::Pending => self.ask(),
        }
    }

    fn ask(&mut self) -> Step {
        let Some((number, command)) = self.asked.pop_front() else {
            return Step::Last(Command::new(Kind::Failed, "the task waits for something that is not the shim's"));
        };
        self.in_flight = Some(number);
        Step::Next(command)
    }
}

fn respond(host: &Rc<Host>, response: Response<Body>) -> Command {
    let response = response.map(|body| BodyRef::of(body, |frames| host.stream(frames)));
    let heads = host.heads.borrow();
    let upstream = match response.body() {
        BodyRef::Held(handle, _) if *handle != CLIENT => heads.get(handle),
        _ => None,
    };
    Command::respond(response, upstream)
}

/// Trailers are left out: the runtime has no place for them.
fn next_chunk(body: &mut BoxBody, context: &mut Context<'_>) -> Poll<Step> {
    loop {
        match body.as_mut().poll_frame(context) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(None) => return Poll::Ready(Step::Last(Command::default())),
            Poll::Ready(Some(Err(error))) => return Poll::Ready(Step::Last(Command::new(Kind::Failed, error.to_string()))),
            Poll::Ready(Some(Ok(frame))) => {
                if let Ok(data) = frame.into_data()
                    && !data.is_empty()
                {
                    return Poll::Ready(Step::Next(Command::new(Kind::Chunk, "").payload(data)));
                }
            }
        }
    }
}
