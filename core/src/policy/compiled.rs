use serde_json::Value;

use crate::condition::Condition;
use crate::expression::Reads;
use crate::problem::Problems;
use crate::resource::{self, Effect, Enforcement};

/// A policy, compiled.
#[derive(Debug, Default)]
pub struct Policy {
    pub(super) rules: Vec<Rule>,
    pub(super) enforcement: Vec<(Condition, Enforcement)>,
    /// What its conditions read as `attrs`.
    pub(super) attrs: Value,
    pub(super) is_disabled: bool,
    pub(super) reads: Reads,
}

#[derive(Debug)]
pub(super) struct Rule {
    pub name: Option<String>,
    pub condition: Condition,
    pub effect: Effect,
    pub priority: i32,
}

const MAX_RULES: usize = 100;

impl Policy {
    /// Compiles; every problem is reported at its place.
    pub fn compile(source: &resource::Policy, problems: &mut Problems) -> Self {
        let rules = problems.at("rules", |problems| {
            if source.rules.len() > MAX_RULES {
                problems.error(format!("at most {MAX_RULES} rules"));
            }
            let rules =
                source.rules.iter().enumerate().map(|(index, rule)| problems.at_index(index, |problems| compile_rule(rule, problems)));
            rules.collect::<Vec<_>>().into_iter().flatten().collect::<Vec<_>>()
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
        for condition in rules.iter().map(|rule| &rule.condition).chain(enforcement.iter().map(|(condition, _)| condition)) {
            reads.merge(&condition.reads());
        }
        Self { rules, enforcement, attrs: Value::Object(source.attrs.clone()), is_disabled: source.is_disabled, reads }
    }
}

fn compile_rule(source: &resource::Rule, problems: &mut Problems) -> Option<Rule> {
    if !(-4..=4).contains(&source.priority) {
        problems.at("priority", |problems| problems.error(format!("{} is not between -4 (strongest) and 4", source.priority)));
    }
    let condition = problems.at("condition", |problems| Condition::compile(&source.condition, problems))?;
    Some(Rule { name: source.name.clone(), condition, effect: source.effect, priority: source.priority })
}
