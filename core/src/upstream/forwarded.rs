use http::header::{HeaderMap, HeaderValue};

use crate::hex;
use crate::platform::SecureRandom;
use crate::receive::Client;
use crate::resource::service::ForwardedMode;

/// What an upstream is told of the caller (RFC 7239). The caller's own claims were removed before.
pub struct Forwarded<'a> {
    pub client: Client,
    pub scheme: &'a str,
    pub authority: &'a str,
}

impl Forwarded<'_> {
    /// Sets `Forwarded` and the `X-Forwarded-*` headers, as far as the mode allows.
    pub fn apply(&self, mode: ForwardedMode, headers: &mut HeaderMap, random: &dyn SecureRandom) {
        let address = self.client.ip.map_or_else(|| "unknown".to_owned(), |ip| ip.to_string());
        match mode {
            ForwardedMode::Unset | ForwardedMode::Drop => {}
            ForwardedMode::Transparent => {
                let quoted = if address.contains(':') { format!("\"[{address}]\"") } else { address.clone() };
                self.set(headers, &format!("for={quoted}"), &address);
            }
            // RFC 7239 §6.3: an identifier that tells nothing begins with an underscore.
            ForwardedMode::Obfuscate => self.set(headers, &format!("for=_{};by=_{}", identifier(random), identifier(random)), "10.0.0.1"),
        }
    }

    fn set(&self, headers: &mut HeaderMap, parties: &str, address: &str) {
        let values = [
            ("forwarded", format!("{parties};host=\"{}\";proto={}", self.authority, self.scheme)),
            ("x-forwarded-for", address.to_owned()),
            ("x-forwarded-host", self.authority.to_owned()),
            ("x-forwarded-proto", self.scheme.to_owned()),
            ("x-real-ip", address.to_owned()),
        ];
        for (name, value) in values {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
    }
}

fn identifier(random: &dyn SecureRandom) -> String {
    let mut bytes = [0; 8];
    random.fill(&mut bytes);
    hex::encode(&bytes)
}

#[cfg(test)]
mod tests {
    use crate::testing::{Sevens, test};

    use super::*;

    #[test]
    fn tells_what_the_mode_allows() {
        let tell = |mode, ip: &str| {
            let client = Client { ip: ip.parse().ok(), version: http::Version::HTTP_11 };
            let mut headers = HeaderMap::new();
            Forwarded { client, scheme: "https", authority: "a.example" }.apply(mode, &mut headers, &Sevens);
            headers.get("forwarded").map(|value| value.to_str().unwrap().to_owned())
        };
        assert_eq!(tell(ForwardedMode::Unset, "192.0.2.1"), None);
        assert_eq!(tell(ForwardedMode::Drop, "192.0.2.1"), None);
        assert_eq!(tell(ForwardedMode::Transparent, "192.0.2.1").unwrap(), "for=192.0.2.1;host=\"a.example\";proto=https");
        assert_eq!(tell(ForwardedMode::Transparent, "2001:db8::1").unwrap(), "for=\"[2001:db8::1]\";host=\"a.example\";proto=https");
        assert_eq!(tell(ForwardedMode::Transparent, "").unwrap(), "for=unknown;host=\"a.example\";proto=https");
        assert_eq!(
            tell(ForwardedMode::Obfuscate, "192.0.2.1").unwrap(),
            "for=_0707070707070707;by=_0707070707070707;host=\"a.example\";proto=https"
        );
    }
}
