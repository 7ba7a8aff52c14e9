//! Which policies apply to a request: those of its Service, namespace, user, groups, credential and of the Gateway.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::rc::Rc;

use serde_json::{Value, json};

use super::Policy;
use super::builtin::builtin;
use crate::expression::Reads;
use crate::problem::{Problems, Severity};
use crate::resource::Authorization;
use crate::snapshot::Snapshot;

/// A resource that brings policies.
#[derive(Debug, Clone, Copy)]
pub struct Owner<'a> {
    pub kind: &'static str,
    pub name: &'a str,
    pub authorization: &'a Authorization,
}

/// A policy that applies to a request, and where it comes from.
#[derive(Debug, Clone)]
pub struct Attached {
    pub(super) policy: Rc<Policy>,
    source: Rc<Source>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Source {
    Named(String),
    Inline { kind: &'static str, owner: String, name: Option<String>, index: usize },
}

/// A policy that is named and not there, or does not compile. It denies: a lost `DENY` must not let anybody in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownPolicy(pub String);

/// Compiled policies of a Snapshot, by name and by owner.
#[derive(Debug, Default)]
pub struct PolicyBook {
    named: RefCell<BTreeMap<String, Rc<Policy>>>,
    by_owner: RefCell<BTreeMap<(&'static str, String), Rc<[Attached]>>>,
}

impl PolicyBook {
    /// The policies of all owners, in their order, each named one once.
    ///
    /// # Errors
    /// When one is missing.
    pub fn collect<'a>(&self, snapshot: &Snapshot, owners: impl Iterator<Item = Owner<'a>>) -> Result<Vec<Attached>, UnknownPolicy> {
        let mut collected = Vec::new();
        let mut seen = BTreeSet::new();
        for owner in owners {
            for attached in self.of(snapshot, owner)?.iter() {
                if !attached.policy.is_disabled && seen.insert(attached.source.clone()) {
                    collected.push(attached.clone());
                }
            }
        }
        Ok(collected)
    }

    fn of(&self, snapshot: &Snapshot, owner: Owner<'_>) -> Result<Rc<[Attached]>, UnknownPolicy> {
        let authorization = owner.authorization;
        if authorization.policies.is_empty() && authorization.inline_policies.is_empty() {
            return Ok(Rc::new([]));
        }
        let key = (owner.kind, owner.name.to_owned());
        if let Some(known) = self.by_owner.borrow().get(&key) {
            return Ok(known.clone());
        }
        let mut attached = Vec::new();
        for name in authorization.policies.iter().flat_map(|name| ancestors(name)) {
            attached.push(Attached { policy: self.named(snapshot, name)?, source: Rc::new(Source::Named(name.to_owned())) });
        }
        for (index, inline) in authorization.inline_policies.iter().enumerate() {
            let mut problems = Problems::new();
            let policy = Rc::new(Policy::compile(&inline.spec, &mut problems));
            refuse_errors(&problems, || format!("inline policy {index} of {} {:?}", owner.kind, owner.name))?;
            let source = Source::Inline { kind: owner.kind, owner: owner.name.to_owned(), name: inline.name.clone(), index };
            attached.push(Attached { policy, source: Rc::new(source) });
        }
        let attached: Rc<[Attached]> = attached.into();
        self.by_owner.borrow_mut().insert(key, attached.clone());
        Ok(attached)
    }

    fn named(&self, snapshot: &Snapshot, name: &str) -> Result<Rc<Policy>, UnknownPolicy> {
        if let Some(known) = self.named.borrow().get(name) {
            return Ok(known.clone());
        }
        let mut problems = Problems::new();
        let policy = match snapshot.policy(name) {
            Some(resource) => Policy::compile(&resource.spec, &mut problems),
            None => builtin(name).ok_or_else(|| UnknownPolicy(format!("policy {name:?}")))?,
        };
        refuse_errors(&problems, || format!("policy {name:?}"))?;
        let policy = Rc::new(policy);
        self.named.borrow_mut().insert(name.to_owned(), policy.clone());
        Ok(policy)
    }
}

impl Attached {
    /// What its conditions read of the request's body.
    pub fn reads(&self) -> &Reads {
        &self.policy.reads
    }

    /// Names it in the access log.
    pub(super) fn reference(&self) -> Value {
        match &*self.source {
            Source::Named(name) => json!({"policy": {"policyRef": {"apiVersion": "core/v1", "kind": "Policy", "name": name}}}),
            Source::Inline { kind, owner, name, index } => {
                let name = name.clone().unwrap_or_else(|| index.to_string());
                json!({"inlinePolicy": {"resourceRef": {"apiVersion": "core/v1", "kind": kind, "name": owner}, "name": name}})
            }
        }
    }
}

/// A policy's name and those of its parents: `c.b.a`, `b.a`, `a`. Using a child means using its parents too.
pub fn ancestors(name: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(name), |name| name.split_once('.').map(|(_, parent)| parent))
}

fn refuse_errors(problems: &Problems, what: impl FnOnce() -> String) -> Result<(), UnknownPolicy> {
    match problems.iter().find(|problem| problem.severity == Severity::Error) {
        Some(problem) => Err(UnknownPolicy(format!("{} does not compile: {problem}", what()))),
        None => Ok(()),
    }
}

impl fmt::Display for UnknownPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a policy that applies cannot be used: {}", self.0)
    }
}

impl std::error::Error for UnknownPolicy {}
