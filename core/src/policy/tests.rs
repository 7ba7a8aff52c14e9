use http::HeaderMap;
use serde_json::json;

use super::*;
use crate::context::{Context, Request};
use crate::expression::Failure;
use crate::platform::Timestamp;
use crate::resource::Authorization;
use crate::snapshot::Snapshot;
use crate::testing::{bare, test};

/// A rule written short: `ALLOW`, `DENY-1` (priority -1), with a condition in CEL.
fn rule(effect: &str, condition: &str) -> serde_json::Value {
    let (effect, priority) = match effect.find(['-', '+']) {
        Some(at) => (&effect[..at], effect[at..].parse::<i32>().unwrap()),
        None => (effect, 0),
    };
    json!({"name": format!("{effect}:{condition}"), "effect": effect, "priority": priority, "condition": {"match": condition}})
}

fn snapshot(policies: &[(&str, serde_json::Value)]) -> Snapshot {
    let table: serde_json::Map<_, _> = policies
        .iter()
        .map(|(name, spec)| ((*name).to_owned(), json!({"kind": "Policy", "metadata": {"name": name}, "spec": spec})))
        .collect();
    let json = json!({
        "format": 1, "generation": 1, "domain": "localhost", "gateway": {"kind": "Gateway", "metadata": {"name": "default"}, "spec": {}},
        "services": {}, "namespaces": {}, "users": {}, "groups": {}, "policies": table, "credentials": {}, "secrets": {},
    });
    Snapshot::from_json(&json.to_string()).unwrap()
}

fn ask(snapshot: &Snapshot, authorization: serde_json::Value) -> Result<Decision, String> {
    let authorization: Authorization = serde_json::from_value(authorization).unwrap();
    let owner = Owner { kind: "Service", name: "a.default", authorization: &authorization };
    let policies = PolicyBook::default().collect(snapshot, [owner].into_iter()).map_err(|unknown| unknown.to_string())?;
    let headers = HeaderMap::new();
    let request = Request { method: "POST", ..bare(&headers) };
    let mut context = Context::new(request);
    context.service = Some(std::sync::Arc::new(json!({"spec": {"mode": "HTTP"}})));
    decide(&policies, &context, Timestamp(0)).map_err(|failure: Failure| failure.to_string())
}

fn inline(rules: &[(&str, &str)]) -> serde_json::Value {
    let rules: Vec<_> = rules.iter().map(|(effect, condition)| rule(effect, condition)).collect();
    json!({"inlinePolicies": [{"name": "p", "spec": {"rules": rules}}]})
}

#[test]
fn ranks_rules() {
    let empty = snapshot(&[]);
    let table: [(&[(&str, &str)], Option<bool>); 9] = [
        (&[], Some(false)),
        (&[("ALLOW", "true")], Some(true)),
        (&[("ALLOW", "false")], Some(false)),
        (&[("ALLOW", "true"), ("DENY", "true")], Some(false)),
        (&[("ALLOW-1", "true"), ("DENY", "true")], Some(true)),
        (&[("ALLOW", "true"), ("DENY+1", "true")], Some(true)),
        (&[("ALLOW", "true"), ("DENY", "ctx.request.http.method > 1")], None),
        (&[("ALLOW", "true"), ("DENY+1", "ctx.request.http.method > 1")], Some(true)),
        (&[("ALLOW", "ctx.user.spec.email == 'a'")], Some(false)),
    ];
    for (rules, expected) in table {
        assert_eq!(ask(&empty, inline(rules)).ok().map(|decision| decision.allowed), expected, "{rules:?}");
    }
}

#[test]
fn says_which_rule_decided() {
    let empty = snapshot(&[]);
    let matched = |authorization| ask(&empty, authorization).unwrap().matched;
    assert_eq!(
        matched(inline(&[("ALLOW-2", "true")])),
        Some(json!({
            "inlinePolicy": {"resourceRef": {"apiVersion": "core/v1", "kind": "Service", "name": "a.default"}, "name": "p"},
            "ruleName": "ALLOW:true", "priority": -2,
        }))
    );
    assert_eq!(
        matched(json!({"policies": ["allow-all"]})),
        Some(
            json!({"policy": {"policyRef": {"apiVersion": "core/v1", "kind": "Policy", "name": "allow-all"}}, "ruleName": "allow-all", "priority": 0})
        )
    );
    assert_eq!(matched(json!({})), None);
}

#[test]
fn enforcement_puts_policies_in_and_out_of_force() {
    let enforcement = |effects: &[&str]| {
        let rules: Vec<_> = effects.iter().map(|effect| json!({"effect": effect, "condition": {"matchAny": true}})).collect();
        let spec = json!({"rules": [rule("DENY", "true")], "enforcementRules": rules});
        let snapshot = snapshot(&[("denies", spec)]);
        ask(&snapshot, json!({"policies": ["allow-all", "denies"]})).unwrap().allowed
    };
    assert!(!enforcement(&[]));
    assert!(enforcement(&["IGNORE"]));
    assert!(!enforcement(&["ENFORCE"]));
    assert!(!enforcement(&["IGNORE", "ENFORCE"]));
}

#[test]
fn parents_come_with_their_children() {
    let spec = |effect: &str| json!({"rules": [rule(effect, "true")]});
    let snapshot = snapshot(&[("b.a", spec("ALLOW")), ("a", spec("DENY-1"))]);
    assert!(!ask(&snapshot, json!({"policies": ["b.a"]})).unwrap().allowed);
    assert_eq!(ancestors("c.b.a").collect::<Vec<_>>(), ["c.b.a", "b.a", "a"]);
}

#[test]
fn disabled_ones_are_skipped_and_missing_ones_refused() {
    let snapshot = snapshot(&[("off", json!({"isDisabled": true, "rules": [rule("DENY", "true")]}))]);
    assert!(ask(&snapshot, json!({"policies": ["allow-all", "off"]})).unwrap().allowed);
    assert!(ask(&snapshot, json!({"policies": ["allow-all", "gone"]})).is_err());
}

#[test]
fn attrs_belong_to_the_policy() {
    let spec = |value: i32| json!({"attrs": {"limit": value}, "rules": [rule("ALLOW", "attrs.limit == 7")]});
    let snapshot = snapshot(&[("seven", spec(7)), ("eight", spec(8))]);
    assert!(ask(&snapshot, json!({"policies": ["seven"]})).unwrap().allowed);
    assert!(!ask(&snapshot, json!({"policies": ["eight"]})).unwrap().allowed);
}

#[test]
fn the_builtin_read_only_policy() {
    let decision = ask(&snapshot(&[]), json!({"policies": ["allow-all", "http-read-only"]})).unwrap();
    assert!(!decision.allowed, "a POST is no reading");
    assert!(is_builtin("http-read-only") && !is_builtin("nope"));
}
