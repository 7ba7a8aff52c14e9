use std::rc::Rc;

use anyhow::Result;
use tokio::process::Command;

use crate::call::{Call, Kind};
use crate::fixture::Fixture;
use crate::process::{Process, free_address};

/// A program that can be started, any number of times.
pub struct Launch<'a> {
    /// The ways in which it is measured. The first stands for the program where one is enough.
    pub callers: Vec<Caller>,
    /// The commands of its processes, which listen on a port.
    pub commands: Box<dyn Fn(u16) -> Result<Vec<Command>> + 'a>,
}

/// A row of the tables, and what distinguishes its requests.
pub struct Caller {
    pub name: &'static str,
    host: &'static str,
    token: String,
    headers: Vec<(&'static str, String)>,
}

/// A row under measurement. Those of one program share its process, and are measured one after the other.
pub struct Program {
    pub name: &'static str,
    pub process: Rc<Process>,
    pub chat: Call,
    pub stream: Call,
}

impl<'a> Launch<'a> {
    /// Of one process, measured in one way.
    pub fn one(caller: Caller, command: impl Fn(u16) -> Result<Command> + 'a) -> Self {
        Self { callers: vec![caller], commands: Box::new(move |port| Ok(vec![command(port)?])) }
    }

    pub fn name(&self) -> &'static str {
        self.callers.first().map_or("", |caller| caller.name)
    }

    pub fn start(&self, fixture: &Fixture) -> Result<Process> {
        let address = free_address()?;
        Process::start((self.commands)(address.port())?, address, &fixture.folder)
    }

    pub fn programs(&self, process: &Rc<Process>) -> Result<Vec<Program>> {
        let program = |caller: &Caller| {
            let (chat, stream) = (caller.call(Kind::Chat, process)?, caller.call(Kind::Stream, process)?);
            Ok(Program { name: caller.name, process: process.clone(), chat, stream })
        };
        self.callers.iter().map(program).collect()
    }
}

impl Caller {
    /// `host` is the name that a gateway routes by.
    pub fn new(name: &'static str, host: &'static str, token: &str) -> Self {
        Self { name, host, token: token.to_owned(), headers: Vec::new() }
    }

    /// With another header.
    pub fn with(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    pub fn call(&self, kind: Kind, process: &Process) -> Result<Call> {
        let call = Call::new(kind, process.address, self.host, &self.token)?;
        self.headers.iter().try_fold(call, |call, (name, value)| call.with(name, value))
    }
}

impl Program {
    pub fn call(&self, kind: Kind) -> &Call {
        match kind {
            Kind::Chat => &self.chat,
            Kind::Stream | Kind::Open => &self.stream,
        }
    }
}

/// Ends all of them and waits until they are gone, so that they do not disturb what is measured next.
pub async fn stop(programs: Vec<Program>) -> Result<()> {
    for program in programs {
        // The last of a program's rows has the process for itself.
        if let Some(process) = Rc::into_inner(program.process) {
            process.stop().await?;
        }
    }
    Ok(())
}
