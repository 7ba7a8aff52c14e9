//! Where the compilers of the features are called, each of which owns its part of the resources.

use super::at_most;
use crate::problem::Problems;
use crate::resource::{Condition, Policy};

const MAX_RULES: usize = 100;
const MAX_POLICY_BYTES: usize = 100_000;

/// A Policy's rules, or those of an inline policy.
pub fn policy(policy: &Policy, problems: &mut Problems) {
    let bytes = serde_json::to_string(policy).map_or(usize::MAX, |json| json.len());
    if bytes > MAX_POLICY_BYTES {
        problems.error(format!("a policy has at most {MAX_POLICY_BYTES} bytes as JSON, found {bytes}"));
    }
    at_most(problems, "rules", policy.rules.len(), MAX_RULES, "rules");
    super::metadata::attrs(&policy.attrs, problems);
    super::each(problems, "rules", &policy.rules, |p, rule| p.at("condition", |p| condition(&rule.condition, p)));
    super::each(problems, "enforcementRules", &policy.enforcement_rules, |p, rule| p.at("condition", |p| condition(&rule.condition, p)));
}

/// A condition of any owner.
pub fn condition(condition: &Condition, problems: &mut Problems) {
    let _ = (condition, problems);
}

/// An expression that gives a string.
pub fn expression(source: &str, problems: &mut Problems) {
    let _ = (source, problems);
}
