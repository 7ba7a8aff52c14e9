use std::collections::BTreeSet;

use postern_core::callout;
use postern_core::snapshot::Snapshot;

/// The origins (RFC 6454 §4) that a deployment calls: `https://host`, with the port where it is not the scheme's.
pub fn origins(snapshot: &Snapshot) -> BTreeSet<String> {
    callout::outbound(snapshot).iter().map(ToString::to_string).collect()
}
