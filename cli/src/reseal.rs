//! A store's entries on their way from one master key to the next.

use anyhow::{Context, Result, bail};
use postern_core::auth::{Material, StoreWrite, credential_key, entry_name};
use postern_core::platform::Timestamp;
use postern_core::resource::{Credential, Resource, Secret};
use postern_core::secret::{KeyRing, Purpose, SecretName, SecretValue, open, seal};
use postern_core::snapshot::Snapshot;
use postern_native::OperatingSystemRandom;
use serde_json::value::to_raw_value;

use crate::configuration::{Applied, publication};
use crate::target::Target;

/// All that is protected by the master key, opened.
pub struct Entries {
    secrets: Vec<(SecretName, SecretValue)>,
    credentials: Vec<Material>,
    applied: Option<Applied>,
}

impl Entries {
    /// # Errors
    /// When the store cannot be read, or one of its entries cannot be opened: it would be lost.
    pub fn read(target: &dyn Target, ring: &KeyRing) -> Result<Self> {
        let (mut secrets, mut credentials, mut lost) = (Vec::new(), Vec::new(), Vec::new());
        for (key, value) in target.list("secret/")? {
            match opened(ring, &key, &value) {
                Some(secret) => secrets.push(secret),
                None => lost.push(key),
            }
        }
        for (key, value) in target.list("credential/")? {
            let name = key.strip_prefix("credential/").unwrap_or(&key);
            match Material::decode(ring, name, &value) {
                Ok(material) => credentials.push(material),
                Err(_) => lost.push(key),
            }
        }
        if !lost.is_empty() {
            bail!("these cannot be opened with the present keys; delete them first: {}", lost.join(", "));
        }
        Ok(Self { secrets, credentials, applied: Applied::read(target)? })
    }

    /// The credentials with a secret that is valid under the old keys and would not be under the new ones: a secret's digest cannot
    /// be made anew, as nobody has the secret.
    pub fn ended_by(&self, old: &KeyRing, new: &KeyRing, now: Timestamp) -> Vec<&str> {
        let knows = |ring: &KeyRing, id: &str| ring.by_id(Purpose::Digest, id).is_some();
        let ends = |material: &&Material| {
            let live = material.secrets.iter().filter(|secret| secret.expires_at.is_none_or(|at| at > now.seconds()));
            !material.revoked && live.map(|secret| secret.key_id.as_str()).any(|id| knows(old, id) && !knows(new, id))
        };
        let listed = self.applied.iter().flat_map(|applied| &applied.snapshot.keys);
        let listed = listed.filter(|(digest, _)| digest.split_once('.').is_some_and(|(id, _)| knows(old, id) && !knows(new, id)));
        let stored = self.credentials.iter().filter(ends).map(|material| material.name.as_str());
        stored.chain(listed.map(|(_, name)| name.as_str())).collect()
    }

    /// Everything again, under the ring's current key.
    ///
    /// # Errors
    /// When something cannot be sealed.
    pub fn writes(&self, target: &dyn Target, ring: &KeyRing) -> Result<Vec<StoreWrite>> {
        let mut writes = Vec::new();
        for (name, value) in &self.secrets {
            let sealed = seal(ring, &OperatingSystemRandom::default(), name, value)?;
            writes.push(StoreWrite::Put { key: name.store_key(), value: sealed.into_bytes() });
        }
        for material in &self.credentials {
            writes.push(StoreWrite::Put { key: credential_key(&material.name), value: material.encode(ring) });
        }
        if let Some(applied) = &self.applied {
            writes.extend(publication(target, ring, &resealed(ring, &applied.snapshot)?)?);
        }
        Ok(writes)
    }

    pub fn len(&self) -> usize {
        self.secrets.len() + self.credentials.len() + usize::from(self.applied.is_some())
    }
}

fn opened(ring: &KeyRing, key: &str, value: &[u8]) -> Option<(SecretName, SecretValue)> {
    let name = SecretName::parse(key.strip_prefix("secret/")?).ok()?;
    let value = open(ring, &name, std::str::from_utf8(value).ok()?).ok()?;
    Some((name, value))
}

/// The Snapshot with its own secrets sealed anew, as a generation of its own.
fn resealed(ring: &KeyRing, snapshot: &Snapshot) -> Result<Snapshot> {
    let mut snapshot = Snapshot { generation: snapshot.generation.saturating_add(1), ..snapshot.clone() };
    for (name, document) in &mut snapshot.secrets {
        let mut resource: Resource<Secret> = serde_json::from_str(document.get())?;
        let Some(sealed) = &resource.spec.sealed else { continue };
        let name = SecretName::parse(name)?;
        let value = open(ring, &name, sealed).with_context(|| format!("the applied Secret `{}` cannot be opened", name.as_str()))?;
        resource.spec.sealed = Some(seal(ring, &OperatingSystemRandom::default(), &name, &value)?);
        *document = to_raw_value(&resource)?;
    }
    for (name, document) in &mut snapshot.credentials {
        let mut resource: Resource<Credential> = serde_json::from_str(document.get())?;
        for (entry, value) in &mut resource.spec.entries {
            let Some(sealed) = &value.sealed else { continue };
            let sealed_under = entry_name(name, entry);
            let plain = open(ring, &sealed_under, sealed)
                .with_context(|| format!("an entry of the applied Credential `{name}` cannot be opened"))?;
            value.sealed = Some(seal(ring, &OperatingSystemRandom::default(), &sealed_under, &plain)?);
        }
        *document = to_raw_value(&resource)?;
    }
    Ok(snapshot)
}
