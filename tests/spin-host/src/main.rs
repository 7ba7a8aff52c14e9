//! `postern-spin-host [--listen ADDRESS] [--variable NAME=VALUE]… [--key-value KEY=VALUE|KEY=@FILE]… SPIN_TOML`:
//! serves an application until it is stopped, and prints `listening on http://ADDRESS` when it does.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use postern_spin_host::{Component, Manifest, Output};

const USAGE: &str =
    "usage: postern-spin-host [--listen 127.0.0.1:0] [--variable NAME=VALUE]... [--key-value KEY=VALUE|KEY=@FILE]... SPIN_TOML";

#[tokio::main]
async fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("{error:#}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match serve(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(options: Options) -> Result<()> {
    let manifest = Manifest::read(&options.manifest)?;
    let mut app = manifest.app(&options.variables)?;
    app.output = Output::Inherit;
    for (key, value) in options.key_values {
        app.stores.set("default", &key, value);
    }
    let component = Component::load(&manifest.source)?;
    let mut running = component.start(app, &options.listen).await?;
    println!("listening on http://{}", running.address());
    running.wait().await;
    Ok(())
}

struct Options {
    listen: String,
    variables: BTreeMap<String, String>,
    key_values: Vec<(String, Vec<u8>)>,
    manifest: PathBuf,
}

impl Options {
    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self> {
        let mut listen = "127.0.0.1:0".to_owned();
        let mut variables = BTreeMap::new();
        let mut key_values = Vec::new();
        let mut manifest = None;
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().with_context(|| format!("{argument} needs a value"));
            match argument.as_str() {
                "--listen" => listen = value()?,
                "--variable" => variables.extend([split(&value()?)?]),
                "--key-value" => {
                    let (key, value) = split(&value()?)?;
                    let value = match value.strip_prefix('@') {
                        Some(path) => std::fs::read(path).with_context(|| format!("cannot read {path}"))?,
                        None => value.into_bytes(),
                    };
                    key_values.push((key, value));
                }
                option if option.starts_with('-') => bail!("there is no option {option}"),
                path if manifest.is_none() => manifest = Some(PathBuf::from(path)),
                extra => bail!("what is {extra:?}?"),
            }
        }
        Ok(Self { listen, variables, key_values, manifest: manifest.context("which spin.toml?")? })
    }
}

fn split(text: &str) -> Result<(String, String)> {
    let (name, value) = text.split_once('=').with_context(|| format!("{text:?} has no '='"))?;
    Ok((name.to_owned(), value.to_owned()))
}
