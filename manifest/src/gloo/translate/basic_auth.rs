//! User names and passwords.

use serde_json::{Value, json};

use super::world::World;
use crate::gloo::At;
use crate::gloo::document::BasicAuth;

/// What `authentication.basic` says.
pub fn authentication(world: &mut World<'_>, auth: &BasicAuth, at: &At) -> Value {
    let (users, is_apr, field) = match (&auth.apr, &auth.encryption, &auth.user_list) {
        (Some(users), None, None) => (users, true, "apr"),
        (None, Some(encryption), Some(users)) => {
            if encryption.apr.is_some() == encryption.sha1.is_some() {
                world.error(&at.field("encryption"), "exactly one of `apr` and `sha1` is needed");
            }
            (users, encryption.apr.is_some(), "userList")
        }
        _ => {
            world.error(at, "either `apr`, or `encryption` with `userList`, is needed");
            return json!({});
        }
    };
    let mut list = Vec::new();
    for (name, password) in &users.users {
        let hash = match (is_apr, &password.salt) {
            (true, Some(salt)) => format!("$apr1${salt}${}", password.hashed_password),
            (true, None) => {
                world.error(&at.field(field).field("users").key(name), "`salt` is missing");
                continue;
            }
            (false, _) => format!("{{SHA}}{}", password.hashed_password),
        };
        list.push(json!({ "name": name, "hash": hash }));
    }
    json!({ "realm": auth.realm, "users": list })
}
