use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value};

use super::changes::{Changes, Failure, NewBody};
use super::extractor::Extractor;
use super::head::Head;
use super::input::Input;
use crate::json;
use crate::platform::SecureRandom;
use crate::template::{Budget, RenderError, Template, write_json};

/// Values that a body may have, counting each array, object and scalar. A tree of as many takes some 20 MB.
const MAX_VALUES: usize = 250_000;
/// Bytes of one value of a header: no server takes more.
const MAX_HEADER: usize = 32 << 10;

/// What is done to one message, compiled.
#[derive(Debug, Default)]
pub struct Transformation {
    pub(super) extractors: Vec<Extractor>,
    pub(super) headers: Vec<(Target, Template)>,
    pub(super) append: Vec<(HeaderName, Template)>,
    pub(super) remove: Vec<HeaderName>,
    pub(super) set_parameters: Vec<(String, Template)>,
    pub(super) remove_parameters: Vec<String>,
    pub(super) body: BodyChange,
    /// Extractors are no variables.
    pub(super) advanced: bool,
    /// Something sees the body.
    pub(super) needs_body: bool,
    /// Something sees what it is as JSON.
    pub(super) parses: bool,
    pub(super) ignores_parse_errors: bool,
    /// A template of a response asks for headers of the request.
    pub(super) needs_request_headers: bool,
}

/// What `headers` sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    Header(HeaderName),
    Path,
    Method,
    Status,
}

/// What becomes of the body.
#[derive(Debug, Default)]
pub enum BodyChange {
    #[default]
    None,
    Text(Template),
    /// The body and what was extracted.
    Merged,
    /// The body with other values of some keys; true where nothing is a value too.
    Keys(Vec<(String, Template, bool)>),
}

impl Transformation {
    /// Whether it reads the body or puts another in its place.
    pub fn touches_body(&self) -> bool {
        self.needs_body || !matches!(self.body, BodyChange::None)
    }

    /// Renders everything. Nothing is changed yet, so that a failure leaves the message as it was.
    ///
    /// # Errors
    /// A body that cannot be read as it should; a template that cannot be rendered; a value that cannot be where it belongs.
    pub fn run(&self, head: &Head<'_>, request: Option<&Head<'_>>, body: &[u8], random: &dyn SecureRandom) -> Result<Changes, Failure> {
        let body = if self.needs_body { body } else { &[] };
        let budget = Budget::for_body(body.len());
        let (members, other) = self.parse(body)?;
        let mut input = Input {
            head,
            request,
            body,
            variables: members,
            other,
            extractions: std::collections::BTreeMap::new(),
            random,
            made: std::cell::RefCell::default(),
        };
        let keys = if matches!(self.body, BodyChange::Keys(_)) { input.variables.clone() } else { Map::new() };
        self.extract(&mut input, &budget)?;
        let body = self.new_body(&input, keys, &budget)?;
        let rendered = |place: &str, template: &Template| template.render(&input, &budget).map_err(|error| Failure::at(place, error));
        let mut changes = Changes { body, remove: self.remove.clone(), ..Changes::default() };
        for (target, template) in &self.headers {
            let text = rendered(target.as_str(), template)?;
            changes.set(target, text)?;
        }
        for (name, template) in &self.append {
            let text = rendered(name.as_str(), template)?;
            if !text.is_empty() {
                changes.append.push((name.clone(), header_value(name, &text)?));
            }
        }
        for name in &self.remove_parameters {
            changes.parameters.push((name.clone(), String::new()));
        }
        for (name, template) in &self.set_parameters {
            changes.parameters.push((name.clone(), rendered(name, template)?));
        }
        Ok(changes)
    }

