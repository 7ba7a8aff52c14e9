//! However rules are found, the decision is that of asking each of them in turn.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};

use super::*;
use crate::condition::Condition;
use crate::context::{Context, Request};
use crate::explain::{Listener, Step};
use crate::expression::Failure;
use crate::platform::Timestamp;
use crate::problem::Problems;
use crate::resource::{self, Authorization, Effect, Enforcement};
use crate::snapshot::Snapshot;
use crate::testing::{bare, test};

/// A small deterministic generator (xorshift64): the tests need variety, not quality.
struct Random(Cell<u64>);

impl Random {
    fn below(&self, bound: usize) -> usize {
        let mut state = self.0.get();
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        self.0.set(state);
        (state % bound as u64) as usize
    }

    fn of<T: Copy>(&self, values: &[T]) -> T {
        values[self.below(values.len())]
    }
}

/// Texts, what is none, null, and what goes through those.
const PATHS: [&str; 8] = [
    "ctx.request.http.headers['x-a']",
    "ctx.request.http.headers['x-b']",
    "ctx.request.http.bodyMap.model",
    "ctx['request'].http.bodyMap['model']",
    "ctx.request.http.bodyMap.model.name",
    "ctx.request.http.queryParams.q",
    "ctx.request.http.size",
    "ctx.user.metadata.name",
];
const TEXTS: [&str; 3] = ["a", "b", "c"];

fn expression(random: &Random, depth: usize) -> String {
    let (path, text, other) = (random.of(&PATHS), random.of(&TEXTS), random.of(&TEXTS));
    let inner = || expression(random, depth - 1);
    match random.below(if depth == 0 { 10 } else { 18 }) {
        0..4 => format!("{path} == '{text}'"),
        4 => format!("'{text}' == {path}"),
        5 => format!("{path} in ['{text}', '{other}']"),
        6 => format!("{path} != '{text}'"),
        7 => format!("{path} > 'a'"),
        8 => format!("has({})", PATHS[4]),
        9 => random.of(&["true", "false", "has(ctx.user.metadata).name == 'a'"]).to_owned(),
        10..14 => format!("({}) && ({})", inner(), inner()),
        14..17 => format!("({}) || ({})", inner(), inner()),
        _ => format!("!({})", inner()),
    }
}

fn condition(random: &Random, depth: usize) -> Value {
    let kind = random.of(if depth == 0 { &["match", "match", "not"] } else { &["match", "all", "any", "none"] });
    match kind {
        "match" | "not" => json!({ kind: expression(random, 2) }),
        _ => json!({ kind: {"of": (0..random.below(4)).map(|_| condition(random, depth - 1)).collect::<Vec<_>>()} }),
    }
}

/// One that compiles: what fails for every request does not.
fn usable(random: &Random) -> Value {
    let compiles = |source: &Value| Condition::compile(&serde_json::from_value(source.clone()).unwrap(), &mut Problems::new()).is_some();
    std::iter::repeat_with(|| condition(random, random.of(&[0, 0, 2]))).find(compiles).unwrap()
}

fn policy(random: &Random) -> Value {
    let rule = |number| {
        json!({
            "name": format!("rule-{number}"), "effect": random.of(&["ALLOW", "DENY"]), "priority": random.of(&[-1, 0, 0, 0]),
            "condition": usable(random),
        })
    };
    let enforcement = |_| json!({"effect": random.of(&["ENFORCE", "IGNORE"]), "condition": usable(random)});
    json!({
        "rules": (0..random.below(12)).map(rule).collect::<Vec<_>>(),
        "enforcementRules": (0..random.of(&[0, 0, 1, 2])).map(enforcement).collect::<Vec<_>>(),
    })
}

/// What the decision is to be: whether and by which rule of which policy, and how many rules were asked.
type Asked = (Result<Option<(bool, String)>, String>, usize);

