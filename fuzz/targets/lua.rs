//! Scripts: whatever compiles runs within its limits, and to the same end however often it is interrupted.

#![no_main]

use std::sync::Arc;

use postern_lua::{Call, Failure, FailureKind, Host, Library, Limits, Outcome, Progress, Raise, Script, Vm};

const LIMITS: Limits = Limits { instructions: 20_000, memory: 1 << 20, suspensions: 4, slice: None };

libfuzzer_sys::fuzz_target!(|text: &str| {
    let Ok(script) = Script::compile(text) else { return };
    let whole = run(&script, None);
    assert_eq!(run(&script, None), whole, "a script does the same each time");
    assert_eq!(run(&script, Some(7)), whole, "a script does the same in slices");
});

/// What a run printed and asked for, and how it ended.
#[derive(Debug, PartialEq)]
struct Seen {
    lines: Vec<Vec<u8>>,
    asked: Vec<Vec<u8>>,
    ends: Vec<Result<usize, Failure>>,
    memory: usize,
    instructions_left: u64,
}

struct Printer(Vec<Vec<u8>>);

impl Host for Printer {
    type Request = Vec<u8>;

    fn print(&mut self, line: &[u8]) {
        self.0.push(line.to_vec());
    }
}

fn ask(call: &mut Call<'_, Printer>) -> Result<Outcome<Vec<u8>>, Raise> {
    Ok(Outcome::Suspend(call.bytes(0).unwrap_or_default().to_vec()))
}

fn run(script: &Script, slice: Option<u64>) -> Seen {
    let mut library = Library::new();
    library.function("ask", ask);
    let mut vm = Vm::new(script, &Arc::new(library), &Limits { slice, ..LIMITS }, [7; 16], Printer(Vec::new()));
    let (mut asked, mut ends) = (Vec::new(), Vec::new());
    let progress = vm.start();
    ends.push(finish(&mut vm, progress, &mut asked));
    if script.defines("onRequest") {
        let argument = decoded(&mut vm);
        let progress = vm.call("onRequest", &argument);
        ends.push(finish(&mut vm, progress, &mut asked));
    }
    let (memory, instructions_left) = (vm.heap().memory_used(), vm.heap().instructions_left());
    assert!(memory <= LIMITS.memory, "{memory} bytes");
    assert!(asked.len() <= LIMITS.suspensions as usize, "{asked:?}");
    Seen { lines: vm.into_host().0, asked, ends, memory, instructions_left }
}

fn finish(vm: &mut Vm<Printer>, mut progress: Progress<Vec<u8>>, asked: &mut Vec<Vec<u8>>) -> Result<usize, Failure> {
    loop {
        progress = match progress {
            Progress::Done(values) => return Ok(values.len()),
            Progress::Failed(failure) => {
                assert_ne!(failure.kind, FailureKind::Misuse, "{failure:?}");
                return Err(failure);
            }
            Progress::Yielded => vm.proceed(),
            Progress::Suspended(request) => {
                asked.push(request);
                vm.resume(|call| call.returns_string("an answer"))
            }
        };
    }
}

/// `{"list": [1, null, "x"], "big": 12345678901234567890}`, if there is room.
fn decoded(vm: &mut Vm<Printer>) -> Vec<postern_lua::Value> {
    let mut build = || {
        let mut tree = vm.heap_mut().build();
        tree.begin_object()?;
        tree.key("list")?;
        tree.begin_array()?;
        tree.number("1")?;
        tree.null()?;
        tree.string("x")?;
        tree.end()?;
        tree.key("big")?;
        tree.number("12345678901234567890")?;
        tree.end()?;
        Ok::<_, Raise>(tree.finish())
    };
    build().into_iter().collect()
}
