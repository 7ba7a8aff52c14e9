//! What a request went through, for whoever asks why it was answered as it was. Nothing is gathered unless a [`Listener`] is there.

use std::fmt;

use serde_json::Value;

use crate::context::Context;
use crate::expression::{Expression, Failure};
use crate::platform::Timestamp;

/// Hears of each step as it is taken. (Values of expressions can be shared between threads, and what they are read from holds it.)
pub trait Listener: fmt::Debug + Send + Sync {
    fn step(&self, step: &Step<'_>);
}

/// One step of a request, in the order in which they happen. What is evaluated inside of a step follows it.
pub enum Step<'a> {
    /// The Service that the request is for, the path that it sees, and the route that led there or applies there.
    Routed { service: &'a str, path: &'a str, route: Option<&'a str> },
    /// A plugin whose condition is evaluated next.
    Plugin { name: &'a str, kind: &'static str, is_before_authentication: bool },
    /// What came of that plugin.
    PluginEnded(PluginEnd),
    /// Who calls.
    Caller { user: &'a str, groups: Vec<&'a str>, credential: &'a str },
    /// Nobody has to say who they are.
    Anonymous,
    /// The policies that apply, as the access log names them.
    Policies(Vec<Value>),
    /// The body: how many bytes rules or plugins had read, or `None` where it streams through.
    Body { read: Option<usize> },
    /// A rule that says whether a policy is in force.
    Enforcement { policy: Value, effect: &'static str },
    /// A rule of a policy.
    Rule { policy: Value, name: Option<&'a str>, effect: &'static str, priority: i32 },
    /// What the policies say; the rule before it decided, unless there was none.
    Decided { is_allowed: bool, by_rule: bool },
    /// No policy is asked.
    NoPolicies,
    /// A rule of `dynamicConfig`, by its place in the list.
    ConfigRule { index: usize },
    /// The configuration that serves the request; `None` for the default.
    Config { name: Option<&'a str> },
    /// A configuration of its pools, which is tried next; `None` for the default.
    Member { name: Option<&'a str> },
    /// An expression of the step before.
    Evaluated(Evaluation<'a>),
    /// A Rego module of the step before, and the value of its `match`; `None` where it is undefined.
    Rego { result: &'a Result<Option<bool>, Failure> },
}

/// How a plugin ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PluginEnd {
    /// Its condition does not apply.
    Skipped,
    /// It let the request go on.
    Ran,
    /// It answered.
    Answered,
}

/// An expression, what came of it, and where it can be looked at again.
pub struct Evaluation<'a> {
    /// `match` or `not`.
    pub keyword: &'static str,
    pub expression: &'a Expression,
    /// What the condition makes of it: for `not`, the opposite of the expression. `None` where something that it reads is missing.
    pub result: &'a Result<Option<bool>, Failure>,
    pub context: &'a Context<'a>,
    pub attrs: Option<&'a Value>,
    pub now: Timestamp,
}

impl Evaluation<'_> {
    /// What the expression reads of `ctx` and `attrs`, as it is written, with the values; `None` for what is missing.
    pub fn values(&self) -> Vec<(String, Option<Value>)> {
        self.expression.values(self.context, self.attrs, self.now)
    }
}
