//! What grows.

use std::fmt::Write;

use bytes::Bytes;
use serde_json::{Value, json};

use super::machine::Setup;

pub struct Axis {
    pub name: &'static str,
    pub title: &'static str,
    /// What the sizes count.
    pub unit: &'static str,
    pub sizes: &'static [usize],
    pub make: fn(usize) -> Setup,
}

pub const AXES: [Axis; 11] = [
    Axis { name: "services", title: "Services", unit: "Services", sizes: &[10, 100, 1000, 10_000], make: services },
    Axis {
        name: "routes",
        title: "Path routes, each of a Service of its own",
        unit: "routes",
        sizes: &[10, 100, 1000, 10_000],
        make: routes,
    },
    Axis { name: "rules", title: "Rules of a policy, the last of which allows", unit: "rules", sizes: &[1, 10, 100, 1000], make: rules },
    Axis {
        name: "configs",
        title: "Rules of dynamicConfig, the last of which applies",
        unit: "rules",
        sizes: &[1, 10, 100, 1000],
        make: configs,
    },
    Axis { name: "credentials", title: "Credentials in the store", unit: "credentials", sizes: &[10, 1000, 100_000], make: credentials },
    Axis { name: "groups", title: "Groups of the caller", unit: "groups", sizes: &[1, 10, 100, 1000], make: groups },
    Axis {
        name: "text",
        title: "Bodies of one long text",
        unit: "bytes",
        sizes: &[1000, 10_000, 100_000, 1_000_000, 10_000_000],
        make: text,
    },
    Axis {
        name: "values",
        title: "Bodies of many small values",
        unit: "bytes",
        sizes: &[1000, 10_000, 100_000, 1_000_000, 10_000_000],
        make: values,
    },
    Axis { name: "unread", title: "Bodies that no rule reads", unit: "bytes", sizes: &[1000, 100_000, 10_000_000], make: unread },
    Axis { name: "messages", title: "Messages of a conversation", unit: "messages", sizes: &[4, 40, 400, 4000], make: messages },
    Axis {
        name: "streams",
        title: "Streams under way at once, each with 20 events",
        unit: "streams",
        sizes: &[1, 10, 100, 1000],
        make: streams,
    },
];

const ALLOW: &str = r#"{"name": "engineers", "effect": "ALLOW", "condition": {"match": "'engineers' in ctx.user.spec.groups"}}"#;
/// As many as one may have.
const RULES_OF_A_POLICY: usize = 100;
const BY_MODEL: &str = r#"{"condition": {"match": "ctx.request.http.bodyMap.model == 'gpt-4o'"}, "configName": "main"}"#;

fn services(count: usize) -> Setup {
    let mut resources = base(&["engineers".to_owned()]);
    for number in 0..count {
        resources += &service(&format!("chat-{number}"), &policy(0, ALLOW), BY_MODEL, "");
    }
    Setup { host: format!("chat-{}.localhost", count - 1), ..setup(resources) }
}

