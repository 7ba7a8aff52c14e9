use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::AUTHORIZATION;
use http::request::Parts;
use zeroize::Zeroizing;

use super::reference::Reference;
use super::{InjectContext, Injected};
use crate::error::GatewayError;
use crate::problem::Problems;
use crate::resource::service::BasicAuth;
use crate::secret::SecretValue;

/// `basic`: a user name, and a Secret as its password (RFC 7617, with the charset UTF-8).
#[derive(Debug)]
pub struct Basic {
    username: String,
    password: Reference,
}

impl Basic {
    pub(super) fn compile(source: &BasicAuth, problems: &mut Problems) -> Option<Self> {
        // What stands before the first colon is the name, whatever it was meant to be (RFC 7617 §2).
        let fault = if source.username.contains(':') {
            Some("a user name has no colon: what follows it would be taken for the password")
        } else if source.username.contains(char::is_control) {
            Some("a user name has no control characters")
        } else {
            None
        };
        if let Some(fault) = fault {
            problems.at("username", |problems| problems.error(fault));
        }
        let password = problems.at("password", |problems| Reference::compile(&source.password, problems));
        Some(Self { username: source.username.clone(), password: password? }).filter(|_| fault.is_none())
    }

    pub(super) async fn inject(&self, context: &InjectContext<'_>, parts: &mut Parts) -> Result<Injected, GatewayError> {
        let secret = self.password.resolve(context).await?;
        let encoded = encode(&self.username, secret.text()?);
        parts.headers.insert(AUTHORIZATION, encoded.header_value("Basic ").map_err(|why| secret.failed(why))?);
        Ok(Injected::of(encoded).and(secret.value))
    }
}

/// `user-pass` of RFC 7617 §2, in base64.
pub(super) fn encode(username: &str, password: &str) -> SecretValue {
    let pair = Zeroizing::new(format!("{username}:{password}"));
    SecretValue::from(STANDARD.encode(pair.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    /// RFC 7617 §2 and §2.1.
    #[test]
    fn vectors() {
        for (username, password, want) in
            [("Aladdin", "open sesame", "QWxhZGRpbjpvcGVuIHNlc2FtZQ=="), ("test", "123\u{a3}", "dGVzdDoxMjPCow=="), ("", "a:b", "OmE6Yg==")]
        {
            assert_eq!(encode(username, password).expose(), want.as_bytes());
        }
    }
}
