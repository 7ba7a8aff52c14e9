//! Every case on the gateway in memory.

use std::process::ExitCode;

use postern_cases::memory::MemoryTarget;

fn main() -> ExitCode {
    postern_conformance::harness::main(2, || Ok(Box::new(MemoryTarget)))
}
