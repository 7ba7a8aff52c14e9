//! Checking a value: bounded in steps and in depth, and telling the first thing that does not hold.

mod array;
mod object;
mod text;
mod unevaluated;

use serde_json::{Number, Value};

use super::failure::{Failure, shortened};
use super::node::{DynamicRef, Node, NodeId, Rules};
use super::number::{Decimal, compare};
use super::{Schema, canonical};
use unevaluated::Seen;

/// What one check may cost. A step is a schema object applied to a value, a member looked at, 16 bytes of text compared; a Worker does
/// some ten million in a second.
pub const MAX_STEPS: usize = 2_000_000;

/// How many schema objects may be at work one inside the other.
const MAX_DEPTH: usize = 256;

pub fn check(schema: &Schema, value: &Value, steps: usize) -> Result<(), Failure> {
    let mut run = Run { schema, steps, depth: 0, scope: Vec::new(), guesses: 0, failure: None, exceeded: None };
    let conforms = run.node(schema.root, value, &Place::Root, None);
    if let Some(reason) = run.exceeded {
        return Err(Failure { pointer: String::new(), reason: reason.to_owned() });
    }
    match run.failure {
        _ if conforms => Ok(()),
        Some(failure) => Err(failure),
        None => Err(Failure { pointer: String::new(), reason: "does not conform".to_owned() }),
    }
}

/// Where in the value a check is.
enum Place<'a> {
    Root,
    Member(&'a Place<'a>, &'a str),
    Item(&'a Place<'a>, usize),
}

struct Run<'s> {
    schema: &'s Schema,
    /// What is left.
    steps: usize,
    depth: usize,
    /// The resources that led here, outermost first; only kept for `$dynamicRef`.
    scope: Vec<usize>,
    /// Above 0, a failure need not be one of the whole.
    guesses: usize,
    failure: Option<Failure>,
    /// Set when a bound was reached: what was found no longer counts.
    exceeded: Option<&'static str>,
}

impl<'s> Run<'s> {
    /// Whether the value conforms to the node. `seen` is told which members or items were looked at.
    fn node(&mut self, id: NodeId, value: &Value, place: &Place<'_>, seen: Option<&mut Seen>) -> bool {
        if !self.spend(1) {
            return false;
        }
        match self.schema.nodes.get(id) {
            Some(Node::Boolean(true)) => true,
            Some(Node::Boolean(false)) | None => self.fail(place, || "is not allowed".to_owned()),
            Some(Node::Rules(rules)) => {
                if self.depth == MAX_DEPTH {
                    return self.exceed("is nested too deep to be checked");
                }
                self.depth += 1;
                let enters = !self.schema.resources.is_empty() && self.scope.last() != Some(&rules.resource);
                if enters {
                    self.scope.push(rules.resource);
                }
                let conforms = self.rules(rules, value, place, seen);
                if enters {
                    self.scope.pop();
                }
                self.depth -= 1;
                conforms
            }
        }
    }

    fn rules(&mut self, rules: &'s Rules, value: &Value, place: &Place<'_>, seen: Option<&mut Seen>) -> bool {
        if let Some(types) = rules.types
            && !types.admits(value)
        {
            return self.fail(place, || format!("must be {}", types.described()));
        }
        if !self.among(rules, value, place) {
            return false;
        }
        // What is seen has to be known to whoever asks, and to the `unevaluated…` of this node.
        let own_needs = match value {
            Value::Object(_) => rules.object.unevaluated.is_some(),
            Value::Array(_) => rules.array.unevaluated.is_some(),
            _ => false,
        };
        let mut own = (own_needs || seen.is_some()).then(Seen::default);
        let conforms = match value {
            Value::Object(members) => self.object(&rules.object, (value, members), place, own.as_mut()),
            Value::Array(items) => self.array(&rules.array, items, place, own.as_mut()),
            Value::String(text) => self.text(&rules.text, text, place),
            Value::Number(number) => self.number(rules, number, place),
            Value::Null | Value::Bool(_) => true,
        };
        let conforms = conforms && self.in_place(rules, value, place, own.as_mut()) && self.unevaluated(rules, value, place, own.as_mut());
        if let (true, Some(seen), Some(own)) = (conforms, seen, &own) {
            seen.merge(own);
        }
        conforms
    }

    /// `enum` and `const`.
    fn among(&mut self, rules: &Rules, value: &Value, place: &Place<'_>) -> bool {
        if rules.values.is_none() && rules.constant.is_none() {
            return true;
        }
        let Some(form) = self.canonical(value) else { return false };
        if rules.values.as_ref().is_some_and(|values| !values.contains(&form)) {
            return self.fail(place, || "is none of the values that are allowed".to_owned());
        }
        if rules.constant.as_ref().is_some_and(|constant| *constant != form) {
            return self.fail(place, || "is not the value that is allowed".to_owned());
        }
        true
    }

    fn number(&mut self, rules: &Rules, number: &Number, place: &Place<'_>) -> bool {
        let limits = &rules.number;
        for (limit, holds, says) in [
            (&limits.maximum, limits.maximum.as_ref().is_none_or(|limit| compare(number, limit).is_le()), "at most"),
            (&limits.minimum, limits.minimum.as_ref().is_none_or(|limit| compare(number, limit).is_ge()), "at least"),
            (&limits.exclusive_maximum, limits.exclusive_maximum.as_ref().is_none_or(|limit| compare(number, limit).is_lt()), "less than"),
            (&limits.exclusive_minimum, limits.exclusive_minimum.as_ref().is_none_or(|limit| compare(number, limit).is_gt()), "more than"),
        ] {
            if let Some(limit) = limit
                && !holds
            {
                return self.fail(place, || format!("must be {says} {limit}"));
            }
        }
        if let Some((divisor, shown)) = &limits.multiple_of
            && !Decimal::of(number).is_some_and(|number| number.is_multiple_of(*divisor))
        {
            return self.fail(place, || format!("must be a multiple of {shown}"));
        }
        true
    }

