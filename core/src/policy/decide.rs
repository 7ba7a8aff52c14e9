use serde_json::{Value, json};

use super::attach::Attached;
use super::compiled::{Band, Rule};
use crate::context::Context;
use crate::explain::Step;
use crate::expression::Failure;
use crate::platform::Timestamp;
use crate::resource::{Effect, Enforcement};

/// What the policies say, and which rule said it.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// Without a rule that applies, no.
    pub allowed: bool,
    /// The policy, rule and priority that decided, for the access log; `None` when no rule matched, which denies.
    pub matched: Option<Value>,
}

/// Ranks the rules of all policies in force by priority, `DENY` before `ALLOW` within one, then in the order in which they were
/// collected; the first whose condition applies decides, and the ones after it are not evaluated, nor are those before it that
/// an [`Index`](crate::condition::Index) tells not to apply.
///
/// # Errors
/// A failed expression, also in an enforcement rule: nobody can say then what the policies mean.
pub fn decide(policies: &[Attached], context: &Context<'_>, now: Timestamp) -> Result<Decision, Failure> {
    context.tell(|| Step::Policies(policies.iter().map(Attached::reference).collect()));
    let mut bands: Vec<(&Attached, &Band)> = Vec::new();
    for attached in policies {
        if is_in_force(attached, context, now)? {
            bands.extend(attached.policy.bands.iter().map(|band| (attached, band)));
        }
    }
    let ranks = || bands.iter().map(|(_, band)| band.rank());
    let mut next = ranks().min();
    while let Some(rank) = next {
        for (attached, band) in bands.iter().filter(|(_, band)| band.rank() == rank) {
            if let Some(decision) = ask(attached, band, context, now)? {
                return Ok(decision);
            }
        }
        next = ranks().filter(|other| *other > rank).min();
    }
    context.tell(|| Step::Decided { is_allowed: false, by_rule: false });
    Ok(Decision { allowed: false, matched: None })
}

/// The decision of the first rule that applies.
fn ask(attached: &Attached, band: &Band, context: &Context<'_>, now: Timestamp) -> Result<Option<Decision>, Failure> {
    let is_allowed = band.effect == Effect::Allow;
    for rule in band.candidates(context) {
        context.tell(|| Step::Rule {
            policy: attached.reference(),
            name: rule.name.as_deref(),
            effect: if is_allowed { "ALLOW" } else { "DENY" },
            priority: band.priority,
        });
        if rule.condition.applies(context, Some(&attached.policy.attrs), now)? {
            context.tell(|| Step::Decided { is_allowed, by_rule: true });
            return Ok(Some(Decision { allowed: is_allowed, matched: Some(describe(attached, band, rule)) }));
        }
    }
    Ok(None)
}

/// A matching `ENFORCE` beats a matching `IGNORE`; without either the policy is in force.
fn is_in_force(attached: &Attached, context: &Context<'_>, now: Timestamp) -> Result<bool, Failure> {
    for effect in [Enforcement::Enforce, Enforcement::Ignore] {
        for (condition, _) in attached.policy.enforcement.iter().filter(|(_, of)| *of == effect) {
            context.tell(|| Step::Enforcement {
                policy: attached.reference(),
                effect: if effect == Enforcement::Enforce { "ENFORCE" } else { "IGNORE" },
            });
            if condition.applies(context, Some(&attached.policy.attrs), now)? {
                return Ok(effect == Enforcement::Enforce);
            }
        }
    }
    Ok(true)
}

fn describe(attached: &Attached, band: &Band, rule: &Rule) -> Value {
    let mut description = attached.reference();
    if let Some(fields) = description.as_object_mut() {
        if let Some(name) = &rule.name {
            fields.insert("ruleName".to_owned(), json!(name));
        }
        fields.insert("priority".to_owned(), json!(band.priority));
    }
    description
}
