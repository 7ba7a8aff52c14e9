//! A checked configuration in one document, as it is embedded in a deployment or published to its store.

mod uid;

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::feature::Features;
use crate::resource::{Credential, Gateway, Group, Namespace, Policy, Resource, Secret, Service, User};
pub use uid::uid;

/// The format that this build reads and writes.
pub const FORMAT: u32 = 1;

/// Resources by name. Each stays JSON text until a request needs it, so that ten thousand Services cost nothing to a request
/// for one of them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Snapshot {
    /// [`FORMAT`] of the build that wrote it.
    pub format: u32,
    /// A published Snapshot replaces only one of a lower generation.
    pub generation: u64,
    /// The domain that it was made for.
    pub domain: String,
    pub gateway: Resource<Gateway>,
    /// By `name.namespace`.
    pub services: Table,
    pub namespaces: Table,
    pub users: Table,
    pub groups: Table,
    pub policies: Table,
    pub credentials: Table,
    /// Sealed.
    pub secrets: Table,
    /// The index of all routes.
    #[serde(default, skip_serializing_if = "Table::is_empty")]
    pub routes: Table,
    /// Names of credentials by the digests of API keys that the configuration lists.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub keys: BTreeMap<String, String>,
    /// Names of users by what other issuers call them (`sub`), by the issuer's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub identities: BTreeMap<String, BTreeMap<String, String>>,
    /// What the resources need a build to carry.
    #[serde(default, skip_serializing_if = "Features::is_empty")]
    pub features: Features,
}

/// Resources of one kind by name.
pub type Table = BTreeMap<String, Box<RawValue>>;

impl Snapshot {
    /// Reads a Snapshot's JSON.
    ///
    /// # Errors
    /// The text says what is wrong with it; it is for the operator.
    pub fn from_json(text: &str) -> Result<Self, String> {
        let snapshot: Self = serde_json::from_str(text).map_err(|error| format!("this is not a Snapshot: {error}"))?;
        if snapshot.format != FORMAT {
            return Err(format!(
                "the Snapshot has format {}, and this build reads {FORMAT}: build it again with this version's `postern build`",
                snapshot.format
            ));
        }
        Ok(snapshot)
    }

    /// By `name.namespace`.
    pub fn service(&self, name: &str) -> Option<Resource<Service>> {
        read(&self.services, name)
    }

    pub fn namespace(&self, name: &str) -> Option<Resource<Namespace>> {
        read(&self.namespaces, name)
    }

    pub fn user(&self, name: &str) -> Option<Resource<User>> {
        read(&self.users, name)
    }

    pub fn group(&self, name: &str) -> Option<Resource<Group>> {
        read(&self.groups, name)
    }

    pub fn policy(&self, name: &str) -> Option<Resource<Policy>> {
        read(&self.policies, name)
    }

    pub fn credential(&self, name: &str) -> Option<Resource<Credential>> {
        read(&self.credentials, name)
    }

    pub fn secret(&self, name: &str) -> Option<Resource<Secret>> {
        read(&self.secrets, name)
    }
}

/// A resource as it is written, for expressions; nothing if it is not there.
pub fn document(table: &Table, name: &str) -> Option<Value> {
    read(table, name)
}

/// The compiler wrote only what it had parsed, so text that does not parse counts as absent, which denies.
fn read<T: DeserializeOwned>(table: &Table, name: &str) -> Option<T> {
    table.get(name).and_then(|json| serde_json::from_str(json.get()).ok())
}
