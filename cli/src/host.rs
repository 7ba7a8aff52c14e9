//! What the hosts can do, for `--for`.

use postern_core::compile;
use postern_core::platform::Capabilities;

use crate::args::Host;

pub fn compile_for(host: Host) -> compile::Host<'static> {
    match host {
        Host::Native => compile::Host { name: "native", capabilities: Capabilities::NATIVE },
        Host::Cloudflare => compile::Host { name: "cloudflare", capabilities: Capabilities::CLOUDFLARE },
        Host::Spin => compile::Host { name: "spin", capabilities: Capabilities::SPIN },
    }
}
