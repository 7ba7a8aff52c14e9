use std::collections::BTreeMap;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use postern_core::auth::{self, NewCredential, Plaintext, StoreWrite};
use postern_core::compile;
use postern_core::platform::{SecureRandom, Timestamp};
use postern_core::resource::{AnyResource, Credential, CredentialType, Resource};
use postern_core::secret::{self, KEY, KEY_PREVIOUS, KeyRing, MasterKey, SecretName, SecretValue};
use postern_core::snapshot::Snapshot;
use postern_manifest::{Manifest, Report, Source};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::refuse::Problem;
use super::tamper;
use crate::canary::{Authorities, Canaries, authority, entry_variable, uses};
use crate::format::{Case, CredentialSpec, StoreValue};
use crate::matching::decode;
use crate::random::TestRandom;
use crate::values::Values;

/// Everything that a gateway is started with.
pub(super) struct Prepared {
    pub snapshot: Snapshot,
    pub warnings: Vec<Problem>,
    pub store: BTreeMap<String, Vec<u8>>,
    pub secrets: BTreeMap<String, String>,
    pub credentials: BTreeMap<String, Material>,
    /// The keys that the gateway itself has; `None` when it has none.
    pub ring: Option<KeyRing>,
}

/// What a caller proves itself with.
#[derive(Default)]
pub(super) struct Material {
    pub client_id: String,
    pub client_secret: String,
    /// Of an `ACCESS_TOKEN` credential, or the key of an `API_KEY` credential.
    pub access_token: Option<String>,
}

/// Makes keys, secrets and credentials, and compiles the resources.
///
/// # Errors
/// A case that cannot be run. Resources with errors are the inner error.
pub(super) fn prepare(
    case: &Case,
    folder: &Path,
    values: &mut Values,
    canaries: &mut Canaries,
) -> Result<Result<Prepared, Vec<Problem>>, String> {
    let sources = sources(case, folder)?;
    let raw = Manifest::parse(sources.clone());
    let domain = domain(&raw);
    let sealing = KeyRing::new(&domain, key(&case.keys.seal), None);
    for (name, value) in &case.sealed {
        canaries.mark_secret(&format!("the secret {name}"), &secret_name(name)?.variable(), value);
        values.set(format!("sealed.{name}"), seal(&sealing, name, value.as_bytes())?);
    }
    let mut store = BTreeMap::new();
    for (name, value) in &case.secrets {
        canaries.mark_secret(&format!("the secret {name}"), &secret_name(name)?.variable(), value);
        store.insert(secret_name(name)?.store_key(), seal(&sealing, name, value.as_bytes())?.into_bytes());
    }
    let mut credentials = BTreeMap::new();
    for (name, spec) in &case.credentials {
        let material = make_credential(&sealing, &raw, name, spec, values, &mut store)?;
        canaries.mark(&format!("the client secret of {name}"), &material.client_secret);
        canaries.mark(&format!("the token of {name}"), material.access_token.as_deref().unwrap_or_default());
        credentials.insert(name.clone(), material);
    }
    for (key, value) in &case.store {
        let value = match value {
            StoreValue::Text(text) => text.clone().into_bytes(),
            StoreValue::Base64(text) => decode(text)?,
        };
        store.insert(key.clone(), value);
    }
    tamper::apply(&case.tamper, &mut store)?;

    let sources = sources
        .into_iter()
        .map(|source| Ok(Source { text: values.fill_text(&source.text)?, ..source }))
        .collect::<Result<Vec<_>, String>>()?;
    let manifest = Manifest::parse(sources);
    mark_plain_secrets(&manifest, canaries);
    let protect = compile::WithKeys { ring: &sealing, random: &TestRandom };
    let (snapshot, report) = manifest.compile(compile::Options { generation: 1, protect: Some(&protect), ..compile::Options::default() });
    let problems = problems(&report);
    let Some(snapshot) = snapshot else { return Ok(Err(problems)) };
    for (name, value) in &case.env {
        canaries.mark_secret(name, name, value);
    }
    let (keys, ring) = keys_of_the_gateway(&case.keys.current, case.keys.previous.as_deref(), &domain, canaries);
    let secrets = case.env.clone().into_iter().chain(keys).collect();
    canaries.allow(&uses(manifest.resources().iter().map(|(_, resource)| resource), &authorities(case, values)));
    Ok(Ok(Prepared { snapshot, warnings: problems, store, secrets, credentials, ring }))
}

/// The case's own text comes first, so that its lines are those of `resources`.
fn sources(case: &Case, folder: &Path) -> Result<Vec<Source>, String> {
    let mut sources = vec![Source { name: "resources".into(), text: case.resources.clone() }];
    for file in &case.files {
        let path = folder.join(file);
        let paths = if path.is_dir() { crate::load::find(&path)? } else { vec![path] };
        for path in paths {
            let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            sources.push(Source { name: path.display().to_string(), text });
        }
    }
    Ok(sources)
}

fn domain(manifest: &Manifest) -> String {
    let gateway = manifest.resources().iter().find_map(|(_, resource)| match resource {
        AnyResource::Gateway(gateway) => gateway.spec.domain.clone(),
        _ => None,
    });
    gateway.unwrap_or_else(|| "localhost".into())
}

/// Where the upstreams of a case are, origins that they stand in for included.
pub(super) fn authorities(case: &Case, values: &Values) -> Authorities {
    let names = case.upstreams.keys().map(String::as_str).chain(["provider"]);
    let exposed = names.filter_map(|name| Some((values.get(&format!("upstreamHost.{name}"))?.to_owned(), name.to_owned())));
    let connected = case.connect.iter().map(|(origin, name)| (authority(origin).to_owned(), name.clone()));
    exposed.chain(connected).collect()
}

