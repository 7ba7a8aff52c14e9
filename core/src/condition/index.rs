use std::collections::BTreeMap;

use super::Condition;
use crate::context::Context;
use crate::expression::{Found, Guard, Path};

/// Which conditions of a list a request can fulfil, so that the others need not be evaluated: however many compare the same value
/// with different texts, that costs one look-up.
///
/// What it leaves out does not apply and cannot fail; what depends on more is left to evaluation.
#[derive(Debug, Default)]
pub struct Index {
    /// The places of the conditions that are always evaluated.
    always: Vec<usize>,
    keys: Vec<Key>,
}

/// What conditions are found by. Places are in order.
#[derive(Debug)]
struct Key {
    path: Path,
    by_text: BTreeMap<String, Vec<usize>>,
    /// Where the path leads to nothing.
    if_missing: Vec<usize>,
    all: Vec<usize>,
}

/// Each step of a request goes through the keys, and so does each condition that is added.
const MAX_KEYS: usize = 64;

impl Index {
    pub fn new(conditions: &[&Condition]) -> Self {
        let mut index = Self::default();
        let guards: Vec<Vec<(usize, Guard)>> = conditions
            .iter()
            .enumerate()
            .map(|(place, condition)| condition.guards().into_iter().filter_map(|guard| index.add(place, guard)).collect())
            .collect();
        // A condition is found by the one of its comparisons that it shares with the fewest.
        let rarest = |guards: &Vec<(usize, Guard)>| {
            let (key, guard) = guards.iter().min_by_key(|(key, guard)| index.shared(*key, guard))?;
            Some((*key, guard.or_missing))
        };
        let chosen: Vec<Option<(usize, bool)>> = guards.iter().map(rarest).collect();
        for (place, chosen) in chosen.iter().enumerate() {
            let Some((key, or_missing)) = chosen.and_then(|(key, or_missing)| Some((index.keys.get_mut(key)?, or_missing))) else {
                index.always.push(place);
                continue;
            };
            key.all.push(place);
            if !or_missing {
                key.if_missing.push(place);
            }
        }
        for key in &mut index.keys {
            key.by_text.values_mut().for_each(|places| places.retain(|place| key.all.binary_search(place).is_ok()));
        }
        index.keys.retain(|key| !key.all.is_empty());
        index
    }

    /// The places of the conditions to evaluate, in order. Nothing is read before the first condition that reads it would be. Whoever
    /// [listens](Context::listener) hears of all.
    pub fn candidates<'i>(&'i self, context: &'i Context<'i>) -> impl Iterator<Item = usize> {
        let unread = |key: &'i Key| Group { unread: context.listener.is_none().then_some(key), places: &key.all };
        let always = Group { unread: None, places: &self.always };
        let mut groups: Vec<Group<'i>> = self.keys.iter().map(unread).chain([always]).collect();
        std::iter::from_fn(move || {
            loop {
                let next = groups.iter_mut().filter(|group| !group.places.is_empty()).min_by_key(|group| group.places.first())?;
                if let Some(key) = next.unread.take() {
                    next.places = key.places(context);
                } else {
                    let (place, others) = next.places.split_first()?;
                    next.places = others;
                    return Some(*place);
                }
            }
        })
    }

    /// Notes the place under the guard's key; `None` where there are too many keys.
    fn add(&mut self, place: usize, guard: Guard) -> Option<(usize, Guard)> {
        let number = self.keys.iter().position(|key| key.path == guard.path).unwrap_or(self.keys.len());
        if number == MAX_KEYS {
            return None;
        }
        if number == self.keys.len() {
            let path = guard.path.clone();
            self.keys.push(Key { path, by_text: BTreeMap::new(), if_missing: Vec::new(), all: Vec::new() });
        }
        let key = self.keys.get_mut(number)?;
        for text in &guard.texts {
            let places = key.by_text.entry(text.clone()).or_default();
            if places.last() != Some(&place) {
                places.push(place);
            }
        }
        Some((number, guard))
    }

    /// With how many conditions the guard shares one of its texts, at most.
    fn shared(&self, key: usize, guard: &Guard) -> usize {
        let places = |text| self.keys.get(key)?.by_text.get(text);
        guard.texts.iter().filter_map(places).map(Vec::len).max().unwrap_or(0)
    }
}

