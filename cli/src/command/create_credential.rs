use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use postern_core::auth::{NewCredential, Plaintext, credential_key, issue};
use postern_core::platform::{Clock, SecureRandom, Timestamp};
use postern_core::resource::{AnyResource, Credential, CredentialType};
use postern_manifest::Manifest;
use postern_native::{OperatingSystemRandom, SystemClock};

use crate::args::{CreateCredential, CredentialKind, Target, TargetKind};
use crate::configuration::Applied;
use crate::target;
use crate::{configuration, console, credential, domain};

pub fn run(args: &CreateCredential) -> Result<ExitCode> {
    let random = OperatingSystemRandom::default();
    let name = args.name.clone().unwrap_or_else(|| made_name(args, &random));
    credential::check_name(&name)?;
    let expires_at = args.expires_at.as_deref().map(parse_time).transpose()?;
    let mut target = target::open(&args.target)?;
    let domain = domain::find(&args.target.config, target.as_ref())?;
    let ring = target.keys()?.ring(&domain);
    let is_resource = match known(&args.target.config, target.as_ref())? {
        Some(manifest) => check_against(&manifest, args, &name)?,
        None => false,
    };
    if target.get(&credential_key(&name))?.is_some() {
        bail!("there is a credential `{name}` already: `postern rotate {name}` gives it another secret, or choose another name");
    }
    let new = NewCredential {
        name: &name,
        kind: kind(args.kind),
        user: (!is_resource).then_some(args.user.as_str()),
        scope: args.scope.as_deref(),
        expires_at,
    };
    let issued = issue(&ring, &random, SystemClock.now(), &new)?;
    target.write(&issued.writes)?;
    credential::show(&issued.plaintext, args.output)?;
    console::note(&format!("Made the credential `{name}` of user {} in {}. It is shown this once.", args.user, target.name()));
    console::note(&next_step(&issued.plaintext, &gateway_url(&args.target, &domain)));
    Ok(ExitCode::SUCCESS)
}

fn next_step(plaintext: &Plaintext, url: &str) -> String {
    let usage = format!("as the API key of an SDK whose base URL is a Service's, such as {url}/-/gemini");
    match plaintext {
        Plaintext::Oauth2 { client_id, .. } => format!(
            "Get an access token with\n  curl {url}/oauth2/token -d grant_type=client_credentials -d client_id={client_id} -d \
             client_secret=…\nand use it {usage}"
        ),
        Plaintext::AccessToken(_) => format!("Use it {usage}"),
        Plaintext::ApiKey(_) => {
            format!("Use it {usage}, or in whatever header the Service names (`authentication.apiKey`); others do not take it")
        }
    }
}

/// Where the target's gateway listens unless it is told otherwise.
fn gateway_url(args: &Target, domain: &str) -> String {
    match args.to {
        TargetKind::Cloudflare if args.remote => format!("https://{domain}"),
        TargetKind::Cloudflare => "http://localhost:8787".into(),
        TargetKind::Spin => "http://localhost:3000".into(),
        TargetKind::Local => "http://localhost:8080".into(),
    }
}

/// The resources that the credential refers to; `None` where there are none to compare with.
fn known(config: &Path, target: &dyn target::Target) -> Result<Option<Manifest>> {
    let applied = Applied::read(target)?;
    if !config.exists() && applied.is_none() {
        return Ok(None);
    }
    let files = if config.exists() { vec![config.to_owned()] } else { Vec::new() };
    let mut manifest = configuration::read(&files)?;
    if let Some(applied) = applied {
        applied.add_to(&mut manifest);
    }
    Ok(Some(manifest))
}

/// Whether there is a Credential resource of that name.
fn check_against(manifest: &Manifest, args: &CreateCredential, name: &str) -> Result<bool> {
    let resources = || manifest.resources().iter().map(|(_, resource)| resource);
    let is_user = |resource: &AnyResource| matches!(resource, AnyResource::User(user) if user.metadata.name == args.user);
    if !resources().any(is_user) {
        bail!("there is no User `{}` in {}: add it, or name another with --user", args.user, args.target.config.display());
    }
    let written = resources().find_map(|resource| match resource {
        AnyResource::Credential(credential) if credential.metadata.name == name => Some(&credential.spec),
        _ => None,
    });
    written.map_or(Ok(false), |written| check_resource(written, args, name).map(|()| true))
}

fn check_resource(written: &Credential, args: &CreateCredential, name: &str) -> Result<()> {
    if written.user != args.user || written.kind != kind(args.kind) {
        bail!("the Credential `{name}` belongs to user {} and has type {}", written.user, type_name(written.kind));
    }
    Ok(())
}

fn type_name(kind: CredentialType) -> String {
    serde_json::to_value(kind).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn kind(kind: CredentialKind) -> CredentialType {
    match kind {
        CredentialKind::Oauth2 => CredentialType::Oauth2,
        CredentialKind::AccessToken => CredentialType::AccessToken,
        CredentialKind::ApiKey => CredentialType::ApiKey,
    }
}

fn parse_time(text: &str) -> Result<Timestamp> {
    let time = Timestamp::from_rfc3339(text).with_context(|| format!("`{text}` is not a time as in 2027-01-31T00:00:00Z"))?;
    if time <= SystemClock.now() {
        bail!("{text} is in the past");
    }
    Ok(time)
}

/// `app-oauth2-wxyz`: a user may have several of a type.
fn made_name(args: &CreateCredential, random: &dyn SecureRandom) -> String {
    let kind = match args.kind {
        CredentialKind::Oauth2 => "oauth2",
        CredentialKind::AccessToken => "access-token",
        CredentialKind::ApiKey => "api-key",
    };
    let mut bytes = [0; 4];
    random.fill(&mut bytes);
    let suffix: String = bytes.iter().map(|byte| char::from(b'a' + byte % 26)).collect();
    format!("{}-{kind}-{suffix}", args.user)
}
