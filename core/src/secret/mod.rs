//! Secrets: values that Services inject and no caller ever sees, and the keys that protect everything at rest.
//!
//! `POSTERN_KEY` is never used as a key itself. Each use has a key of its own, derived from it ([`KeyRing::current`]), and
//! whatever is stored names the master key it was made under, so that a rotation is a matter of keeping both for a while.

mod keys;
mod mac;
mod master_key;
mod name;
mod resolve;
mod reuse;
mod ring;
mod seal;
#[cfg(test)]
pub(crate) mod testing;
mod value;

pub use keys::{KEY, KEY_PREVIOUS, Keys};
pub use mac::{hkdf_sha256, hmac_sha256};
pub use master_key::{KeyError, KeyId, MasterKey};
pub(crate) use name::is_simple_name;
pub use name::{InvalidName, SecretName};
pub use resolve::{SecretError, Secrets};
pub(crate) use reuse::{Bounded, ReuseCache};
pub use ring::{DerivedKey, KeyRing, Purpose};
pub use seal::{SealError, is_sealed, open, seal};
pub use value::{SecretValue, Unusable};
