//! The keywords of one schema object.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Number, Value};

use super::{Compiler, inside};
use crate::json_schema::canonical;
use crate::json_schema::keyword::{shape, successor};
use crate::json_schema::node::{NodeId, Rules, Types};
use crate::json_schema::number::Decimal;
use crate::pattern::Pattern;

impl<'s> Compiler<'s, '_> {
    /// Reads all keywords; every problem is reported at its place.
    pub(super) fn read_rules(&mut self, members: &'s Map<String, Value>, place: &str, rules: &mut Rules) {
        for (keyword, value) in members {
            let here = inside(place, keyword);
            if self.read_reference(keyword, value, &here, rules)
                || self.read_assertion(keyword, value, &here, rules)
                || self.read_object_or_array(keyword, value, &here, rules)
                || self.read_applicator(keyword, value, &here, rules)
            {
                continue;
            }
            self.has_format |= keyword == "format";
            let is_extension = keyword.starts_with("x-");
            if shape(keyword).is_none() && !is_extension {
                self.warning_with_help(place, &format!("`{keyword}` is no keyword of draft 2020-12, and is ignored"), successor(keyword));
            }
        }
    }

    fn read_reference(&mut self, keyword: &str, value: &Value, place: &str, rules: &mut Rules) -> bool {
        if keyword != "$ref" && keyword != "$dynamicRef" {
            return false;
        }
        match value.as_str() {
            Some(reference) if keyword == "$ref" => rules.reference = self.refer(keyword, reference, place, rules.resource),
            Some(reference) => rules.dynamic = self.refer_dynamically(reference, place, rules.resource),
            None => self.error(place, "this is a URI reference (RFC 3986)"),
        }
        true
    }

    /// What is said of null, booleans, numbers, strings, and of all values.
    fn read_assertion(&mut self, keyword: &str, value: &Value, place: &str, rules: &mut Rules) -> bool {
        match keyword {
            "type" => rules.types = self.types(value, place),
            "const" => rules.constant = Some(canonical::of(value)),
            "enum" => match value {
                Value::Array(values) => rules.values = Some(values.iter().map(canonical::of).collect()),
                _ => self.error(place, "this is a list of values"),
            },
            "multipleOf" => {
                let number = self.number(value, place);
                let divisor = number.and_then(|number| Some((Decimal::of(&number)?, number)));
                let is_positive = divisor
                    .as_ref()
                    .is_some_and(|(divisor, number)| !divisor.is_zero() && number.as_f64().is_some_and(|number| number > 0.0));
                if !is_positive {
                    self.error(place, "this is a number above 0");
                }
                rules.number.multiple_of = divisor;
            }
            "maximum" => rules.number.maximum = self.number(value, place),
            "exclusiveMaximum" => rules.number.exclusive_maximum = self.number(value, place),
            "minimum" => rules.number.minimum = self.number(value, place),
            "exclusiveMinimum" => rules.number.exclusive_minimum = self.number(value, place),
            "maxLength" => rules.text.max_length = self.count(value, place),
            "minLength" => rules.text.min_length = self.count(value, place),
            "pattern" => rules.text.pattern = self.text(value, place).and_then(|source| self.pattern(&source, place)),
            _ => return false,
        }
        true
    }

    fn read_object_or_array(&mut self, keyword: &str, value: &'s Value, place: &str, rules: &mut Rules) -> bool {
        let Rules { array, object, .. } = rules;
        match keyword {
            "prefixItems" => array.prefix = self.schemas(value, place),
            "items" if value.is_array() => {
                self.error_with_help(place, "a schema is an object, `true` or `false`", "write `prefixItems` for a list of schemas");
            }
            "items" => array.items = self.schema(value, place),
            "contains" => array.contains = self.schema(value, place),
            "minContains" => array.min_contains = self.count(value, place),
            "maxContains" => array.max_contains = self.count(value, place),
            "minItems" => array.min_items = self.count(value, place),
            "maxItems" => array.max_items = self.count(value, place),
            "uniqueItems" => match value.as_bool() {
                Some(unique) => array.unique = unique,
                None => self.error(place, "this is `true` or `false`"),
            },
            "unevaluatedItems" => array.unevaluated = self.schema(value, place),
            "required" => object.required = self.names(value, place),
            "minProperties" => object.min_properties = self.count(value, place),
            "maxProperties" => object.max_properties = self.count(value, place),
            "properties" => object.properties = self.named_schemas(value, place),
            "patternProperties" => {
                let named = self.named_schemas(value, place);
                object.patterns =
                    named.into_iter().filter_map(|(source, id)| Some((self.pattern(&source, &inside(place, &source))?, id))).collect();
            }
            "additionalProperties" => object.additional = self.schema(value, place),
            "propertyNames" => object.names = self.schema(value, place),
            "dependentRequired" => match value {
                Value::Object(members) => {
                    let names = members.iter().map(|(name, value)| (name.clone(), self.names(value, &inside(place, name))));
                    object.dependent_required = names.collect();
                }
                _ => self.error(place, "this is an object of lists of names"),
            },
            "dependentSchemas" => object.dependent_schemas = self.named_schemas(value, place),
            "unevaluatedProperties" => object.unevaluated = self.schema(value, place),
            _ => return false,
        }
        true
    }

    fn read_applicator(&mut self, keyword: &str, value: &'s Value, place: &str, rules: &mut Rules) -> bool {
        match keyword {
            "allOf" => rules.all_of = self.some_schemas(value, place),
            "anyOf" => rules.any_of = self.some_schemas(value, place),
            "oneOf" => rules.one_of = self.some_schemas(value, place),
            "not" => rules.not = self.schema(value, place),
            "if" => rules.condition = self.schema(value, place),
            "then" => rules.then = self.schema(value, place),
            "else" => rules.otherwise = self.schema(value, place),
            // What they hold is compiled where it stands, and applies where something refers to it.
            "$defs" | "definitions" => drop(self.named_schemas(value, place)),
            _ => return false,
        }
        true
    }

    fn schema(&mut self, value: &'s Value, place: &str) -> Option<NodeId> {
        Some(self.node(place.to_owned(), value))
    }

    fn schemas(&mut self, value: &'s Value, place: &str) -> Vec<NodeId> {
        let Value::Array(list) = value else {
            self.error(place, "this is a list of schemas");
            return Vec::new();
        };
        list.iter().enumerate().map(|(index, value)| self.node(format!("{place}/{index}"), value)).collect()
    }

    fn some_schemas(&mut self, value: &'s Value, place: &str) -> Vec<NodeId> {
        if value.as_array().is_some_and(Vec::is_empty) {
            self.error(place, "this needs at least one schema");
        }
        self.schemas(value, place)
    }

    fn named_schemas(&mut self, value: &'s Value, place: &str) -> BTreeMap<String, NodeId> {
        let Value::Object(members) = value else {
            self.error(place, "this is an object of schemas");
            return BTreeMap::new();
        };
        members.iter().map(|(name, value)| (name.clone(), self.node(inside(place, name), value))).collect()
    }

    fn types(&mut self, value: &Value, place: &str) -> Option<Types> {
        let names = match value {
            Value::Array(names) => names.iter().collect(),
            name => vec![name],
        };
        let types = names.iter().try_fold(Types::default(), |types, name| types.with(name.as_str()?)).filter(|_| !names.is_empty());
        if types.is_none() {
            self.error(place, &format!("this is one or more of {}", Types::NAMES.join(", ")));
        }
        types
    }

    fn number(&mut self, value: &Value, place: &str) -> Option<Number> {
        match value {
            Value::Number(number) => Some(number.clone()),
            _ => {
                self.error(place, "this is a number");
                None
            }
        }
    }

    /// Whole numbers may be written as `1.0`.
    fn count(&mut self, value: &Value, place: &str) -> Option<u64> {
        let number = value.as_number().and_then(crate::json_schema::number::as_integer).and_then(|number| u64::try_from(number).ok());
        if number.is_none() {
            self.error(place, "this is a whole number, 0 or more");
        }
        number
    }

    fn text(&mut self, value: &Value, place: &str) -> Option<String> {
        let text = value.as_str().map(str::to_owned);
        if text.is_none() {
            self.error(place, "this is a text");
        }
        text
    }

    fn names(&mut self, value: &Value, place: &str) -> Vec<String> {
        let names: Option<Vec<String>> =
            value.as_array().and_then(|names| names.iter().map(|name| name.as_str().map(str::to_owned)).collect());
        let is_sound = names.as_ref().is_some_and(|names| names.iter().collect::<BTreeSet<_>>().len() == names.len());
        if !is_sound {
            self.error(place, "this is a list of names, none of them twice");
        }
        names.unwrap_or_default()
    }

    fn pattern(&mut self, source: &str, place: &str) -> Option<Pattern> {
        match Pattern::compile(source, &mut self.patterns) {
            Ok(pattern) => Some(pattern),
            Err(error) => {
                self.error_with_help(
                    place,
                    &format!("this pattern cannot be used: {error}"),
                    "patterns run in time linear in the text: there is no look-around, no back-reference and no `\\p{…}`, and repetitions must not make them large",
                );
                None
            }
        }
    }
}
