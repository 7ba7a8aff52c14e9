mod call;
mod execute;
pub(crate) mod frame;
pub(crate) mod machine;
mod names;
mod unwind;
pub(crate) mod values;

use std::sync::Arc;

use frame::{Exit, Flow, HostCall, HostTarget};
use machine::Machine;

use crate::host::{Call, Host, Library, Outcome};
use crate::{Failure, FailureKind, Heap, Limits, Raise, Resource, Script, Value};

/// One run of a script: its memory, its globals, and where it is. Made anew for each request, and dropped as a whole.
///
/// First [`start`](Self::start) the script itself, then [`call`](Self::call) the functions that it has defined. Each gives
/// [`Progress`]; a run that is suspended or has yielded goes on with [`resume`](Self::resume) or [`proceed`](Self::proceed).
pub struct Vm<H: Host> {
    machine: Machine,
    library: Arc<Library<H>>,
    host: H,
    state: State,
    suspensions: u32,
    /// Results of a host function, collected here between calls so that each need not allocate.
    results: Vec<Value>,
}

/// How far a run has come.
#[derive(Debug)]
pub enum Progress<R> {
    /// It has returned these values.
    Done(Vec<Value>),
    /// A host function has asked for something; go on with [`Vm::resume`] when it is there.
    Suspended(R),
    /// The slice is over; go on with [`Vm::proceed`].
    Yielded,
    /// It has ended with an error that nobody caught.
    Failed(Failure),
}

enum State {
    /// Its globals are not set up.
    New,
    Ready,
    Suspended(HostCall),
    Yielded,
}

impl<H: Host> Vm<H> {
    /// Sets up a run. The seed must be unpredictable to callers: it keeps them from choosing keys that collide, and it is where
    /// `math.random` starts.
    pub fn new(script: &Script, library: &Arc<Library<H>>, limits: &Limits, seed: [u8; 16], host: H) -> Self {
        Self {
            machine: Machine::new(Arc::clone(&script.0), library.names(), limits, seed),
            library: Arc::clone(library),
            host,
            state: State::New,
            suspensions: limits.suspensions,
            results: Vec::new(),
        }
    }

    /// Runs the script itself, which defines its functions. Must come first, once.
    pub fn start(&mut self) -> Progress<H::Request> {
        let State::New = self.state else { return misuse("the script has been started already") };
        self.state = State::Ready;
        match self.machine.link().and_then(|()| self.machine.main()).and_then(|main| self.machine.begin(main, &[])) {
            Ok(flow) => self.drive(flow),
            Err(raise) => Progress::Failed(self.machine.failure(raise)),
        }
    }

    /// Calls the value of a global, such as a function that the script has defined.
    pub fn call(&mut self, global: &str, arguments: &[Value]) -> Progress<H::Request> {
        self.call_value(self.global(global), arguments)
    }

    /// Calls a value.
    pub fn call_value(&mut self, function: Value, arguments: &[Value]) -> Progress<H::Request> {
        let State::Ready = self.state else { return misuse("the script is not ready for a call") };
        match self.machine.begin(function, arguments) {
            Ok(flow) => self.drive(flow),
            Err(raise) => Progress::Failed(self.machine.failure(raise)),
        }
    }

