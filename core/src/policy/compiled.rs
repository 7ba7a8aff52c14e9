use serde_json::Value;

use crate::condition::{Condition, Index};
use crate::context::Context;
use crate::expression::Reads;
use crate::problem::Problems;
use crate::resource::{self, Effect, Enforcement};

/// A policy, compiled.
#[derive(Debug, Default)]
pub struct Policy {
    /// In no particular order, each priority and effect once.
    pub(super) bands: Vec<Band>,
    pub(super) enforcement: Vec<(Condition, Enforcement)>,
    /// What its conditions read as `attrs`.
    pub(super) attrs: Value,
    pub(super) is_disabled: bool,
    pub(super) reads: Reads,
}

/// The rules of one priority and effect, in the order in which they are written.
#[derive(Debug)]
pub(super) struct Band {
    pub priority: i32,
    pub effect: Effect,
    rules: Vec<Rule>,
    index: Index,
}

#[derive(Debug)]
pub(super) struct Rule {
    pub name: Option<String>,
    pub condition: Condition,
}

const MAX_RULES: usize = 100;

impl Policy {
    /// Compiles; every problem is reported at its place.
    pub fn compile(source: &resource::Policy, problems: &mut Problems) -> Self {
        let bands = problems.at("rules", |problems| {
            if source.rules.len() > MAX_RULES {
                problems.error(format!("at most {MAX_RULES} rules"));
            }
            let mut bands = Vec::new();
            for (index, rule) in source.rules.iter().enumerate() {
                if let Some(compiled) = problems.at_index(index, |problems| compile_rule(rule, problems)) {
                    add(&mut bands, rule, compiled);
                }
            }
            bands.iter_mut().for_each(|band| band.index = Index::new(&band.conditions().collect::<Vec<_>>()));
            bands
        });
        let enforcement = problems.at("enforcementRules", |problems| {
            let rules = source.enforcement_rules.iter().enumerate().map(|(index, rule)| {
                problems.at_index(index, |problems| {
                    problems.at("condition", |problems| Some((Condition::compile(&rule.condition, problems)?, rule.effect)))
                })
            });
            rules.collect::<Vec<_>>().into_iter().flatten().collect::<Vec<_>>()
        });
        let mut reads = Reads::default();
        for condition in bands.iter().flat_map(Band::conditions).chain(enforcement.iter().map(|(condition, _)| condition)) {
            reads.merge(&condition.reads());
        }
        Self { bands, enforcement, attrs: Value::Object(source.attrs.clone()), is_disabled: source.is_disabled, reads }
    }
}

impl Band {
    /// The first come first.
    pub fn rank(&self) -> (i32, bool) {
        (self.priority, self.effect == Effect::Allow)
    }

    /// The rules to evaluate for a request, in order.
    pub fn candidates<'b>(&'b self, context: &'b Context<'b>) -> impl Iterator<Item = &'b Rule> {
        self.index.candidates(context).filter_map(|place| self.rules.get(place))
    }

    fn conditions(&self) -> impl Iterator<Item = &Condition> {
        self.rules.iter().map(|rule| &rule.condition)
    }
}

fn add(bands: &mut Vec<Band>, source: &resource::Rule, rule: Rule) {
    let &resource::Rule { priority, effect, .. } = source;
    match bands.iter_mut().find(|band| (band.priority, band.effect) == (priority, effect)) {
        Some(band) => band.rules.push(rule),
        None => bands.push(Band { priority, effect, rules: vec![rule], index: Index::default() }),
    }
}

fn compile_rule(source: &resource::Rule, problems: &mut Problems) -> Option<Rule> {
    if !(-4..=4).contains(&source.priority) {
        problems.at("priority", |problems| problems.error(format!("{} is not between -4 (strongest) and 4", source.priority)));
    }
    let condition = problems.at("condition", |problems| Condition::compile(&source.condition, problems))?;
    Some(Rule { name: source.name.clone(), condition })
}
