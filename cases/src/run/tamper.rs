use std::collections::BTreeMap;

use postern_core::auth::credential_key;
use postern_core::secret::SecretName;

use crate::format::{Damage, Tamper};

/// Damages entries of the store.
///
/// # Errors
/// The entry does not exist; the text is for the case's author.
pub(super) fn apply(list: &[Tamper], store: &mut BTreeMap<String, Vec<u8>>) -> Result<(), String> {
    for tamper in list {
        let key = match (&tamper.secret, &tamper.credential) {
            (Some(name), None) => secret_key(name)?,
            (None, Some(name)) => credential_key(name),
            _ => return Err("`tamper` names either a secret or a credential".into()),
        };
        let mut value = store.remove(&key).ok_or_else(|| format!("the store has no {key} to damage"))?;
        match &tamper.how {
            Damage::FlipBit(_) => {
                // Well inside the protected part, whatever comes before and after it.
                let place = value.len() * 3 / 4;
                if let Some(byte) = value.get_mut(place) {
                    *byte ^= 1;
                }
            }
            Damage::Truncate(length) => value.truncate(*length),
            Damage::ReplaceWith(other) => {
                value = store.get(&secret_key(other)?).cloned().ok_or_else(|| format!("the store has no secret {other}"))?;
            }
            Damage::Delete(_) => continue,
        }
        store.insert(key, value);
    }
    Ok(())
}

fn secret_key(name: &str) -> Result<String, String> {
    SecretName::parse(name).map(|name| name.store_key()).map_err(|error| format!("{name:?}: {error}"))
}