fn routes(count: usize) -> Setup {
    let mut resources = base(&["engineers".to_owned()]);
    for number in 0..count - 1 {
        resources += &service(
            &format!("other-{number}"),
            &policy(0, ALLOW),
            BY_MODEL,
            &format!(r#", "routes": [{{"hosts": ["api.example.com"], "matches": [{{"path": {{"prefix": "/other-{number}"}}}}]}}]"#),
        );
    }
    resources += &service(
        "chat",
        &policy(0, ALLOW),
        BY_MODEL,
        r#", "routes": [{"hosts": ["api.example.com"], "matches": [{"path": {"prefix": "/v1"}}]}]"#,
    );
    Setup { host: "api.example.com".into(), ..setup(resources) }
}

fn rules(count: usize) -> Setup {
    let rule = |number: usize| {
        format!(
            r#"{{"name": "rule-{number}", "effect": "ALLOW", "condition": {{"match": "ctx.request.http.headers['x-team'] == 'team-{number}'"}}}}"#
        )
    };
    let mut all: Vec<String> = (1..count).map(rule).collect();
    all.push(ALLOW.to_owned());
    let policies: Vec<String> =
        all.chunks(RULES_OF_A_POLICY).enumerate().map(|(number, rules)| policy(number, &rules.join(", "))).collect();
    setup(base(&["engineers".to_owned()]) + &service("chat", &policies.join(", "), BY_MODEL, ""))
}

fn configs(count: usize) -> Setup {
    let mut all = String::new();
    for number in 1..count {
        let _ =
            write!(all, r#"{{"condition": {{"match": "ctx.request.http.bodyMap.model == 'model-{number}'"}}, "configName": "main"}}, "#);
    }
    setup(base(&["engineers".to_owned()]) + &service("chat", &policy(0, ALLOW), &(all + BY_MODEL), ""))
}

fn credentials(count: usize) -> Setup {
    Setup { credentials: count, ..setup(base(&["engineers".to_owned()]) + &service("chat", &policy(0, ALLOW), BY_MODEL, "")) }
}

fn groups(count: usize) -> Setup {
    let mut names: Vec<String> = (1..count).map(|number| format!("group-{number}")).collect();
    names.push("engineers".to_owned());
    setup(base(&names) + &service("chat", &policy(0, ALLOW), BY_MODEL, ""))
}

fn text(bytes: usize) -> Setup {
    with_body(&json!({"model": "gpt-4o", "messages": [{"role": "user", "content": "What a text. ".repeat(bytes / 13)}]}), true)
}

fn values(bytes: usize) -> Setup {
    with_body(&json!({"model": "gpt-4o", "numbers": vec![json!({"a": 1}); bytes / 8]}), true)
}

fn unread(bytes: usize) -> Setup {
    with_body(&json!({"model": "gpt-4o", "numbers": vec![json!({"a": 1}); bytes / 8]}), false)
}

fn messages(count: usize) -> Setup {
    let message = json!({"role": "user", "content": "And what do you think of the third point that I made? ".repeat(4)});
    with_body(&json!({"model": "gpt-4o", "messages": vec![message; count]}), true)
}

fn streams(count: usize) -> Setup {
    Setup { streams: count, ..setup(base(&["engineers".to_owned()]) + &service("chat", &policy(0, ALLOW), BY_MODEL, "")) }
}

fn with_body(body: &Value, is_read: bool) -> Setup {
    let rule = if is_read { BY_MODEL } else { r#"{"condition": {"matchAny": true}, "configName": "main"}"# };
    Setup { body: Bytes::from(body.to_string()), ..setup(base(&["engineers".to_owned()]) + &service("chat", &policy(0, ALLOW), rule, "")) }
}

fn setup(resources: String) -> Setup {
    let body = json!({"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello there."}]});
    Setup { resources, user: "app", credentials: 1, host: "chat.localhost".into(), body: Bytes::from(body.to_string()), streams: 0 }
}

fn base(groups: &[String]) -> String {
    let mut out = String::from(r#"{"kind": "Gateway", "metadata": {"name": "default"}, "spec": {"domain": "localhost"}}"#);
    for name in groups {
        let _ = write!(out, "\n---\n{{\"kind\": \"Group\", \"metadata\": {{\"name\": \"{name}\"}}, \"spec\": {{}}}}");
    }
    let _ = write!(out, "\n---\n{}", json!({"kind": "User", "metadata": {"name": "app"}, "spec": {"type": "WORKLOAD", "groups": groups}}));
    out
}

fn service(name: &str, policies: &str, config_rules: &str, more: &str) -> String {
    format!(
        r#"
---
{{"kind": "Service", "metadata": {{"name": "{name}"}}, "spec": {{"mode": "HTTP", "isPublic": true{more},
  "authorization": {{"inlinePolicies": [{policies}]}},
  "dynamicConfig": {{"configs": [{{"name": "main", "upstream": {{"url": "http://127.0.0.1:9"}}}}], "rules": [{config_rules}]}}}}}}"#
    )
}

fn policy(number: usize, rules: &str) -> String {
    format!(r#"{{"name": "policy-{number}", "spec": {{"rules": [{rules}]}}}}"#)
}
