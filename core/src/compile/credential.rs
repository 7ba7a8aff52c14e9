use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::Scope;
use super::secret::NO_KEY;
use super::snapshot::Derived;
use crate::auth::{entry_name, is_digest, read_key};
use crate::check::{at_most, each, exactly_one, unsupported};
use crate::problem::Problems;
use crate::resource::{ApiKey, Credential, CredentialEntry, CredentialType, Resource, SessionType, UserType};
use crate::secret::{SecretValue, is_sealed};

const MAX_KEYS: usize = 16;
const MAX_ENTRIES: usize = 64;
const MAX_ENTRY: usize = 16 << 10;
/// Shorter keys can be guessed.
const SHORT_KEY: usize = 20;

impl Scope<'_> {
    pub(super) fn credential(&self, resource: &Resource<Credential>, problems: &mut Problems, derived: &mut Derived) {
        let credential = &resource.spec;
        problems.at("user", |p| self.reference("User", &credential.user, p));
        problems.at("type", |p| match credential.kind {
            CredentialType::Oauth2 | CredentialType::AccessToken => {
                if self.names.user(&credential.user).is_some_and(|user| user.kind != UserType::Workload) {
                    p.error(format!("a credential of this type needs a `WORKLOAD` user, and `{}` is none", credential.user));
                }
            }
            CredentialType::ApiKey => {}
            CredentialType::AuthToken => p.error(format!("credentials of type `{}` are not supported yet", credential.kind.as_str())),
        });
        if let Some(time) = &credential.expires_at
            && OffsetDateTime::parse(time, &Rfc3339).is_err()
        {
            problems.at("expiresAt", |p| p.error_with_help("this is not a time (RFC 3339)", "write it as `2027-01-31T00:00:00Z`"));
        }
        if credential.session_type == SessionType::Client {
            problems.at("sessionType", |p| p.error("there are no tunnels at the edge: only `CLIENTLESS` is supported"));
        }
        if credential.max_authentications.is_some() {
            unsupported(problems, "maxAuthentications");
        }
        if credential.auto_delete {
            unsupported(problems, "autoDelete");
        }
        self.keys_and_entries(resource, problems, derived);
    }

    /// Takes plain keys and values out of what the Snapshot will have. No message quotes any of them.
    fn keys_and_entries(&self, resource: &Resource<Credential>, problems: &mut Problems, derived: &mut Derived) {
        let (name, credential) = (&resource.metadata.name, &resource.spec);
        for (field, is_set) in [("keys", !credential.keys.is_empty()), ("entries", !credential.entries.is_empty())] {
            if is_set && credential.kind != CredentialType::ApiKey {
                problems.at(field, |p| p.error("only credentials of type `API_KEY` have these"));
            }
        }
        at_most(problems, "keys", credential.keys.len(), MAX_KEYS, "keys");
        at_most(problems, "entries", credential.entries.len(), MAX_ENTRIES, "entries");
        let mut finished = credential.clone();
        let keys = each(problems, "keys", &credential.keys, |problems, key| {
            let digest = self.digest(key, problems)?;
            let other = derived.keys.insert(digest.clone(), name.clone()).filter(|other| other != name);
            if let Some(other) = other {
                problems.error(format!("the Credential `{other}` has this key too, so nobody could tell whose it is"));
            }
            Some(ApiKey { value: None, digest: Some(digest) })
        });
        finished.keys = keys.into_iter().flatten().collect();
        problems.at("entries", |problems| {
            for (entry, value) in &credential.entries {
                if let Some(value) = problems.at(entry, |problems| self.entry(name, entry, value, problems)) {
                    finished.entries.insert(entry.clone(), value);
                }
            }
        });
        derived.credentials.insert(name.clone(), finished);
    }

    fn digest(&self, key: &ApiKey, problems: &mut Problems) -> Option<String> {
        exactly_one(problems, &[("value", key.value.is_some()), ("digest", key.digest.is_some())]);
        if let Some(digest) = &key.digest {
            if !is_digest(digest) {
                problems.at("digest", |p| p.error("this is not the digest of a key"));
            }
            return Some(digest.clone());
        }
        problems.at("value", |problems| {
            let key = match read_key(key.value.as_deref()?) {
                Ok(key) => key,
                Err(fault) => {
                    problems.error(fault.to_string());
                    return None;
                }
            };
            let help = "`postern create credential --type api-key` makes a key that is in no file";
            problems.warning_with_help("anybody who reads the file sees this key", help);
            if key.len() < SHORT_KEY {
                problems.warning_with_help(format!("a key of less than {SHORT_KEY} characters can be guessed"), help);
            }
            let Some(protect) = self.options.protect else {
                problems.error_with_help("there is no key to make a digest of this with", NO_KEY);
                return None;
            };
            Some(protect.digest(key))
        })
    }

    fn entry(&self, credential: &str, name: &str, entry: &CredentialEntry, problems: &mut Problems) -> Option<CredentialEntry> {
        let CredentialEntry { from_secret, value, sealed } = entry;
        exactly_one(problems, &[("fromSecret", from_secret.is_some()), ("value", value.is_some()), ("sealed", sealed.is_some())]);
        if let Some(secret) = from_secret {
            problems.at("fromSecret", |p| self.known_secret(secret, p));
        }
        if sealed.as_ref().is_some_and(|text| !is_sealed(text)) {
            problems.at("sealed", |p| p.error("this is not a sealed value"));
        }
        let Some(text) = value else { return Some(entry.clone()) };
        problems.at("value", |problems| {
            let text = text.strip_suffix('\n').unwrap_or(text);
            let text = text.strip_suffix('\r').unwrap_or(text);
            if text.len() > MAX_ENTRY || SecretValue::from(text.to_owned()).header_value("").is_err() {
                problems.error(format!("an entry has 1 to {MAX_ENTRY} bytes, and no control characters"));
                return None;
            }
            let help = "keep it as a Secret, and write `fromSecret`";
            problems.warning_with_help("anybody who reads the file sees this value", help);
            let sealed = self.seal(&entry_name(credential, name), text.as_bytes(), problems)?;
            Some(CredentialEntry { sealed: Some(sealed), ..CredentialEntry::default() })
        })
    }
}
