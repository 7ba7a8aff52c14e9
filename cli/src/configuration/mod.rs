//! Configurations: read from files and from what was applied to a store, compiled, and complained about.

mod applied;
mod files;
mod origins;

pub use applied::{Applied, read as read_applied};
pub use files::{DEFAULT_DOMAIN, Files, domain_of, read};
pub use origins::origins;

use postern_core::compile::{Host, Options};
use postern_core::platform::SecureRandom;
use postern_core::secret::{KeyRing, SecretName, SecretValue, seal};
use postern_core::snapshot::Snapshot;
use postern_manifest::{Manifest, Report};
use postern_native::OperatingSystemRandom;

use crate::console;

/// Compiles, sealing plain secrets under the ring's key where there is one.
pub fn compile(manifest: &Manifest, options: Options<'_>, ring: Option<&KeyRing>) -> (Option<Snapshot>, Report) {
    let sealing = |name: &str, value: &[u8]| seal_plain(ring, name, value);
    manifest.compile(Options { seal: ring.is_some().then_some(&sealing), ..options })
}

/// As [`compile`], and shows the report where there is something in it.
pub fn compile_and_report(manifest: &Manifest, options: Options<'_>, ring: Option<&KeyRing>) -> Option<Snapshot> {
    let (snapshot, report) = compile(manifest, options, ring);
    if report.errors() + report.warnings() > 0 {
        console::note(report.render(console::has_colours()).trim_end());
    }
    snapshot
}

/// What to compile for, when a host was named.
pub fn host(host: Option<crate::args::Host>) -> Option<Host<'static>> {
    host.map(crate::args::Host::capabilities)
}

fn seal_plain(ring: Option<&KeyRing>, name: &str, value: &[u8]) -> Result<String, String> {
    let ring = ring.ok_or("there is no key")?;
    let name = SecretName::parse(name).map_err(|error| error.to_string())?;
    let random: &dyn SecureRandom = &OperatingSystemRandom::default();
    seal(ring, random, &name, &SecretValue::new(value.to_vec())).map_err(|error| error.to_string())
}
