//! What requests a route is for, between Gloo's words and the gateway's own.

use serde_json::{Map, Value, json};

use super::world::World;
use crate::gloo::document::{HeaderMatch, Matcher, QueryMatch};
use crate::gloo::{At, Found};

/// What a request must be like; all of it.
#[derive(Debug, Clone)]
pub struct Match {
    pub at: At,
    pub path: Option<PathMatch>,
    pub methods: Vec<String>,
    pub headers: Vec<Value>,
    pub query: Vec<Value>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathMatch {
    pub kind: PathKind,
    pub text: String,
    pub ignore_case: bool,
}

/// In the order in which tables of one weight have them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PathKind {
    Exact,
    Regex,
    Prefix,
}

impl Match {
    /// Every request.
    pub fn all(at: &At) -> Self {
        Self { at: at.clone(), path: None, methods: Vec::new(), headers: Vec::new(), query: Vec::new() }
    }

    /// Reads a table's matcher; what is wrong with it is told.
    pub fn of_table(matcher: &Matcher, at: &At, world: &mut World<'_>) -> Self {
        let mut methods = matcher.methods.clone();
        methods.extend(matcher.method.clone());
        Self {
            at: at.clone(),
            path: path(matcher, at, world),
            methods,
            headers: matcher
                .headers
                .iter()
                .enumerate()
                .filter_map(|(n, header)| header_match(header, &at.field("headers").item(n), world))
                .collect(),
            query: matcher.query_parameters.iter().map(query_match).collect(),
        }
    }

    /// As the gateway has it. A prefix that is to be replaced has to be there.
    pub fn to_json(&self, with_prefix: bool) -> Value {
        let mut json = Map::new();
        let all = PathMatch { kind: PathKind::Prefix, text: "/".to_owned(), ignore_case: false };
        if let Some(path) = self.path.as_ref().or(with_prefix.then_some(&all)) {
            json.insert("path".to_owned(), path.to_json());
        }
        for (field, values) in [("headers", &self.headers), ("query", &self.query)] {
            if !values.is_empty() {
                json.insert(field.to_owned(), values.clone().into());
            }
        }
        if !self.methods.is_empty() {
            json.insert("methods".to_owned(), self.methods.clone().into());
        }
        json.into()
    }

    /// What meets both this one, of a route that delegates, and one of a route it delegates to. Nothing when no request can.
    pub fn with_child(&self, child: &Self) -> Option<Self> {
        let path = match (&self.path, &child.path) {
            (Some(parent), Some(child)) if parent.holds(child) => Some(child.clone()),
            (Some(_), Some(_)) => return None,
            (parent, child) => child.clone().or_else(|| parent.clone()),
        };
        let methods = match (self.methods.is_empty(), child.methods.is_empty()) {
            (true, _) => child.methods.clone(),
            (false, true) => self.methods.clone(),
            (false, false) => {
                let both: Vec<String> = child.methods.iter().filter(|method| self.methods.contains(method)).cloned().collect();
                if both.is_empty() {
                    return None;
                }
                both
            }
        };
        let joined = |ours: &[Value], theirs: &[Value]| [ours, theirs].concat();
        Some(Self {
            at: child.at.clone(),
            path,
            methods,
            headers: joined(&self.headers, &child.headers),
            query: joined(&self.query, &child.query),
        })
    }
}

impl PathMatch {
    fn to_json(&self) -> Value {
        let field = match self.kind {
            PathKind::Exact => "exact",
            PathKind::Regex => "regex",
            PathKind::Prefix => "prefix",
        };
        if self.ignore_case { json!({ field: self.text, "ignoreCase": true }) } else { json!({ field: self.text }) }
    }

    /// Whether every path of the other one begins with this prefix. Of a regex only its plain beginning can be known.
    fn holds(&self, child: &Self) -> bool {
        let prefix = self.text.trim_end_matches('/');
        let text = child.text.strip_prefix('^').filter(|_| child.kind == PathKind::Regex).unwrap_or(&child.text);
        let is_within = text.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        match self.kind {
            PathKind::Prefix => is_within,
            PathKind::Exact | PathKind::Regex => self == child,
        }
    }
}

fn path(matcher: &Matcher, at: &At, world: &mut World<'_>) -> Option<PathMatch> {
    let uri = matcher.uri.clone().unwrap_or_default();
    let ignore_case = uri.ignore_case || matcher.case_sensitive == Some(false);
    let written = [
        (PathKind::Prefix, uri.prefix, "uri.prefix"),
        (PathKind::Exact, uri.exact, "uri.exact"),
        (PathKind::Regex, uri.regex, "uri.regex"),
        (PathKind::Prefix, matcher.prefix.clone(), "prefix"),
        (PathKind::Exact, matcher.exact.clone(), "exact"),
        (PathKind::Regex, matcher.regex.clone(), "regex"),
    ];
    let mut found = None;
    for (kind, text, field) in written {
        let Some(text) = text else { continue };
        if found.is_some() {
            world.error(&at.field(field), "a matcher has one of `prefix`, `exact` and `regex`");
        }
        found = Some(PathMatch { kind, text, ignore_case });
    }
    found
}

fn header_match(header: &HeaderMatch, at: &At, world: &mut World<'_>) -> Option<Value> {
    let name = header.name.as_str();
    if name.starts_with(':') || name.eq_ignore_ascii_case("host") {
        let help = if name == ":method" { "use `method`" } else { "use `hosts`, or the `uri` of the matcher" };
        world.tell(Found::error(&at.field("name"), format!("`{name}` cannot be matched as a header")).with_help(help));
        return None;
    }
    let mut json = json!({ "name": name });
    value_match(&mut json, header.value.as_deref(), header.regex);
    if header.invert_match {
        insert(&mut json, "invert", true);
    }
    Some(json)
}

fn query_match(parameter: &QueryMatch) -> Value {
    let mut json = json!({ "name": parameter.name });
    value_match(&mut json, parameter.value.as_deref(), parameter.regex);
    json
}

/// Without a value, or with an empty one, being there is enough.
fn value_match(json: &mut Value, value: Option<&str>, is_regex: bool) {
    if let Some(value) = value.filter(|value| !value.is_empty()) {
        insert(json, if is_regex { "regex" } else { "value" }, value);
    }
}

fn insert(json: &mut Value, field: &str, value: impl Into<Value>) {
    if let Some(map) = json.as_object_mut() {
        map.insert(field.to_owned(), value.into());
    }
}
