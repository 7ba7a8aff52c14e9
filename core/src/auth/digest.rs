//! Keyed digests of what callers present. A leaked store tells nothing that could be presented, and a digest moved from one
//! credential's record to another's does not verify there.

use subtle::ConstantTimeEq;

use crate::hex;
use crate::secret::{DerivedKey, hmac_sha256};

/// Of a client secret, bound to its client.
pub(super) fn client_secret(key: &DerivedKey, client_id: &str, secret: &str) -> String {
    hex::encode(&hmac_sha256(key.bytes(), &[b"client-secret\0", client_id.as_bytes(), b"\0", secret.as_bytes()]))
}

/// Of an access token. It is what the token is looked up by.
pub(super) fn access_token(key: &DerivedKey, token: &str) -> String {
    hex::encode(&hmac_sha256(key.bytes(), &[b"access-token\0", token.as_bytes()]))
}

/// Of an API key. It is what the key is looked up by, in the store and in the Snapshot.
pub(super) fn api_key(key: &DerivedKey, text: &str) -> String {
    hex::encode(&hmac_sha256(key.bytes(), &[b"api-key\0", text.as_bytes()]))
}

/// Of a credential's record.
pub(super) fn record(key: &DerivedKey, json: &[u8]) -> [u8; 32] {
    hmac_sha256(key.bytes(), &[b"credential\0", json])
}

pub(super) fn equal(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}
