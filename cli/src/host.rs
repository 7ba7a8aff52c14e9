//! What the hosts can do, for `--for`.

use postern_core::compile;
use postern_core::platform::{Capabilities, Precision};

use crate::args::Host;

pub fn compile_for(host: Host) -> compile::Host<'static> {
    match host {
        Host::Native => compile::Host { name: "native", capabilities: Capabilities::NATIVE, counters: Precision::NATIVE },
        Host::Cloudflare => compile::Host { name: "cloudflare", capabilities: Capabilities::CLOUDFLARE, counters: Precision::CLOUDFLARE },
        Host::Spin => compile::Host { name: "spin", capabilities: Capabilities::SPIN, counters: Precision::SPIN },
    }
}