/// Conditions with the same key, and which of them are still to come.
struct Group<'i> {
    unread: Option<&'i Key>,
    places: &'i [usize],
}

impl Key {
    /// Of the conditions to evaluate.
    fn places(&self, context: &Context<'_>) -> &[usize] {
        match self.path.find(context) {
            Found::Text(text) => self.by_text.get(&*text).map_or(&[], Vec::as_slice),
            Found::Missing => &self.if_missing,
            Found::Other => &self.all,
        }
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};
    use serde_json::json;

    use super::*;
    use crate::context::Request;
    use crate::problem::Problems;
    use crate::testing::{bare, test};

    const CONDITIONS: [&str; 8] = [
        r#"{"match": "ctx.request.http.headers['x-a'] == 'a'"}"#,
        r#"{"match": "ctx.request.http.bodyMap.model == 'm'"}"#,
        r#"{"match": "ctx.request.http.headers['x-a'] in ['b', 'c', 'b'] && true"}"#,
        r#"{"not": "ctx.request.http.headers['x-a'] == 'a'"}"#,
        r#"{"all": {"of": [{"match": "ctx.request.http.headers['x-a'] == 'b'"}, {"match": "true"}]}}"#,
        r#"{"any": {"of": [{"match": "ctx.request.http.headers['x-a'] == 'a'"}, {"match": "'c' == ctx.request.http.headers['x-a']"}]}}"#,
        r#"{"all": {"of": [{"match": "true"}, {"match": "ctx.request.http.headers['x-a'] == 'a'"}]}}"#,
        r#"{"match": "ctx.request.http.bodyMap.model == 'm' && ctx.request.http.headers['x-a'] == 'rare'"}"#,
    ];

    #[test]
    fn only_what_may_apply_is_a_candidate() {
        let compile = |json: &&str| Condition::compile(&serde_json::from_str(json).unwrap(), &mut Problems::new()).unwrap();
        let conditions: Vec<Condition> = CONDITIONS.iter().map(compile).collect();
        let index = Index::new(&conditions.iter().collect::<Vec<_>>());
        let table = [
            (Some("a"), json!({"model": "m"}), vec![0, 1, 3, 5, 6]),
            (Some("b"), json!({"model": "n"}), vec![2, 3, 4, 6]),
            (Some("c"), json!({"model": 1}), vec![1, 2, 3, 5, 6]),
            (Some("rare"), json!({}), vec![3, 6, 7]),
            (None, json!({"model": "m"}), vec![1, 2, 3, 6, 7]),
        ];
        for (header, body, expected) in table {
            let mut headers = HeaderMap::new();
            headers.extend(header.map(|value| (http::HeaderName::from_static("x-a"), HeaderValue::from_static(value))));
            let context = Context::new(Request { body_map: Some(&body), ..bare(&headers) });
            assert_eq!(index.candidates(&context).collect::<Vec<_>>(), expected, "{header:?} {body}");
        }
    }

    #[test]
    fn there_may_be_more_paths_than_are_looked_up() {
        let condition = |number: usize| {
            let source = json!({"match": format!("ctx.request.http.headers['x-{number}'] == 'a'")});
            Condition::compile(&serde_json::from_value(source).unwrap(), &mut Problems::new()).unwrap()
        };
        let conditions: Vec<Condition> = (0..MAX_KEYS + 2).map(condition).collect();
        let headers = HeaderMap::new();
        let context = Context::new(bare(&headers));
        assert_eq!(Index::new(&conditions.iter().collect::<Vec<_>>()).candidates(&context).collect::<Vec<_>>(), [MAX_KEYS, MAX_KEYS + 1]);
    }
}
