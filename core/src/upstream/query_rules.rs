use crate::check::{at_most, each, exactly_one};
use crate::context::Context;
use crate::error::{ErrorKind, GatewayError};
use crate::expression::{Expression, Reads};
use crate::percent::{decode, encode, is_unreserved};
use crate::platform::Timestamp;
use crate::problem::Problems;
use crate::resource::service as resource;

/// `http.query`, compiled.
#[derive(Debug, Default)]
pub struct QueryRules {
    set: Vec<Set>,
    remove: Vec<String>,
}

#[derive(Debug)]
struct Set {
    name: String,
    value: Value,
}

#[derive(Debug)]
enum Value {
    Literal(String),
    Eval(Box<Expression>),
}

const MAX_PARAMETERS: usize = 64;
const MAX_NAME: usize = 128;
/// Bytes of a literal value.
const MAX_VALUE: usize = 2048;

impl QueryRules {
    /// Compiles; every problem is reported at its place.
    pub fn compile(source: &resource::QueryRules, problems: &mut Problems) -> Self {
        at_most(problems, "set", source.set.len(), MAX_PARAMETERS, "parameters");
        at_most(problems, "remove", source.remove.len(), MAX_PARAMETERS, "parameters");
        let set = each(problems, "set", &source.set, |problems, set| compile_set(set, problems));
        each(problems, "remove", &source.remove, |problems, name| check_name(name, problems));
        Self { set: set.into_iter().flatten().collect(), remove: source.remove.clone() }
    }

    /// What the expressions read of the request's body.
    pub fn reads(&self) -> Reads {
        let mut reads = Reads::default();
        for set in &self.set {
            if let Value::Eval(expression) = &set.value {
                reads.merge(expression.reads());
            }
        }
        reads
    }

    /// The new query. Parameters that no rule names stay byte for byte.
    ///
    /// # Errors
    /// 500 when an expression fails.
    pub fn apply(&self, query: Option<String>, context: &Context<'_>, now: Timestamp) -> Result<Option<String>, GatewayError> {
        if self.set.is_empty() && self.remove.is_empty() {
            return Ok(query);
        }
        let names = self.remove.iter().map(String::as_str).chain(self.set.iter().map(|set| set.name.as_str())).collect::<Vec<_>>();
        let mut pairs = without(query.as_deref().unwrap_or_default(), |name| names.iter().any(|own| own.as_bytes() == name));
        for set in &self.set {
            let value = match &set.value {
                Value::Literal(text) => Some(text.clone()),
                Value::Eval(expression) => expression
                    .evaluate_string(context, None, now)
                    .map_err(|failure| GatewayError::new(ErrorKind::Evaluation, format!("a parameter's expression failed: {failure}")))?,
            };
            let encoded = |text: &str| encode(text.as_bytes(), is_unreserved);
            pairs.extend(value.map(|value| format!("{}={}", encoded(&set.name), encoded(&value))));
        }
        Ok((!pairs.is_empty()).then(|| pairs.join("&")))
    }
}

/// The parameters of a query, as they are written, but those that are told away by their decoded names.
pub fn without(query: &str, is_removed: impl Fn(&[u8]) -> bool) -> Vec<String> {
    let stays = |pair: &&str| {
        let name = pair.split('=').next().unwrap_or_default();
        !is_removed(&decode(&name.replace('+', " ")))
    };
    query.split('&').filter(|_| !query.is_empty()).filter(stays).map(str::to_owned).collect()
}

fn compile_set(source: &resource::SetParameter, problems: &mut Problems) -> Option<Set> {
    problems.at("name", |problems| check_name(&source.name, problems));
    exactly_one(problems, &[("value", source.value.is_some()), ("eval", source.eval.is_some())]);
    let value = match (&source.value, &source.eval) {
        (Some(text), _) => {
            at_most(problems, "value", text.len(), MAX_VALUE, "bytes");
            Value::Literal(text.clone())
        }
        (None, Some(text)) => Value::Eval(Box::new(problems.at("eval", |problems| Expression::compile_at(text, problems))?)),
        (None, None) => return None,
    };
    Some(Set { name: source.name.clone(), value })
}

fn check_name(name: &str, problems: &mut Problems) {
    if !(1..=MAX_NAME).contains(&name.len()) || name.contains(char::is_control) {
        problems.error(format!("a parameter's name has 1 to {MAX_NAME} bytes, and no control characters"));
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::context::Request;
    use crate::testing::test;

    fn compile(source: &Json) -> (QueryRules, Vec<String>) {
        let mut problems = Problems::new();
        let rules = QueryRules::compile(&serde_json::from_value(source.clone()).unwrap(), &mut problems);
        (rules, problems.into_vec().into_iter().map(|problem| problem.path).collect())
    }

    #[test]
    fn only_what_is_named_changes() {
        let headers = HeaderMap::from_iter([(http::HeaderName::from_static("x"), http::HeaderValue::from_static("a&b"))]);
        let request = Request {
            method: "GET",
            path: "/",
            uri: "/",
            host: "x",
            scheme: "http",
            query: "",
            headers: &headers,
            ip: None,
            size: None,
            body: None,
            body_map: None,
        };
        let context = Context::new(request);
        for (source, query, expected) in [
            (json!({}), Some("a=%7E&&b"), Some("a=%7E&&b")),
            (json!({"set": [{"name": "k", "value": "x y&z"}]}), None, Some("k=x%20y%26z")),
            (json!({"set": [{"name": "k", "value": "1"}]}), Some("%6B=2&a=%7e&k"), Some("a=%7e&k=1")),
            (json!({"remove": ["debug"]}), Some("debug&a=1&debug=2"), Some("a=1")),
            (json!({"remove": ["debug"]}), Some("debug"), None),
            (json!({"remove": ["a b"]}), Some("a+b=1&a%20b=2&c"), Some("c")),
            (json!({"set": [{"name": "k", "eval": "ctx.request.http.headers['x']"}]}), Some("a"), Some("a&k=a%26b")),
            (json!({"set": [{"name": "k", "eval": "ctx.request.http.headers['y']"}]}), Some("k=1"), None),
            (json!({"set": [{"name": "k", "eval": "string(1 / 0)"}]}), None, Some("policy_error")),
        ] {
            let (rules, problems) = compile(&source);
            assert!(problems.is_empty(), "{problems:?}");
            let changed = rules.apply(query.map(str::to_owned), &context, Timestamp(0));
            let changed = changed.unwrap_or_else(|error| Some(error.kind.code().to_owned()));
            assert_eq!(changed.as_deref(), expected, "{source} {query:?}");
        }
    }

    #[test]
    fn mistakes_are_told_at_their_place() {
        for (source, path) in [
            (json!({"set": [{"name": "", "value": "x"}]}), "set[0].name"),
            (json!({"set": [{"name": "k"}]}), "set[0]"),
            (json!({"set": [{"name": "k", "value": "x", "eval": "'x'"}]}), "set[0]"),
            (json!({"set": [{"name": "k", "eval": "x"}]}), "set[0].eval"),
            (json!({"remove": ["a\n"]}), "remove[0]"),
        ] {
            assert_eq!(compile(&source).1, [path], "{source}");
        }
    }
}
