use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::canonical::Request;
use crate::hex;
use crate::platform::Timestamp;
use crate::secret::hmac_sha256;

/// What a signature is good for: a day, a region and a service.
pub struct Scope<'a> {
    /// Of the request, as [`timestamp`] writes it.
    pub time: &'a str,
    pub region: &'a str,
    pub service: &'a str,
}

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

impl Scope<'_> {
    fn date(&self) -> &str {
        self.time.split('T').next().unwrap_or_default()
    }

    fn text(&self) -> String {
        format!("{}/{}/{}/aws4_request", self.date(), self.region, self.service)
    }

    /// The key of this scope, which tells nothing of the one that it comes from.
    fn key(&self, secret: &str) -> Zeroizing<[u8; 32]> {
        let secret = Zeroizing::new(format!("AWS4{secret}"));
        let next = |key: &[u8], part: &str| Zeroizing::new(hmac_sha256(key, &[part.as_bytes()]));
        let date = next(secret.as_bytes(), self.date());
        let region = next(date.as_slice(), self.region);
        next(next(region.as_slice(), self.service).as_slice(), "aws4_request")
    }
}

/// The value of `Authorization`.
pub fn authorization(access_key_id: &str, secret: &str, scope: &Scope<'_>, request: &Request<'_>) -> String {
    let digest = hex::encode(&Sha256::digest(request.text(scope.service)));
    let to_sign = format!("{ALGORITHM}\n{}\n{}\n{digest}", scope.time, scope.text());
    let signature = hex::encode(&hmac_sha256(scope.key(secret).as_slice(), &[to_sign.as_bytes()]));
    let (scope, signed) = (scope.text(), request.signed_headers());
    format!("{ALGORITHM} Credential={access_key_id}/{scope}, SignedHeaders={signed}, Signature={signature}")
}

/// `20150830T123600Z`.
pub fn timestamp(now: Timestamp) -> String {
    let text = now.to_rfc3339();
    let (whole, _) = text.split_once('.').unwrap_or((&text, ""));
    format!("{}Z", whole.replace(['-', ':'], ""))
}