fn make_credential(
    ring: &KeyRing,
    manifest: &Manifest,
    name: &str,
    spec: &CredentialSpec,
    values: &mut Values,
    store: &mut BTreeMap<String, Vec<u8>>,
) -> Result<Material, String> {
    let has_resource = manifest
        .resources()
        .iter()
        .any(|(_, resource)| matches!(resource, AnyResource::Credential(credential) if credential.metadata.name == name));
    let expires_at = spec.expires_at.as_deref().map(time).transpose()?;
    let user = (!has_resource).then_some(spec.user.as_str());
    let new = NewCredential { name, kind: spec.kind, user, scope: spec.scope.as_deref(), expires_at };
    let wrong = |error: auth::IssueError| format!("the credential {name}: {error}");
    let mut issued = auth::issue(ring, &TestRandom, now(), &new).map_err(wrong)?;
    write(store, &issued.writes);
    if spec.rotated {
        let (_, secret) = plaintext(&issued.plaintext);
        values.set(format!("credential.{name}.previousSecret"), secret);
        issued = auth::rotate(ring, &TestRandom, now(), issued.material, None).map_err(wrong)?;
        write(store, &issued.writes);
    }
    let (client_id, secret) = plaintext(&issued.plaintext);
    let Some(client_id) = client_id else {
        let kind = if spec.kind == CredentialType::ApiKey { "apiKey" } else { "accessToken" };
        values.set(format!("credential.{name}.{kind}"), &secret);
        return Ok(Material { access_token: Some(secret), ..Material::default() });
    };
    values.set(format!("credential.{name}.clientId"), &client_id);
    values.set(format!("credential.{name}.clientSecret"), &secret);
    Ok(Material { client_id, client_secret: secret, access_token: None })
}

fn plaintext(plaintext: &Plaintext) -> (Option<String>, String) {
    let text = |value: &SecretValue| String::from_utf8_lossy(value.expose()).into_owned();
    match plaintext {
        Plaintext::Oauth2 { client_id, client_secret } => (Some(client_id.clone()), text(client_secret)),
        Plaintext::AccessToken(token) | Plaintext::ApiKey(token) => (None, text(token)),
    }
}

fn write(store: &mut BTreeMap<String, Vec<u8>>, writes: &[StoreWrite]) {
    for change in writes {
        match change {
            StoreWrite::Put { key, value } => store.insert(key.clone(), value.clone()),
            StoreWrite::Delete { key } => store.remove(key),
        };
    }
}

/// The platform's secrets that hold these keys, and the ring that a gateway makes of them; without a current key, none.
pub(super) fn keys_of_the_gateway(
    current: &str,
    previous: Option<&str>,
    domain: &str,
    canaries: &mut Canaries,
) -> (BTreeMap<String, String>, Option<KeyRing>) {
    let mut secrets = BTreeMap::new();
    if current.is_empty() {
        return (secrets, None);
    }
    for (variable, name) in [(KEY, Some(current)), (KEY_PREVIOUS, previous)] {
        if let Some(name) = name {
            let text = key(name).to_text();
            canaries.mark(variable, &text);
            secrets.insert(variable.into(), text.to_string());
        }
    }
    (secrets, Some(KeyRing::new(domain, key(current), previous.map(key))))
}

/// A key that is the same in every run, so that a failure can be looked at again.
pub(super) fn key(name: &str) -> MasterKey {
    let bytes: [u8; 32] = Sha256::new().chain_update("the key of a test case: ").chain_update(name).finalize().into();
    MasterKey::from_bytes(Zeroizing::new(bytes))
}

fn seal(ring: &KeyRing, name: &str, value: &[u8]) -> Result<String, String> {
    let value = SecretValue::new(value.to_vec());
    secret::seal(ring, &TestRandom as &dyn SecureRandom, &secret_name(name)?, &value).map_err(|error| error.to_string())
}

fn secret_name(name: &str) -> Result<SecretName, String> {
    SecretName::parse(name).map_err(|error| format!("{name:?}: {error}"))
}

fn mark_plain_secrets(manifest: &Manifest, canaries: &mut Canaries) {
    for (_, resource) in manifest.resources() {
        if let AnyResource::Credential(credential) = resource {
            mark_credential(credential, canaries);
        }
        if let AnyResource::Secret(secret) = resource
            && let Some(value) = secret.spec.data.as_ref().and_then(|data| data.value.as_ref())
        {
            let variable = SecretName::parse(&secret.metadata.name).map(|name| name.variable()).unwrap_or_default();
            canaries.mark_secret(&format!("the secret {}", secret.metadata.name), &variable, value);
        }
    }
}

/// What a Credential's document holds itself.
fn mark_credential(credential: &Resource<Credential>, canaries: &mut Canaries) {
    let name = &credential.metadata.name;
    for key in credential.spec.keys.iter().filter_map(|key| key.value.as_ref()) {
        canaries.mark(&format!("a key of {name}"), key);
    }
    for (entry, value) in &credential.spec.entries {
        let value = value.value.as_deref().unwrap_or_default();
        canaries.mark_secret(&format!("the entry {entry} of {name}"), &entry_variable(name, entry), value);
    }
}

fn problems(report: &Report) -> Vec<Problem> {
    let json = report.to_json();
    let list = json.get("problems").and_then(serde_json::Value::as_array);
    list.into_iter().flatten().filter_map(|problem| serde_json::from_value(problem.clone()).ok()).collect()
}

/// Reads a time of RFC 3339.
pub(super) fn time(text: &str) -> Result<Timestamp, String> {
    Timestamp::from_rfc3339(text).ok_or_else(|| format!("{text:?} is no time of RFC 3339"))
}

pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
