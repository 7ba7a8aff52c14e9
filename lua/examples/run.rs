//! Runs a script from a file with generous limits: `cargo run -p postern-lua --example run -- FILE`.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use postern_lua::{Host, Library, Limits, Progress, Script, Vm};

struct Console;

impl Host for Console {
    type Request = ();

    fn print(&mut self, line: &[u8]) {
        let mut out = std::io::stdout().lock();
        // A closed pipe is no concern of the script's.
        let _ = out.write_all(line).and_then(|()| out.write_all(b"\n"));
    }
}

fn main() -> ExitCode {
    let Some(path) = std::env::args_os().nth(1) else {
        eprintln!("usage: run FILE");
        return ExitCode::FAILURE;
    };
    match std::fs::read_to_string(path).map_err(|error| error.to_string()).and_then(|source| run(&source)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("lua: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(source: &str) -> Result<(), String> {
    let script = Script::compile(source).map_err(|error| error.to_string())?;
    let limits = Limits { instructions: u64::MAX, memory: 4 << 30, ..Limits::default() };
    let mut vm = Vm::new(&script, &Arc::new(Library::new()), &limits, [7; 16], Console);
    match vm.start() {
        Progress::Done(_) => Ok(()),
        Progress::Failed(failure) => Err(failure.message),
        Progress::Suspended(()) | Progress::Yielded => Err("the script stopped early".to_owned()),
    }
}
