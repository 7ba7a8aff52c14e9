use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result};
use postern_core::compile::Options as CompileOptions;
use postern_core::gateway::Settings;
use postern_native::{ConnectTo, Options, channel, data, watch_paths};

use crate::args::{Serve, ServeOptions};
use crate::console;
use crate::served::Served;

pub fn run(args: &Serve) -> Result<ExitCode> {
    let connect_to = connect_to(&args.options)?;
    let served = Served::open(&args.paths, &args.options.data)?;
    let Some(snapshot) = served.load()? else {
        return Ok(ExitCode::FAILURE);
    };
    served.warn_of_unreadable_secrets()?;
    let (publish, snapshots) = channel::channel(snapshot);
    let running = postern_native::serve::<postern_core::gateway::Gateway>(options(&args.options, connect_to, snapshots))?;
    eprintln!("listening on http://{}", running.address());
    let _watching = served.watch(move |snapshot| {
        // It fails only when the server is gone.
        let _ = publish.send(snapshot);
    })?;
    running.wait();
    Ok(ExitCode::SUCCESS)
}