fn in_turn(policies: &[resource::Policy], context: &Context<'_>) -> Asked {
    let mut asked = 0;
    let mut decide = || -> Result<_, Failure> {
        let applies = |source: &resource::Condition| {
            let condition = Condition::compile(source, &mut Problems::new()).unwrap();
            condition.applies(context, Some(&json!({})), Timestamp(0))
        };
        let mut rules = Vec::new();
        for (number, policy) in policies.iter().enumerate() {
            let first = |effect| {
                let mut of = policy.enforcement_rules.iter().filter(move |rule| rule.effect == effect);
                of.try_fold(false, |found, rule| Ok::<_, Failure>(found || applies(&rule.condition)?))
            };
            if first(Enforcement::Enforce)? || !first(Enforcement::Ignore)? {
                rules.extend(policy.rules.iter().map(|rule| (number, rule)));
            }
        }
        rules.sort_by_key(|(_, rule)| (rule.priority, rule.effect == Effect::Allow));
        for (number, rule) in rules {
            asked += 1;
            if applies(&rule.condition)? {
                return Ok(Some((rule.effect == Effect::Allow, format!("{number}: {}", rule.name.clone().unwrap()))));
            }
        }
        Ok(None)
    };
    (decide().map_err(|failure| failure.to_string()), asked)
}

fn decided(policies: &[Attached], context: &Context<'_>) -> Result<Option<(bool, String)>, String> {
    let decision = decide(policies, context, Timestamp(0)).map_err(|failure| failure.to_string())?;
    Ok(decision.matched.map(|matched| {
        let text = |pointer| matched.pointer(pointer).and_then(Value::as_str).unwrap();
        (decision.allowed, format!("{}: {}", text("/inlinePolicy/name"), text("/ruleName")))
    }))
}

#[derive(Debug, Default)]
struct Counter(AtomicUsize);

impl Listener for Counter {
    fn step(&self, step: &Step<'_>) {
        if matches!(step, Step::Rule { .. }) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[test]
fn a_decision_is_that_of_asking_each_rule_in_turn() {
    let random = Random(Cell::new(7));
    let snapshot = Snapshot::from_json(
        &json!({
            "format": 1, "generation": 1, "domain": "localhost", "gateway": {"kind": "Gateway", "metadata": {"name": "default"}, "spec": {}},
            "services": {}, "namespaces": {}, "users": {}, "groups": {}, "policies": {}, "credentials": {}, "secrets": {},
        })
        .to_string(),
    )
    .unwrap();
    let models = [json!("a"), json!("b"), json!("z"), json!(1), json!(null), json!(["a"]), json!({"name": "a"})];
    let bodies: Vec<Value> = models.into_iter().map(|model| json!({ "model": model })).chain([json!({})]).collect();
    let mut seen = [0; 4];
    for _ in 0..400 {
        let specs: Vec<Value> = (0..=random.below(3)).map(|_| policy(&random)).collect();
        let inline: Vec<Value> = specs.iter().enumerate().map(|(number, spec)| json!({"name": number.to_string(), "spec": spec})).collect();
        let authorization: Authorization = serde_json::from_value(json!({ "inlinePolicies": inline })).unwrap();
        let owner = Owner { kind: "Service", name: "a.default", authorization: &authorization };
        let attached = PolicyBook::default().collect(&snapshot, [owner].into_iter()).unwrap();
        let sources: Vec<resource::Policy> = specs.iter().map(|spec| serde_json::from_value(spec.clone()).unwrap()).collect();
        for _ in 0..8 {
            let mut headers = HeaderMap::new();
            for name in ["x-a", "x-b"].into_iter().filter(|_| random.below(4) > 0) {
                headers.insert(HeaderName::from_static(name), HeaderValue::from_static(random.of(&TEXTS)));
            }
            let request = Request {
                size: Some(1),
                query: random.of(&["", "q=a", "q=b"]),
                body_map: Some(&bodies[random.below(bodies.len())]),
                ..bare(&headers)
            };
            let mut context = Context::new(request);
            context.user = random.of(&[None, Some("a"), Some("b")]).map(|name| Arc::new(json!({"metadata": {"name": name}})));
            let (expected, asked) = in_turn(&sources, &context);
            assert_eq!(decided(&attached, &context), expected, "{specs:?} {context:?}");
            let counter = Arc::new(Counter::default());
            context.listener = Some(counter.clone());
            assert_eq!(decided(&attached, &context), expected, "{specs:?} {context:?}");
            assert_eq!(counter.0.load(Ordering::Relaxed), asked, "{specs:?} {context:?}");
            let kind = expected.map_or(0, |matched| matched.map_or(1, |(allowed, _)| 2 + usize::from(allowed)));
            seen[kind] += 1;
        }
    }
    assert!(seen.iter().all(|count| *count > 300), "too few of a kind to tell anything: {seen:?}");
}
