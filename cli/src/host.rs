//! What the hosts can do, for `--for`.

use postern_core::compile;
use postern_core::platform::{Capabilities, Capability};

use crate::args::Host;

/// As their adapters declare it; those compile to Wasm only.
const CLOUDFLARE: Capabilities = Capabilities::none().with(Capability::WebSocket);
const SPIN: Capabilities =
    Capabilities::none().with(Capability::UnknownMethods).with(Capability::RepeatedHeaderLines).with(Capability::ByteCount);

pub fn compile_for(host: Host) -> compile::Host<'static> {
    match host {
        Host::Native => compile::Host { name: "native", capabilities: postern_native::CAPABILITIES },
        Host::Cloudflare => compile::Host { name: "cloudflare", capabilities: CLOUDFLARE },
        Host::Spin => compile::Host { name: "spin", capabilities: SPIN },
    }
}
