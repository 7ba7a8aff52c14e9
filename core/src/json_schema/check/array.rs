use serde_json::Value;

use super::unevaluated::Seen;
use super::{Place, Run};
use crate::json_schema::node::{ArrayRules, NodeId};

impl<'s> Run<'s> {
    pub(super) fn array(&mut self, rules: &'s ArrayRules, items: &[Value], place: &Place<'_>, mut seen: Option<&mut Seen>) -> bool {
        let length = items.len() as u64;
        if let Some(limit) = rules.max_items.filter(|limit| length > *limit) {
            return self.fail(place, || format!("must have at most {limit} items"));
        }
        if let Some(limit) = rules.min_items.filter(|limit| length < *limit) {
            return self.fail(place, || format!("must have at least {limit} items"));
        }
        for (index, (item, id)) in items.iter().zip(&rules.prefix).enumerate() {
            if !self.node(*id, item, &Place::Item(place, index), None) {
                return false;
            }
            seen.as_deref_mut().map(|seen| seen.add(index)).unwrap_or_default();
        }
        if let Some(id) = rules.items {
            for (index, item) in items.iter().enumerate().skip(rules.prefix.len()) {
                if !self.node(id, item, &Place::Item(place, index), None) {
                    return false;
                }
            }
            seen.as_deref_mut().map(Seen::all).unwrap_or_default();
        }
        let contains = rules.contains.is_none_or(|id| self.contains(rules, id, items, place, seen));
        contains && (!rules.unique || self.unique(items, place))
    }

    fn contains(&mut self, rules: &ArrayRules, id: NodeId, items: &[Value], place: &Place<'_>, mut seen: Option<&mut Seen>) -> bool {
        let (least, most) = (rules.min_contains.unwrap_or(1), rules.max_contains);
        let mut found = 0;
        for (index, item) in items.iter().enumerate() {
            // Nobody asks which ones conform, and there are enough.
            if seen.is_none() && most.is_none() && found >= least {
                break;
            }
            if self.guess(id, item, &Place::Item(place, index), None) {
                found += 1;
                seen.as_deref_mut().map(|seen| seen.add(index)).unwrap_or_default();
            }
            if self.exceeded.is_some() {
                return false;
            }
        }
        if found < least {
            return self.fail(place, || format!("must have at least {least} items of the kind that is asked for"));
        }
        match most.filter(|most| found > *most) {
            Some(most) => self.fail(place, || format!("must have at most {most} items of the kind that is counted")),
            None => true,
        }
    }

    /// By sorting: comparing each with each would take a time that grows with the square of the length.
    fn unique(&mut self, items: &[Value], place: &Place<'_>) -> bool {
        let Some(mut forms) = items.iter().map(|item| self.canonical(item)).collect::<Option<Vec<_>>>() else { return false };
        if !self.spend(forms.len()) {
            return false;
        }
        forms.sort_unstable();
        let mut pairs = forms.iter().zip(forms.iter().skip(1));
        !pairs.any(|(one, other)| one == other) || self.fail(place, || "must not have the same item twice".to_owned())
    }
}
