//! Configurations: read from files and from what was applied to a store, compiled, and complained about.

mod applied;
mod difference;
mod files;
mod identity;
mod origins;

use postern_core::compile::{Options, Protect, WithKeys};
use postern_core::secret::KeyRing;
use postern_core::snapshot::Snapshot;
use postern_manifest::{Manifest, Report};
use postern_native::OperatingSystemRandom;

use crate::console;

pub use applied::{Applied, ORIGIN, pointer, publication};
pub use difference::Difference;
pub use files::{DEFAULT_DOMAIN, add, domain_of, read};
pub use identity::{Identity, identities, identity};
pub use origins::origins;

/// Compiles, sealing plain secrets under the ring's key where there is one. What there is to say about the resources is shown.
pub fn compile(manifest: &Manifest, options: Options<'_>, ring: Option<&KeyRing>) -> Option<Snapshot> {
    let random = OperatingSystemRandom::default();
    let protect = ring.map(|ring| WithKeys { ring, random: &random });
    let protect = protect.as_ref().map(|with| -> &dyn Protect { with });
    let (snapshot, report) = manifest.compile(Options { protect, ..options });
    show(&report);
    snapshot
}

/// Shows a report, unless it is empty.
pub fn show(report: &Report) {
    if report.errors() + report.warnings() > 0 {
        console::note(report.render(console::has_colours()).trim_end());
    }
}
