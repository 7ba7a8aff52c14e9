use http::header::{HeaderMap, HeaderName, HeaderValue};
use http::uri::Authority;

use super::KeptHeaders;
use crate::check::{at_most, each, exactly_one, header, url};
use crate::context::Context;
use crate::error::{ErrorKind, GatewayError};
use crate::expression::{Expression, Reads};
use crate::platform::Timestamp;
use crate::problem::Problems;
use crate::receive::remove_alike;
use crate::resource::service as resource;
use crate::resource::service::{AuthorizationMode, ForwardedMode};

const MAX_HEADERS: usize = 256;

/// `http.header`, compiled.
#[derive(Debug, Default)]
pub struct HeaderRules {
    add_request: Vec<Set>,
    remove_request: Vec<HeaderName>,
    add_response: Vec<Set>,
    remove_response: Vec<HeaderName>,
    host: Option<Host>,
    /// What the upstream is told of the caller.
    pub forwarded: ForwardedMode,
    authorization: AuthorizationMode,
    /// Which of the caller's headers go on; `None` where nobody said so.
    pub kept: Option<KeptHeaders>,
}

#[derive(Debug)]
struct Set {
    name: HeaderName,
    value: Text,
    append: bool,
}

#[derive(Debug)]
enum Text {
    Literal(HeaderValue),
    Eval(Expression),
}

#[derive(Debug)]
enum Host {
    Preserve,
    Value(Text),
}

impl HeaderRules {
    /// Compiles; every problem is reported at its place.
    pub fn compile(source: &resource::HeaderRules, problems: &mut Problems) -> Self {
        Self {
            add_request: compile_all("addRequestHeaders", &source.add_request_headers, problems),
            add_response: compile_all("addResponseHeaders", &source.add_response_headers, problems),
            remove_request: names("removeRequestHeaders", &source.remove_request_headers, problems),
            remove_response: names("removeResponseHeaders", &source.remove_response_headers, problems),
            host: source.host.as_ref().and_then(|host| problems.at("host", |problems| compile_host(host, problems))),
            forwarded: source.forwarded_mode,
            authorization: source.authorization_mode,
            kept: source.keep_request_headers.as_ref().map(|names| KeptHeaders::compile(names, problems)),
        }
    }

    /// What the expressions read of the request's body.
    pub fn reads(&self) -> Reads {
        let mut reads = Reads::default();
        let host = match &self.host {
            Some(Host::Value(text)) => Some(text),
            _ => None,
        };
        for text in self.add_request.iter().chain(&self.add_response).map(|set| &set.value).chain(host) {
            if let Text::Eval(expression) = text {
                reads.merge(expression.reads());
            }
        }
        reads
    }

    /// Whether the caller's own `Authorization` may go on. A token of this gateway never does.
    pub fn passes_authorization(&self, anonymous: bool) -> bool {
        match self.authorization {
            AuthorizationMode::AuthorizationModeUnset => anonymous,
            AuthorizationMode::Pass => true,
            AuthorizationMode::Delete => false,
        }
    }

    /// Whether the caller's own `Authorization` ends here whatever else says that it may go on.
    pub fn deletes_authorization(&self) -> bool {
        self.authorization == AuthorizationMode::Delete
    }

    /// Adds, then removes. What the rules set or remove, the caller cannot say in their place: a rule whose expression reads a
    /// missing key sends nothing, and a name with underscores counts as the one with hyphens, as some servers read it so.
    ///
    /// # Errors
    /// 500 when an expression fails.
    pub fn apply_to_request(&self, headers: &mut HeaderMap, context: &Context<'_>, now: Timestamp) -> Result<(), GatewayError> {
        for set in self.add_request.iter().filter(|set| !set.append) {
            remove_alike(headers, &set.name);
        }
        for name in &self.remove_request {
            remove_alike(headers, name);
        }
        apply(&self.add_request, &self.remove_request, headers, context, now)
    }

    /// Adds, then removes. Expressions see the request.
    pub fn apply_to_response(&self, headers: &mut HeaderMap, context: &Context<'_>, now: Timestamp) -> Result<(), GatewayError> {
        apply(&self.add_response, &self.remove_response, headers, context, now)
    }