    /// The schemas that apply to the same value.
    fn in_place(&mut self, rules: &'s Rules, value: &Value, place: &Place<'_>, mut seen: Option<&mut Seen>) -> bool {
        if let Some(reference) = rules.reference
            && !self.node(reference, value, place, seen.as_deref_mut())
        {
            return false;
        }
        if let Some(dynamic) = &rules.dynamic {
            let target = self.dynamic_target(dynamic);
            if !self.node(target, value, place, seen.as_deref_mut()) {
                return false;
            }
        }
        for id in &rules.all_of {
            if !self.node(*id, value, place, seen.as_deref_mut()) {
                return false;
            }
        }
        self.any_of(rules, value, place, seen.as_deref_mut())
            && self.one_of(rules, value, place, seen.as_deref_mut())
            && self.not(rules, value, place)
            && self.conditional(rules, value, place, seen)
    }

    fn any_of(&mut self, rules: &Rules, value: &Value, place: &Place<'_>, mut seen: Option<&mut Seen>) -> bool {
        let mut conforms = rules.any_of.is_empty();
        for id in &rules.any_of {
            conforms |= self.guess(*id, value, place, seen.as_deref_mut());
            // What the others see counts as well.
            if conforms && seen.is_none() {
                break;
            }
        }
        conforms || self.fail(place, || format!("conforms to none of the {} alternatives", rules.any_of.len()))
    }

    fn one_of(&mut self, rules: &Rules, value: &Value, place: &Place<'_>, mut seen: Option<&mut Seen>) -> bool {
        if rules.one_of.is_empty() {
            return true;
        }
        let mut conforming = 0;
        for id in &rules.one_of {
            conforming += usize::from(self.guess(*id, value, place, seen.as_deref_mut()));
            if conforming > 1 {
                return self.fail(place, || "conforms to more than one of the alternatives, and exactly one must hold".to_owned());
            }
        }
        conforming == 1 || self.fail(place, || format!("conforms to none of the {} alternatives", rules.one_of.len()))
    }

    fn not(&mut self, rules: &Rules, value: &Value, place: &Place<'_>) -> bool {
        let Some(id) = rules.not else { return true };
        !self.guess(id, value, place, None) || self.fail(place, || "conforms to what is forbidden".to_owned())
    }

    fn conditional(&mut self, rules: &Rules, value: &Value, place: &Place<'_>, mut seen: Option<&mut Seen>) -> bool {
        let Some(condition) = rules.condition else { return true };
        let applies = self.guess(condition, value, place, seen.as_deref_mut());
        let branch = if applies { rules.then } else { rules.otherwise };
        branch.is_none_or(|id| self.node(id, value, place, seen))
    }

    /// As [`Self::node`], where a failure is none of the whole. What was seen counts only if the value conforms.
    fn guess(&mut self, id: NodeId, value: &Value, place: &Place<'_>, seen: Option<&mut Seen>) -> bool {
        self.guesses += 1;
        let mut own = seen.is_some().then(Seen::default);
        let conforms = self.node(id, value, place, own.as_mut());
        self.guesses -= 1;
        if let (true, Some(seen), Some(own)) = (conforms, seen, &own) {
            seen.merge(own);
            return self.spend(own.cost());
        }
        conforms
    }

    /// The outermost resource that has the anchor decides (core, §8.2.3.2).
    fn dynamic_target(&self, dynamic: &DynamicRef) -> NodeId {
        let Some(anchor) = &dynamic.anchor else { return dynamic.initial };
        let scopes = self.scope.iter().filter_map(|resource| self.schema.resources.get(*resource));
        scopes.filter_map(|scope| scope.0.get(anchor).copied()).next().unwrap_or(dynamic.initial)
    }

    fn canonical(&mut self, value: &Value) -> Option<Vec<u8>> {
        let mut form = Vec::new();
        canonical::write(value, &mut form, &mut |steps| self.spend(steps)).then_some(form)
    }

    /// False when there is nothing left: then nothing that was found counts, and all that is left to do is to end.
    fn spend(&mut self, steps: usize) -> bool {
        match self.steps.checked_sub(steps) {
            Some(left) if self.exceeded.is_none() => {
                self.steps = left;
                true
            }
            _ => self.exceed("takes too long to check"),
        }
    }

    fn exceed(&mut self, reason: &'static str) -> bool {
        self.exceeded.get_or_insert(reason);
        false
    }

    fn fail(&mut self, place: &Place<'_>, reason: impl FnOnce() -> String) -> bool {
        if self.guesses == 0 && self.failure.is_none() {
            self.failure = Some(Failure { pointer: shortened(&place.pointer()), reason: reason() });
        }
        false
    }
}

impl Place<'_> {
    /// RFC 6901.
    fn pointer(&self) -> String {
        match self {
            Place::Root => String::new(),
            Place::Member(parent, name) => format!("{}/{}", parent.pointer(), name.replace('~', "~0").replace('/', "~1")),
            Place::Item(parent, index) => format!("{}/{index}", parent.pointer()),
        }
    }
}