    /// Answers the host function that suspended the run, as if that function had done so itself: with results, with an error, or by
    /// suspending again. The closure gets the same [`Call`] as the function, without its arguments.
    pub fn resume(&mut self, answer: impl FnOnce(&mut Call<'_, H>) -> Result<Outcome<H::Request>, Raise>) -> Progress<H::Request> {
        let State::Suspended(call) = self.state else { return misuse("the script is not suspended") };
        self.state = State::Ready;
        let mut results = std::mem::take(&mut self.results);
        results.clear();
        let mut context = Call { host: &mut self.host, heap: &mut self.machine.heap, arguments: &[], results: &mut results };
        let outcome = answer(&mut context);
        self.results = results;
        match self.settle(call, outcome) {
            Ok(Settled::Flow(flow)) => self.drive(flow),
            Ok(Settled::Suspended(request)) => Progress::Suspended(request),
            Err(failure) => Progress::Failed(failure),
        }
    }

    /// Goes on after [`Progress::Yielded`].
    pub fn proceed(&mut self) -> Progress<H::Request> {
        let State::Yielded = self.state else { return misuse("the script has not yielded") };
        self.state = State::Ready;
        self.drive(Flow::Reload)
    }

    /// The value of a global; nil when there is none.
    pub fn global(&self, name: &str) -> Value {
        let slot = self.machine.program.globals.iter().position(|global| &**global == name);
        slot.and_then(|slot| self.machine.globals.get(slot)).copied().unwrap_or_default()
    }

    /// Sets how many instructions are left from now on, such as for the next phase of a request.
    pub fn set_instructions(&mut self, instructions: u64) {
        self.machine.heap.meter.set_instructions(instructions);
    }

    pub fn heap(&self) -> &Heap {
        &self.machine.heap
    }

    /// For making arguments; see also [`failure`](Self::failure).
    pub fn heap_mut(&mut self) -> &mut Heap {
        &mut self.machine.heap
    }

    pub fn host(&self) -> &H {
        &self.host
    }

    pub fn host_mut(&mut self) -> &mut H {
        &mut self.host
    }

    pub fn into_host(self) -> H {
        self.host
    }

    /// Heap and host at once.
    pub fn parts(&mut self) -> (&mut Heap, &mut H) {
        (&mut self.machine.heap, &mut self.host)
    }

    /// What an error means that arose outside of a call, such as while arguments were made.
    pub fn failure(&self, raise: Raise) -> Failure {
        self.machine.failure(raise)
    }

    fn drive(&mut self, mut flow: Flow) -> Progress<H::Request> {
        loop {
            let exit = match flow {
                Flow::Exit(exit) => exit,
                Flow::Continue | Flow::Reload => match self.machine.run() {
                    Ok(exit) => exit,
                    Err(failure) => return Progress::Failed(failure),
                },
            };
            flow = match exit {
                Exit::Done { at, count } => {
                    return Progress::Done(self.machine.stack.get(at..at + count).unwrap_or_default().to_vec());
                }
                Exit::Yield => {
                    self.state = State::Yielded;
                    return Progress::Yielded;
                }
                Exit::Host(call) => match self.call_host(call) {
                    Ok(Settled::Flow(flow)) => flow,
                    Ok(Settled::Suspended(request)) => return Progress::Suspended(request),
                    Err(failure) => return Progress::Failed(failure),
                },
            };
        }
    }

    fn call_host(&mut self, call: HostCall) -> Result<Settled<H::Request>, Failure> {
        let HostTarget::Native(native) = call.target else {
            let outcome = self.machine.print_line(call.at + 1, call.arguments).map(|line| {
                self.host.print(&line);
                Outcome::Return
            });
            self.results.clear();
            return self.settle(call, outcome);
        };
        let mut results = std::mem::take(&mut self.results);
        results.clear();
        let first = call.at + 1;
        let arguments = self.machine.stack.get(first..first + call.arguments).unwrap_or_default();
        let outcome = match self.library.function_at(native) {
            // A call costs more than an instruction, whatever it does.
            Some(function) => self.machine.heap.meter.charge(10).and_then(|()| {
                function(&mut Call { host: &mut self.host, heap: &mut self.machine.heap, arguments, results: &mut results })
            }),
            None => Ok(Outcome::Return),
        };
        self.results = results;
        self.settle(call, outcome)
    }

    /// Brings what a host function did to the script.
    fn settle(&mut self, call: HostCall, outcome: Result<Outcome<H::Request>, Raise>) -> Result<Settled<H::Request>, Failure> {
        let outcome = match outcome {
            Ok(Outcome::Suspend(request)) => match self.suspensions.checked_sub(1) {
                Some(left) => {
                    self.suspensions = left;
                    self.state = State::Suspended(call);
                    return Ok(Settled::Suspended(request));
                }
                None => Err(Raise::Exhausted(Resource::Suspensions)),
            },
            Ok(Outcome::Return) => self.machine.put_results(call.at, &self.results),
            Err(raise) => Err(raise),
        };
        Ok(Settled::Flow(match outcome {
            Ok(count) => self.machine.finish(call.at, count, call.wanted),
            Err(raise) => self.machine.catch(raise)?,
        }))
    }
}

enum Settled<R> {
    Flow(Flow),
    Suspended(R),
}

fn misuse<R>(message: &str) -> Progress<R> {
    Progress::Failed(Failure { kind: FailureKind::Misuse, message: message.to_owned(), line: None })
}
