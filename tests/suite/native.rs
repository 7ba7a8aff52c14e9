//! Every case on the native host, a process and a data folder for each.

use std::process::ExitCode;

use postern_conformance::target::NativeTarget;

fn main() -> ExitCode {
    postern_conformance::harness::main(4, || Ok(Box::new(NativeTarget::new(env!("CARGO_BIN_EXE_native-host")))))
}
