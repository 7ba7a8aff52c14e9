use std::collections::BTreeMap;
use std::fmt;

use postern_core::resource::AnyResource;

use super::identity;

/// What an application changes, counted in resources.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Difference {
    added: usize,
    changed: usize,
    unchanged: usize,
    deleted: usize,
}

impl Difference {
    pub fn between(before: &[AnyResource], after: &[AnyResource]) -> Self {
        let mut old: BTreeMap<_, _> = before.iter().map(|resource| (identity(resource), resource)).collect();
        let mut difference = Self::default();
        for resource in after {
            match old.remove(&identity(resource)) {
                None => difference.added += 1,
                Some(same) if same == resource => difference.unchanged += 1,
                Some(_) => difference.changed += 1,
            }
        }
        difference.deleted = old.len();
        difference
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} added, {} changed, {} unchanged, {} deleted", self.added, self.changed, self.unchanged, self.deleted)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn counts() {
        let user = |name: &str, kind: &str| {
            AnyResource::from_json("User", json!({ "kind": "User", "metadata": { "name": name }, "spec": { "type": kind } })).unwrap()
        };
        let before = [user("a1", "HUMAN"), user("b1", "HUMAN"), user("c1", "HUMAN")];
        let after = [user("b1", "WORKLOAD"), user("c1", "HUMAN"), user("d1", "HUMAN"), user("e1", "HUMAN")];
        assert_eq!(Difference::between(&before, &after).to_string(), "2 added, 1 changed, 1 unchanged, 1 deleted");
    }
}
