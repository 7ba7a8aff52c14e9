//! What a deployment of Postern needs: a Snapshot of `bench/config.yaml`, a master key, and a credential in the store.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result, bail};
use postern_core::auth::{Issued, NewCredential, Plaintext, StoreWrite, issue};
use postern_core::compile::{self, WithKeys};
use postern_core::platform::{SecureRandom, Timestamp};
use postern_core::resource::CredentialType;
use postern_core::secret::{KEY, KeyRing, MasterKey};
use postern_manifest::{Manifest, Source};
use postern_native::OperatingSystemRandom;

use crate::process::free_address;

pub struct Fixture {
    /// Made anew for each run; everything that the programs read or write is in it.
    pub folder: PathBuf,
    pub upstream: SocketAddr,
    template: String,
    pub ring: KeyRing,
    random: OperatingSystemRandom,
    /// Where the store of workerd listens, beside the gateway.
    pub kv_port: u16,
    /// The master key, as `POSTERN_KEY` holds it.
    pub key: String,
    /// What the store holds.
    pub entries: Vec<(String, Vec<u8>)>,
    pub client_id: String,
    pub client_secret: String,
}

/// The domain that `bench/config.yaml` names.
const DOMAIN: &str = "localhost";

impl Fixture {
    /// `template` is a file of `bench`.
    pub fn new(root: &Path, template: &str, upstream: SocketAddr) -> Result<Self> {
        let folder = root.join("target/postern/bench");
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        std::fs::create_dir_all(&folder)?;
        let template = std::fs::read_to_string(root.join("bench").join(template))?;

        let random = OperatingSystemRandom::default();
        let mut bytes = [0; 32];
        random.fill(&mut bytes);
        let key = MasterKey::from_bytes(bytes.into()).to_text().to_string();
        let ring = KeyRing::new(DOMAIN, MasterKey::parse(&key, KEY)?, None);
        let Issued { plaintext, writes, .. } = issue(&ring, &random, now()?, &CREDENTIAL)?;
        let Plaintext::Oauth2 { client_id, client_secret } = plaintext else { bail!("the credential is not the one that was asked for") };
        let entries = writes.into_iter().filter_map(|write| match write {
            StoreWrite::Put { key, value } => Some((key, value)),
            StoreWrite::Delete { .. } => None,
        });
        Ok(Self {
            folder,
            upstream,
            template,
            ring,
            random,
            kv_port: free_address()?.port(),
            key,
            entries: entries.collect(),
            client_id,
            client_secret: String::from_utf8(client_secret.expose().to_vec())?,
        })
    }

    /// The configuration in one of its versions, as a file.
    pub fn config(&self, version: u64) -> String {
        self.template.replace("UPSTREAM", &format!("http://{}", self.upstream)).replace("VERSION", &version.to_string())
    }

    /// The same, compiled; the version is its generation.
    ///
    /// # Errors
    /// When it does not compile.
    pub fn snapshot(&self, version: u64) -> Result<String> {
        compiled(&self.config(version), version, &self.ring, &self.random)
    }

    /// Writes a file into the folder.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> Result<PathBuf> {
        let path = self.folder.join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(&path, content).with_context(|| path.display().to_string())?;
        Ok(path)
    }
}

const CREDENTIAL: NewCredential<'_> =
    NewCredential { name: "app", kind: CredentialType::Oauth2, user: Some("app"), scope: None, expires_at: None };

fn compiled(config: &str, generation: u64, ring: &KeyRing, random: &OperatingSystemRandom) -> Result<String> {
    let protect = WithKeys { ring, random };
    let manifest = Manifest::parse(vec![Source { name: "config.yaml".into(), text: config.to_owned() }]);
    let options = compile::Options { generation, protect: Some(&protect), ..compile::Options::default() };
    match manifest.compile(options) {
        (Some(snapshot), _) => Ok(serde_json::to_string(&snapshot)?),
        (None, report) => bail!("{}", report.render(false)),
    }
}

fn now() -> Result<Timestamp> {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    Ok(Timestamp(u64::try_from(since.as_millis())?))
}
