use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::wire_enum::wire_enum;
use super::{Condition, is_default};

/// Rules that can be attached by name to a Service, Namespace, User, Group, Credential or the Gateway.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Policy {
    /// At most 100.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Rule>,
    /// Whether the policy is in force for a request: a matching `ENFORCE` puts it in force, else a matching `IGNORE` puts it out
    /// of force, else it is in force.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub enforcement_rules: Vec<EnforcementRule>,
    /// Free values that the policy's own conditions read as `attrs`.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub attrs: Map<String, Value>,
    /// A disabled policy is skipped.
    #[serde(default, skip_serializing_if = "is_default")]
    pub is_disabled: bool,
}

/// One rule. All rules of all policies in force are ranked together: lower priority first, and `DENY` before `ALLOW` within a
/// priority. The first whose condition applies decides; when none does, the request is denied.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rule {
    /// Shown in the access log when the rule decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// When the rule applies.
    pub condition: Condition,
    /// What it does then.
    pub effect: Effect,
    /// -4 (strongest) to 4.
    #[serde(default, skip_serializing_if = "is_default")]
    #[cfg_attr(feature = "schema", schemars(range(min = -4, max = 4)))]
    pub priority: i32,
}

wire_enum! {
    /// What a rule does when it decides.
    pub enum Effect {
        /// The request goes on.
        Allow = 1 "ALLOW",
        /// The request is answered 403.
        Deny = 2 "DENY",
    }
}

/// Puts a policy in or out of force.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EnforcementRule {
    /// When the rule applies.
    pub condition: Condition,
    /// What it does then.
    pub effect: Enforcement,
}

wire_enum! {
    /// What an enforcement rule does when its condition applies.
    pub enum Enforcement {
        /// The policy is in force.
        Enforce = 1 "ENFORCE",
        /// The policy is out of force.
        Ignore = 2 "IGNORE",
    }
}

/// The policies that a resource brings to a request.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Authorization {
    /// Names of Policies. Naming `c.b.a` brings `b.a` and `a` as well. `allow-all`, `deny-all` and `http-read-only` (GET, HEAD and
    /// OPTIONS) exist without being written. At most 100.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<String>,
    /// Policies written in place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inline_policies: Vec<InlinePolicy>,
    /// On a Service with `isAnonymous`: evaluate the policies although there is no user.
    #[serde(default, skip_serializing_if = "is_default")]
    pub enable_anonymous: bool,
}

impl Authorization {
    /// Whether there is a policy in it.
    pub fn is_set(&self) -> bool {
        !self.policies.is_empty() || !self.inline_policies.is_empty()
    }
}

/// A policy written where it is used.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InlinePolicy {
    /// Shown in the access log when one of its rules decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The policy.
    pub spec: Policy,
}
