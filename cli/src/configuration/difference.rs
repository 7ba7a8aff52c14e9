use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

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
    pub fn between(before: &[Value], after: &[Value]) -> Self {
        let mut old: BTreeMap<_, _> = before.iter().map(|document| (identity(document), document)).collect();
        let mut difference = Self::default();
        for document in after {
            match old.remove(&identity(document)) {
                None => difference.added += 1,
                Some(same) if same == document => difference.unchanged += 1,
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
        let user = |name: &str, kind: &str| json!({ "kind": "User", "metadata": { "name": name }, "spec": { "type": kind } });
        let before = [user("a", "HUMAN"), user("b", "HUMAN"), user("c", "HUMAN")];
        let after = [user("b", "WORKLOAD"), user("c", "HUMAN"), user("d", "HUMAN"), user("e", "HUMAN")];
        assert_eq!(Difference::between(&before, &after).to_string(), "2 added, 1 changed, 1 unchanged, 1 deleted");
    }
}
