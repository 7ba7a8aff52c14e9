//! User names and passwords (RFC 7617), against the hashes of `htpasswd`.

mod hash;

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::check::{at_most, each};
use crate::problem::Problems;
use crate::resource::service::{BasicAuthentication, BasicUser};
use hash::Hash;

/// `authentication.basic`, compiled.
#[derive(Debug)]
pub(super) struct Passwords {
    pub(super) realm: String,
    users: BTreeMap<String, Hash>,
    /// Stands in for users that there are not, so that an answer about one takes as long.
    nobody: Option<Hash>,
}

const MAX_USERS: usize = 1000;
const MAX_NAME: usize = 256;
/// Bytes of a password that is tried. Hashing takes a thousand rounds over it.
const MAX_PASSWORD: usize = 256;

impl Passwords {
    pub(super) fn compile(source: &BasicAuthentication, problems: &mut Problems) -> Self {
        at_most(problems, "users", source.users.len(), MAX_USERS, "users");
        if source.realm.len() > 200 || source.realm.chars().any(|c| !matches!(c, ' '..='~') || matches!(c, '"' | '\\')) {
            problems.at("realm", |p| p.error("a realm has at most 200 characters of ASCII, without quotes and backslashes"));
        }
        let mut users = BTreeMap::new();
        each(problems, "users", &source.users, |problems, BasicUser { name, hash }| {
            if name.is_empty() || name.len() > MAX_NAME || name.contains(':') || name.chars().any(char::is_control) {
                problems.at("name", |p| p.error("a name has 1 to 256 bytes, without colons and control characters"));
            }
            match Hash::parse(hash) {
                Some(hash) => {
                    if users.insert(name.clone(), hash).is_some() {
                        problems.at("name", |p| p.error(format!("there is a user `{name}` already")));
                    }
                }
                None => problems.at("hash", |p| {
                    let help = format!("`htpasswd -nm {name}` prints `{name}:$apr1$…`: take what follows the colon");
                    p.error_with_help("this is neither `$apr1$<salt>$<hash>` nor `{SHA}<base64>`", help);
                }),
            }
        });
        let nobody = users.values().next().cloned();
        Self { realm: source.realm.clone(), users, nobody }
    }

    /// Whose password it is. `text` is what follows `Basic `.
    pub(super) fn verify(&self, text: &str) -> Option<&str> {
        let decoded = STANDARD.decode(text).ok()?;
        let colon = decoded.iter().position(|byte| *byte == b':')?;
        let (name, rest) = decoded.split_at(colon);
        let password = rest.get(1..).filter(|password| password.len() <= MAX_PASSWORD)?;
        let known = std::str::from_utf8(name).ok().and_then(|name| self.users.get_key_value(name));
        let hash = known.map(|(_, hash)| hash).or(self.nobody.as_ref())?;
        let is_right = hash.is_of(password);
        known.filter(|_| is_right).map(|(name, _)| name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    fn passwords() -> Passwords {
        let user = |name: &str, hash: &str| BasicUser { name: name.to_owned(), hash: hash.to_owned() };
        let users = vec![user("alice", "$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/"), user("bob", "{SHA}VBPuJHI7uixaa6LQGWx4s+5GKNE=")];
        let mut problems = Problems::new();
        let passwords = Passwords::compile(&BasicAuthentication { realm: "r".to_owned(), users }, &mut problems);
        assert!(problems.is_empty(), "{:?}", problems.into_vec());
        passwords
    }

    #[test]
    fn names_and_passwords() {
        let passwords = passwords();
        for (text, want) in [
            ("alice:myPassword", Some("alice")),
            ("bob:myPassword", Some("bob")),
            ("alice:mypassword", None),
            ("alice:", None),
            ("alice", None),
            ("carol:myPassword", None),
            (":myPassword", None),
            ("bob:myPassword\n", None),
        ] {
            assert_eq!(passwords.verify(&STANDARD.encode(text)), want, "{text}");
        }
        assert_eq!(passwords.verify("YWxpY2U6bXlQYXNzd29yZA=="), Some("alice"));
        assert_eq!(passwords.verify("alice:myPassword"), None, "not encoded");
    }

    #[test]
    fn what_cannot_be_a_user() {
        for (name, hash) in [("", "{SHA}VBPuJHI7uixaa6LQGWx4s+5GKNE="), ("a:b", "{SHA}VBPuJHI7uixaa6LQGWx4s+5GKNE="), ("a", "secret")] {
            let users = vec![BasicUser { name: name.to_owned(), hash: hash.to_owned() }];
            let mut problems = Problems::new();
            Passwords::compile(&BasicAuthentication { realm: String::new(), users }, &mut problems);
            assert!(problems.has_errors(), "{name} {hash}");
        }
    }
}
