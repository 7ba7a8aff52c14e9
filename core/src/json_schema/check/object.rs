use serde_json::{Map, Value};

use super::unevaluated::Seen;
use super::{Place, Run};
use crate::json_schema::failure::shortened;
use crate::json_schema::node::ObjectRules;

impl<'s> Run<'s> {
    pub(super) fn object(
        &mut self,
        rules: &'s ObjectRules,
        (value, members): (&Value, &Map<String, Value>),
        place: &Place<'_>,
        mut seen: Option<&mut Seen>,
    ) -> bool {
        let length = members.len() as u64;
        if let Some(limit) = rules.max_properties.filter(|limit| length > *limit) {
            return self.fail(place, || format!("must have at most {limit} properties"));
        }
        if let Some(limit) = rules.min_properties.filter(|limit| length < *limit) {
            return self.fail(place, || format!("must have at least {limit} properties"));
        }
        if !self.has_all(&rules.required, members, place) {
            return false;
        }
        for (name, required) in &rules.dependent_required {
            if members.contains_key(name) && !self.has_all(required, members, place) {
                return false;
            }
        }
        for (index, (name, member)) in members.iter().enumerate() {
            if !self.spend(1) || !self.member(rules, (index, name, member), place, seen.as_deref_mut()) {
                return false;
            }
        }
        for (name, id) in &rules.dependent_schemas {
            if members.contains_key(name) && !self.node(*id, value, place, seen.as_deref_mut()) {
                return false;
            }
        }
        true
    }

    fn has_all(&mut self, required: &[String], members: &Map<String, Value>, place: &Place<'_>) -> bool {
        if !self.spend(required.len()) {
            return false;
        }
        match required.iter().find(|name| !members.contains_key(*name)) {
            Some(name) => self.fail(place, || format!("must have the property `{}`", shortened(name))),
            None => true,
        }
    }

    fn member(
        &mut self,
        rules: &'s ObjectRules,
        (index, name, value): (usize, &String, &Value),
        place: &Place<'_>,
        seen: Option<&mut Seen>,
    ) -> bool {
        let here = Place::Member(place, name);
        // A name's own failure is told as the member's.
        if let Some(names) = rules.names
            && !self.node(names, &Value::String(name.clone()), &here, None)
        {
            return false;
        }
        let mut is_known = false;
        if let Some(id) = rules.properties.get(name) {
            is_known = true;
            if !self.node(*id, value, &here, None) {
                return false;
            }
        }
        for (pattern, id) in &rules.patterns {
            if self.matches(pattern, name) {
                is_known = true;
                if !self.node(*id, value, &here, None) {
                    return false;
                }
            }
        }
        if let Some(additional) = rules.additional.filter(|_| !is_known) {
            is_known = true;
            if !self.node(additional, value, &here, None) {
                return false;
            }
        }
        if let (true, Some(seen)) = (is_known, seen) {
            seen.add(index);
        }
        true
    }
}
