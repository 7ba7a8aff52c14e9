//! Every case on the Spin component as it is deployed.

use std::process::ExitCode;

use postern_conformance::target::SpinTarget;

fn main() -> ExitCode {
    postern_conformance::harness::main(2, || Ok(Box::new(SpinTarget::new()?)))
}
