//! The steps as lines for people.

use serde_json::Value;

/// Characters of a value that are shown.
const MAX_VALUE: usize = 160;

/// One line a step, with what belongs to it indented below.
pub fn text(steps: &[Value]) -> String {
    let mut out = String::new();
    for step in steps {
        for (depth, line) in lines(step) {
            out.push_str(&"  ".repeat(depth));
            out.push_str(line.trim_end());
            out.push('\n');
        }
    }
    out
}

fn lines(step: &Value) -> Vec<(usize, String)> {
    let at = |name: &str| word(step.get(name));
    match step.get("step").and_then(Value::as_str).unwrap_or_default() {
        "request" => vec![(0, format!("{} {}", at("method"), at("url")))],
        "route" => {
            let route = step.get("route").map(|_| format!(", by the route {}", at("route"))).unwrap_or_default();
            vec![(0, labelled("service", format!("{}, path {}{route}", at("service"), at("path"))))]
        }
        "caller" if step.get("isAnonymous").is_some() => vec![(0, labelled("caller", "nobody has to say who they are"))],
        "caller" => {
            let groups = names(step.get("groups"));
            let groups = if groups.is_empty() { "no groups".to_owned() } else { format!("groups {groups}") };
            vec![(0, labelled("caller", format!("user {}, {groups}, credential {}", at("user"), at("credential"))))]
        }
        "policies" => {
            let policies: Vec<String> = step.get("policies").and_then(Value::as_array).into_iter().flatten().map(policy).collect();
            let policies = if policies.is_empty() { "none applies".to_owned() } else { policies.join("; ") };
            vec![(0, labelled("policies", policies))]
        }
        "body" => match step.get("bytesRead").and_then(Value::as_u64) {
            Some(bytes) => vec![(0, labelled("body", format!("{bytes} bytes read, as a rule reads it")))],
            None => vec![(0, labelled("body", "not read: there is none, or no rule reads it"))],
        },
        "enforcementRule" => {
            vec![(0, labelled("in force?", format!("{} if, of {}", at("effect"), policy(step.get("policy").unwrap_or(&Value::Null)))))]
        }
        "rule" => {
            let name = step.get("name").and_then(Value::as_str).map(|name| format!(" {name:?}")).unwrap_or_default();
            let of = policy(step.get("policy").unwrap_or(&Value::Null));
            vec![(0, labelled("rule", format!("{}{name}, priority {}, of {of}", at("effect"), at("priority"))))]
        }
        "decision" => vec![(0, labelled("decision", decision(step)))],
        "configRule" => vec![(0, labelled("config?", format!("rule {} of dynamicConfig", at("index"))))],
        "config" => {
            let name = step.get("name").and_then(Value::as_str).unwrap_or("the default one");
            vec![(0, labelled("config", name))]
        }
        "configOfPools" => {
            let name = step.get("name").and_then(Value::as_str).unwrap_or("the default one");
            vec![(0, labelled("pool", name))]
        }
        "plugin" => vec![(0, labelled("plugin", format!("{} ({}, {})", at("name"), at("kind"), at("phase"))))],
        "pluginEnded" => vec![(5, format!("=> {}", at("outcome")))],
        "expression" => expression(step),
        "upstream" => upstream(step),
        "answer" => answer(step),
        other => vec![(0, labelled(other, step.to_string()))],
    }
}

fn labelled(label: &str, text: impl AsRef<str>) -> String {
    format!("{label:<10}{}", text.as_ref())
}

fn decision(step: &Value) -> &'static str {
    let is = |name: &str| step.get(name).and_then(Value::as_bool).unwrap_or(false);
    match (is("isAllowed"), is("byRule"), is("isAnonymous")) {
        (_, _, true) => "allowed: no policy is asked for an anonymous Service",
        (true, ..) => "allowed by the rule above",
        (false, true, _) => "denied by the rule above",
        (false, false, _) => "denied: no rule applies",
    }
}

fn expression(step: &Value) -> Vec<(usize, String)> {
    let is_not = step.get("keyword").and_then(Value::as_str) == Some("not");
    let result = match step.get("result") {
        Some(Value::Bool(value)) if is_not => format!("{value}, so `not` is {}", !value),
        Some(Value::Bool(value)) => value.to_string(),
        Some(Value::String(_)) => "something that it reads is missing, which counts as false".to_owned(),
        Some(other) => format!("fails: {}", word(other.get("error"))),
        None => String::new(),
    };
    let mut lines = vec![(5, format!("{}: {}", word(step.get("keyword")), word(step.get("source")).trim())), (5, format!("=> {result}"))];
    for value in step.get("values").and_then(Value::as_array).into_iter().flatten() {
        let seen = match value.get("value") {
            None | Some(Value::Null) => "(missing)".to_owned(),
            Some(value) => shortened(&value.to_string()),
        };
        lines.push((7, format!("{} = {seen}", word(value.get("text")))));
    }
    lines
}

fn upstream(step: &Value) -> Vec<(usize, String)> {
    let mut lines = vec![(0, labelled("upstream", format!("{} {} (not sent)", word(step.get("method")), word(step.get("url")))))];
    if let Some(host) = step.get("host") {
        lines.push((5, format!("host: {}", word(Some(host)))));
    }
    for (name, value) in step.get("headers").and_then(Value::as_object).into_iter().flatten() {
        let values: Vec<&Value> = value.as_array().map_or_else(|| vec![value], |list| list.iter().collect());
        lines.extend(values.into_iter().map(|value| (5, format!("{name}: {}", word(Some(value))))));
    }
    if let Some(body) = step.get("body") {
        lines.push((0, String::new()));
        lines.push((5, word(Some(body))));
    }
    lines
}

fn answer(step: &Value) -> Vec<(usize, String)> {
    let status = word(step.get("status"));
    let is_from_upstream = step.get("isFromUpstream").and_then(Value::as_bool).unwrap_or(false);
    let body = step.get("body").filter(|_| is_from_upstream).map(|body| [(0, String::new()), (5, word(Some(body)))]);
    if is_from_upstream {
        let text = if body.is_some() { format!("{status}, the upstream's") } else { "the upstream's".to_owned() };
        return [(0, labelled("answer", text))].into_iter().chain(body.into_iter().flatten()).collect();
    }
    let mut lines = vec![(0, labelled("answer", format!("{status}, from the gateway")))];
    if let Some(plugin) = step.get("plugin") {
        lines.push((5, format!("by the plugin {}", word(Some(plugin)))));
    }
    if let Some(reason) = step.get("reason") {
        lines.push((5, format!("reason {}", word(Some(reason)))));
    }
    if let Some(error) = step.get("error") {
        lines.push((5, format!("{}: {}", word(error.get("kind")), word(error.get("detail")))));
    }
    if let Some(note) = step.get("note") {
        lines.push((5, word(Some(note))));
    }
    lines
}

/// A policy as the access log names it, in words.
fn policy(reference: &Value) -> String {
    let text = |pointer: &str| word(reference.pointer(pointer));
    if reference.get("policy").is_some() {
        return format!("policy {}", text("/policy/policyRef/name"));
    }
    let (kind, owner) = (text("/inlinePolicy/resourceRef/kind"), text("/inlinePolicy/resourceRef/name"));
    format!("inline policy {} of {kind} {owner}", text("/inlinePolicy/name"))
}

fn names(list: Option<&Value>) -> String {
    list.and_then(Value::as_array).into_iter().flatten().map(|name| word(Some(name))).collect::<Vec<_>>().join(", ")
}

fn word(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "-".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(MAX_VALUE) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