    /// The `Host` to send when it is not the upstream's own. An expression that reads a missing key leaves the upstream's.
    pub fn host(&self, public_host: &str, context: &Context<'_>, now: Timestamp) -> Result<Option<String>, GatewayError> {
        match &self.host {
            None => Ok(None),
            Some(Host::Preserve) => Ok(Some(public_host.to_owned())),
            Some(Host::Value(text)) => {
                let Some(value) = text.evaluate(context, now)?.filter(|value| !value.is_empty()) else { return Ok(None) };
                match value.to_str().ok().and_then(|host| host.parse::<Authority>().ok()).filter(|host| !host.as_str().contains('@')) {
                    Some(host) => Ok(Some(host.as_str().to_owned())),
                    None => Err(GatewayError::new(ErrorKind::Evaluation, "the result of `host.eval` is not a host")),
                }
            }
        }
    }
}

fn apply(add: &[Set], remove: &[HeaderName], headers: &mut HeaderMap, context: &Context<'_>, now: Timestamp) -> Result<(), GatewayError> {
    for set in add {
        match set.value.evaluate(context, now)? {
            Some(value) if set.append => {
                headers.append(set.name.clone(), value);
            }
            Some(value) => {
                headers.insert(set.name.clone(), value);
            }
            None => {}
        }
    }
    for name in remove {
        headers.remove(name);
    }
    Ok(())
}

impl Text {
    /// `None` when an expression reads a missing key.
    fn evaluate(&self, context: &Context<'_>, now: Timestamp) -> Result<Option<HeaderValue>, GatewayError> {
        let expression = match self {
            Text::Literal(value) => return Ok(Some(value.clone())),
            Text::Eval(expression) => expression,
        };
        let failed = |why: String| GatewayError::new(ErrorKind::Evaluation, format!("a header's expression failed: {why}"));
        match expression.evaluate_string(context, None, now) {
            Ok(Some(text)) => HeaderValue::from_str(&text).map(Some).map_err(|_| failed("its result cannot stand in a header".to_owned())),
            Ok(None) => Ok(None),
            Err(failure) => Err(failed(failure.to_string())),
        }
    }
}

fn compile_all(field: &str, source: &[resource::SetHeader], problems: &mut Problems) -> Vec<Set> {
    at_most(problems, field, source.len(), MAX_HEADERS, "headers");
    each(problems, field, source, |problems, set| compile_set(set, problems)).into_iter().flatten().collect()
}

fn compile_set(source: &resource::SetHeader, problems: &mut Problems) -> Option<Set> {
    let name = problems.at("key", |problems| header::settable(&source.key, problems));
    exactly_one(problems, &[("value", source.value.is_some()), ("eval", source.eval.is_some())]);
    let value = source.value.as_ref().map(|text| problems.at("value", |p| header::value(text, p)).map(Text::Literal));
    let eval = source.eval.as_ref().map(|source| compile_eval(source, problems));
    Some(Set { name: name?, value: value.or(eval)??, append: source.append })
}

fn compile_eval(source: &str, problems: &mut Problems) -> Option<Text> {
    problems.at("eval", |problems| Expression::compile_at(source, problems).map(Text::Eval))
}

fn compile_host(source: &resource::HostRule, problems: &mut Problems) -> Option<Host> {
    exactly_one(problems, &[("preserve", source.preserve), ("value", source.value.is_some()), ("eval", source.eval.is_some())]);
    let value = source.value.as_ref().map(|text| problems.at("value", |p| host_value(text, p)));
    let eval = source.eval.as_ref().map(|source| compile_eval(source, problems));
    if source.preserve { Some(Host::Preserve) } else { value.or(eval)?.map(Host::Value) }
}

/// A host name, perhaps with a port.
fn host_value(text: &str, problems: &mut Problems) -> Option<Text> {
    let host = text.rsplit_once(':').map_or(text, |(host, _)| host).to_ascii_lowercase();
    if url::parse(&format!("https://{text}")).is_err() || !url::is_host_name(&host) {
        problems.error(format!("{text:?} is not a host name"));
        return None;
    }
    header::value(text, problems).map(Text::Literal)
}

fn names(field: &str, source: &[String], problems: &mut Problems) -> Vec<HeaderName> {
    each(problems, field, source, |problems, text| header::settable(text, problems)).into_iter().flatten().collect()
}
