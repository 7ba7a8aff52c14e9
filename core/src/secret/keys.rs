use std::cell::RefCell;
use std::rc::Rc;

use super::{KeyError, KeyRing, MasterKey};
use crate::platform::Platform;

/// The variable that holds the master key.
pub const KEY: &str = "POSTERN_KEY";
/// The variable that holds the master key before the current one, while a rotation lasts.
pub const KEY_PREVIOUS: &str = "POSTERN_KEY_PREVIOUS";

/// The [`KeyRing`] of an instance, read from the platform when it is first needed and kept from then on.
pub struct Keys {
    domain: String,
    ring: RefCell<Option<Rc<KeyRing>>>,
}

impl Keys {
    /// Nothing is read yet.
    pub fn new(domain: &str) -> Self {
        Self { domain: domain.to_owned(), ring: RefCell::new(None) }
    }

    /// # Errors
    /// [`KeyError`]; it is not kept, so a key that is set later is found. A malformed previous key is an error too: silently
    /// ignored, it would make everything sealed before the rotation unreadable.
    pub async fn ring(&self, platform: &Platform) -> Result<Rc<KeyRing>, KeyError> {
        if let Some(ring) = self.ring.borrow().as_ref() {
            return Ok(ring.clone());
        }
        let current = platform.secrets.get(KEY).await.filter(|text| !text.is_empty()).ok_or(KeyError::Missing)?;
        let current = MasterKey::parse(&current, KEY)?;
        let previous = match platform.secrets.get(KEY_PREVIOUS).await.filter(|text| !text.is_empty()) {
            Some(text) => Some(MasterKey::parse(&text, KEY_PREVIOUS)?),
            None => None,
        };
        let ring = Rc::new(KeyRing::new(&self.domain, current, previous));
        self.ring.replace(Some(ring.clone()));
        Ok(ring)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::test;
    use futures::FutureExt;

    use super::super::testing::{World, key_text};
    use super::*;

    #[test]
    fn reads_the_keys_once_they_are_there() {
        let world = World::empty();
        let keys = Keys::new("localhost");
        let ring =
            |keys: &Keys| keys.ring(&world.platform()).now_or_never().unwrap().map(|ring| ring.all(super::super::Purpose::Seal).count());
        assert_eq!(ring(&keys), Err(KeyError::Missing));
        world.memory.secrets.insert(KEY, "short");
        assert_eq!(ring(&keys), Err(KeyError::NotBase64 { variable: KEY }));
        world.memory.secrets.insert(KEY, &key_text(2));
        world.memory.secrets.insert(KEY_PREVIOUS, "AAAA");
        assert_eq!(ring(&keys), Err(KeyError::WrongLength { variable: KEY_PREVIOUS, bytes: 3 }));
        world.memory.secrets.insert(KEY_PREVIOUS, &key_text(1));
        assert_eq!(ring(&keys), Ok(2));
    }
}
