use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Result, anyhow};
use postern_core::gateway::Gateway;
use postern_core::telemetry::panicked;
use postern_native::{ConnectTo, Options, watch};

use crate::args::{Serve, ServeOptions};
use crate::console;
use crate::served::Served;

pub fn run(args: &Serve) -> Result<ExitCode> {
    let connect_to = connect_to(&args.options)?;
    std::panic::set_hook(Box::new(|panic| console::note(&panicked(panic))));
    let Some((snapshots, watching)) = Served::start(&args.paths, &args.options.data)? else {
        return Ok(ExitCode::FAILURE);
    };
    let running = postern_native::serve::<Gateway>(options(&args.options, connect_to, snapshots))?;
    console::note(&format!("listening on http://{}", running.address()));
    running.wait();
    drop(watching);
    Ok(ExitCode::SUCCESS)
}

fn options(args: &ServeOptions, connect_to: Vec<ConnectTo>, snapshots: watch::Receiver<Arc<str>>) -> Options {
    let mut options = Options::new(args.listen, snapshots, args.data.clone());
    options.settings.base_url.clone_from(&args.url);
    options.settings.region = std::env::var("POSTERN_REGION").ok().filter(|region| !region.is_empty());
    options.connect_to = connect_to;
    options.ca_file.clone_from(&args.ca_file);
    options.threads = NonZeroUsize::new(args.threads);
    options.signals = true;
    options.on_reload = Arc::new(|outcome| match outcome {
        Ok(()) => console::note("serving the changed configuration"),
        Err(why) => console::warning(&format!("the changed configuration is not taken: {why}")),
    });
    options
}

fn connect_to(args: &ServeOptions) -> Result<Vec<ConnectTo>> {
    args.connect_to.iter().map(|text| text.parse().map_err(|why: String| anyhow!("--connect-to: {why}"))).collect()
}