    /// The body's members, or what it is if it has none.
    fn parse(&self, body: &[u8]) -> Result<(Map<String, Value>, Option<Value>), Failure> {
        if !self.parses || body.is_empty() {
            return Ok((Map::new(), None));
        }
        match json::read_any(body, MAX_VALUES) {
            Ok(Value::Object(members)) => Ok((members, None)),
            Ok(other) => Ok((Map::new(), Some(other))),
            Err(_) if self.ignores_parse_errors => Ok((Map::new(), None)),
            Err(refusal) => Err(Failure::at("the body", RenderError(refusal.to_string()))),
        }
    }

    fn extract<'m>(&'m self, input: &mut Input<'m>, budget: &Budget) -> Result<(), Failure> {
        for extractor in &self.extractors {
            let text = extractor.run(input.head, input.body, budget).map_err(|error| Failure::at(&extractor.name, error))?;
            if !self.advanced {
                insert(&mut input.variables, &extractor.name, text.clone());
            }
            input.extractions.insert(&extractor.name, text);
        }
        Ok(())
    }

    fn new_body(&self, input: &Input<'_>, mut keys: Map<String, Value>, budget: &Budget) -> Result<NewBody, Failure> {
        let failed = |error| Failure::at("the body", error);
        let no_object = || Failure::at("the body", RenderError("it is no JSON object".to_owned()));
        let mut out = String::new();
        match &self.body {
            BodyChange::None => return Ok(None),
            BodyChange::Text(template) => out = template.render(input, budget).map_err(failed)?,
            BodyChange::Merged | BodyChange::Keys(_) if input.other.is_some() => return Err(no_object()),
            BodyChange::Merged => {
                let merged = crate::template::Data::context(input, budget).map_err(failed)?;
                write_json(&merged, &mut out, budget).map_err(failed)?;
            }
            BodyChange::Keys(templates) => {
                for (key, template, may_be_empty) in templates {
                    let text = template.render(input, budget).map_err(|error| Failure::at(key, error))?;
                    if text.trim_ascii().is_empty() {
                        if *may_be_empty {
                            keys.insert(key.clone(), Value::String(String::new()));
                        }
                        continue;
                    }
                    let value = json::read_any(text.as_bytes(), MAX_VALUES);
                    let value = value.map_err(|_| Failure::at(key, RenderError("what is rendered is no JSON".to_owned())))?;
                    keys.insert(key.clone(), value);
                }
                write_json(&Value::Object(keys), &mut out, budget).map_err(failed)?;
            }
        }
        Ok(Some(out))
    }
}

impl Target {
    pub fn as_str(&self) -> &str {
        match self {
            Self::Header(name) => name.as_str(),
            Self::Path => ":path",
            Self::Method => ":method",
            Self::Status => ":status",
        }
    }
}

/// A value that was rendered. One with a line break or another control character would be more than a value (RFC 9110 §5.5).
pub fn header_value(name: &HeaderName, text: &str) -> Result<HeaderValue, Failure> {
    if text.len() > MAX_HEADER {
        return Err(Failure::at(name.as_str(), RenderError(format!("the value has more than {MAX_HEADER} bytes"))));
    }
    let value = HeaderValue::from_bytes(text.trim_matches(' ').as_bytes());
    value.map_err(|_| Failure::at(name.as_str(), RenderError("the value has a character that a header cannot have".to_owned())))
}

/// A dot in the name leads into an object, which is made where there is none.
fn insert(variables: &mut Map<String, Value>, name: &str, text: String) {
    let Some((first, rest)) = name.split_once('.') else {
        variables.insert(name.to_owned(), Value::String(text));
        return;
    };
    let inner = variables.entry(first).or_insert_with(|| Value::Object(Map::new()));
    if !inner.is_object() {
        *inner = Value::Object(Map::new());
    }
    if let Value::Object(inner) = inner {
        insert(inner, rest, text);
    }
}

/// Header lines that a message has at most after a change.
pub fn check_room(headers: &HeaderMap) -> Result<(), Failure> {
    const MAX_LINES: usize = 1000;
    if headers.len() <= MAX_LINES { Ok(()) } else { Err(Failure::at("headers", RenderError(format!("there are more than {MAX_LINES}")))) }
}
