//! Every case on workerd, by the Worker as it is deployed.

use std::process::ExitCode;

use postern_conformance::target::WorkerdTarget;

fn main() -> ExitCode {
    postern_conformance::harness::main(2, || Ok(Box::new(WorkerdTarget::new()?)))
}
