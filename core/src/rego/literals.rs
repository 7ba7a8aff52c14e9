use std::collections::BTreeSet;

use regorus::unstable::{Expr, Module};

use super::path::literal;
use super::walk;

/// What is written out in a module.
#[derive(Default)]
pub(super) struct Literals {
    pub texts: BTreeSet<String>,
    /// Keys of objects whose values are not.
    pub computed: BTreeSet<String>,
}

impl Literals {
    pub fn of(module: &Module) -> Self {
        let mut found = Self::default();
        for rule in &module.policy {
            walk::rule(rule, &mut |tree| {
                found.texts.extend(literal(tree).map(str::to_owned));
                if let Expr::Object { fields, .. } = tree {
                    let computed = fields.iter().filter(|(_, _, value)| literal(value).is_none());
                    found.computed.extend(computed.filter_map(|(_, key, _)| literal(key)).map(str::to_owned));
                }
                true
            });
        }
        found
    }
}
