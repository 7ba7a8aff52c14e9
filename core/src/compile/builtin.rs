//! Policies that exist without being written.

use crate::resource::{Condition, Effect, Policy, Rule};

/// `allow-all` or `deny-all`; a Policy of that name in the configuration takes its place.
pub fn policy(name: &str) -> Option<Policy> {
    let effect = match name {
        "allow-all" => Effect::Allow,
        "deny-all" => Effect::Deny,
        _ => return None,
    };
    let condition = Condition { match_any: Some(true), ..Condition::default() };
    let rule = Rule { name: None, condition, effect, priority: 0 };
    Some(Policy { rules: vec![rule], ..Policy::default() })
}
