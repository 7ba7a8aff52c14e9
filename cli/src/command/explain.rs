use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow, bail};
use postern_cases::format::{Request, RequestBody};
use postern_core::compile::{Options, Protect, Unprotected};
use postern_core::resource::{AnyResource, CredentialType};
use postern_core::snapshot::Snapshot;
use postern_manifest::Manifest;
use serde_json::Value;
use tokio::runtime::Builder;
use tokio::task::LocalSet;

use crate::args::Explain;
use crate::explain::{Caller, Foreign, Known, Surroundings, World, explain, text};
use crate::{configuration, console};

pub fn run(args: &Explain) -> Result<ExitCode> {
    let manifest = configuration::read(&args.paths)?;
    let Some(snapshot) = compile(&manifest, &Unprotected) else { return Ok(ExitCode::FAILURE) };
    let world = World::new(&snapshot.domain, args.answer.as_deref().map(content).transpose()?);
    // Once more, as keys in the files hold only where their digests were made with the gateway's own key.
    let Some(snapshot) = compile(&manifest, &world.protection()) else { return Ok(ExitCode::FAILURE) };
    let request = request(args)?;
    let caller = caller(args, &manifest)?;
    let surroundings = Surroundings { address: args.address.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)), region: args.region.clone() };
    let runtime = Builder::new_current_thread().enable_all().build().context("the request cannot be run")?;
    let steps = LocalSet::new().block_on(&runtime, explain(&world, snapshot, &request, caller.as_ref(), surroundings))?;
    if args.output.is_json() {
        console::json(&steps.into())?;
    } else {
        console::result(&text(&steps))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// `None` when the report says why not.
fn compile(manifest: &Manifest, protect: &dyn Protect) -> Option<Snapshot> {
    let (snapshot, report) = manifest.compile(Options { protect: Some(protect), ..Options::default() });
    if snapshot.is_none() {
        console::note(report.render(console::has_colours()).trim_end());
    }
    snapshot
}

fn request(args: &Explain) -> Result<Request> {
    let mut request = match &args.request {
        Some(path) => read(path)?,
        None => Request::default(),
    };
    if let Some(url) = &args.url {
        let url: http::Uri = url.parse().with_context(|| format!("{url:?} is no URL"))?;
        let authority = url.authority().with_context(|| format!("{url} names no host: write it in full, or use --service and --path"))?;
        request.host = Some(authority.to_string());
        request.path = url.path_and_query().map(ToString::to_string);
    }
    if args.service.is_some() {
        request.service = args.service.clone();
    }
    if args.path.is_some() {
        request.path = args.path.clone();
    }
    if args.method.is_some() {
        request.method = args.method.clone();
    }
    request.headers.extend(args.headers.iter().cloned());
    if let Some(data) = &args.data {
        request.body = Some(RequestBody::Text(content(data)?));
        let has_type = request.headers.iter().any(|line| line.to_ascii_lowercase().starts_with("content-type:"));
        if !has_type {
            request.headers.push("content-type: application/json".to_owned());
        }
    }
    Ok(request)
}

/// A request in the format of test cases.
fn read(path: &Path) -> Result<Request> {
    let text = std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    postern_cases::load::parse_request(&text).map_err(|why| anyhow!("{}: {why}", path.display()))
}

/// As curl: `@FILE` is the content of a file.
fn content(data: &str) -> Result<String> {
    match data.strip_prefix('@') {
        Some(path) => std::fs::read_to_string(path).with_context(|| format!("{path} cannot be read")),
        None => Ok(data.to_owned()),
    }
}

/// A Credential resource of the configuration, or one without policies that is made for this request, or somebody from elsewhere.
fn caller(args: &Explain, manifest: &Manifest) -> Result<Option<Caller>> {
    if let Some(claims) = &args.claims {
        let Ok(Value::Object(claims)) = serde_json::from_str(claims) else {
            bail!("--claims takes a JSON object, as in '{{\"sub\": \"ada\"}}'")
        };
        return Ok(Some(Caller::Foreign(Foreign::new(claims))));
    }
    let scope = args.scope.clone();
    if let Some(name) = &args.credential {
        let resource = manifest.resources().iter().find_map(|(_, resource)| match resource {
            AnyResource::Credential(credential) if credential.metadata.name == *name => Some(credential),
            _ => None,
        });
        let Some(resource) = resource else { bail!("there is no Credential {name:?} in the configuration: --as USER needs none") };
        return Ok(Some(Caller::Known(Known { credential: name.clone(), kind: resource.spec.kind, user: None, scope })));
    }
    let Some(user) = &args.user else { return Ok(None) };
    let is_known =
        manifest.resources().iter().any(|(_, resource)| matches!(resource, AnyResource::User(known) if known.metadata.name == *user));
    if !is_known {
        bail!("there is no User {user:?} in the configuration");
    }
    let known = Known { credential: "explain".to_owned(), kind: CredentialType::AccessToken, user: Some(user.clone()), scope };
    Ok(Some(Caller::Known(known)))
}
