use http::HeaderName;

use super::path::{PathMatcher, Prefix};
use super::pattern::{Effort, Pattern};
use super::{Asked, Refused};
use crate::check::{at_most, each, exactly_one, header};
use crate::problem::Problems;
use crate::receive::CleanPath;
use crate::resource::service::{PathMatch, RouteMatch, ValueMatch};

/// What a request has to be like, compiled.
#[derive(Debug)]
pub struct Matcher {
    pub path: PathMatcher,
    methods: Vec<String>,
    headers: Vec<Named<HeaderName>>,
    query: Vec<Named<String>>,
}

/// Whether a request is like that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    No,
    Yes,
    /// Only as other servers may read the path.
    Doubtful,
}

#[derive(Debug)]
struct Named<N> {
    name: N,
    test: Test,
    invert: bool,
}

#[derive(Debug)]
enum Test {
    Present,
    Is(String),
    Matches(Pattern),
}

/// Characters of a path or a pattern.
pub const MAX_TEXT: usize = 512;
/// Methods, headers and parameters of one match.
const MAX_ITEMS: usize = 16;

impl Matcher {
    /// Compiles; every problem is reported at its place.
    pub fn compile(source: &RouteMatch, problems: &mut Problems) -> Option<Self> {
        let path = match &source.path {
            Some(path) => problems.at("path", |problems| compile_path(path, problems)),
            None => Some(PathMatcher::Any),
        };
        for (field, length) in [("methods", source.methods.len()), ("headers", source.headers.len()), ("query", source.query.len())] {
            at_most(problems, field, length, MAX_ITEMS, "items");
        }
        each(problems, "methods", &source.methods, |problems, method| check_method(method, problems));
        let headers = each(problems, "headers", &source.headers, |problems, item| {
            let name = problems.at("name", |problems| header_name(&item.name, problems));
            compile_value(item, name, problems)
        });
        let query = each(problems, "query", &source.query, |problems, item| {
            if item.name.is_empty() {
                problems.at("name", |p| p.error("the parameter's name is missing"));
            }
            compile_value(item, Some(item.name.clone()), problems)
        });
        let (headers, query) = (headers.into_iter().collect::<Option<_>>(), query.into_iter().collect::<Option<_>>());
        Some(Self { path: path?, methods: source.methods.clone(), headers: headers?, query: query? })
    }

    /// # Errors
    /// When the regular expressions have read too much for this request.
    pub fn fit(&self, asked: &Asked<'_>) -> Result<Fit, Refused> {
        if !self.methods.is_empty() && !self.methods.iter().any(|method| method == asked.method) {
            return Ok(Fit::No);
        }
        let fit = if self.path.applies(&asked.path.literal, &asked.effort)? {
            Fit::Yes
        } else if let Some(loose) = &asked.path.loose
            && self.path.applies(loose, &asked.effort)?
        {
            Fit::Doubtful
        } else {
            return Ok(Fit::No);
        };
        for header in &self.headers {
            // The preflight does not tell values, and has to be answered all the same.
            let is_announced = asked.announces(&header.name);
            let applies = match header.test {
                Test::Present if is_announced => true,
                _ if is_announced => continue,
                _ => header.test.applies(asked.header(&header.name).as_deref(), &asked.effort)?,
            };
            if applies == header.invert {
                return Ok(Fit::No);
            }
        }
        for parameter in &self.query {
            if parameter.test.applies(asked.query.get(&parameter.name).as_deref(), &asked.effort)? == parameter.invert {
                return Ok(Fit::No);
            }
        }
        Ok(fit)
    }

    /// What of the path is its prefix, for what replaces that.
    pub fn prefix(&self) -> Option<&Prefix> {
        match &self.path {
            PathMatcher::Prefix(prefix) => Some(prefix),
            _ => None,
        }
    }
}

impl Test {
    fn applies(&self, value: Option<&str>, effort: &Effort) -> Result<bool, Refused> {
        match (self, value) {
            (_, None) => Ok(false),
            (Self::Present, Some(_)) => Ok(true),
            (Self::Is(text), Some(value)) => Ok(text == value),
            (Self::Matches(pattern), Some(value)) => pattern.is_match(value, effort),
        }
    }
}

fn compile_path(source: &PathMatch, problems: &mut Problems) -> Option<PathMatcher> {
    let fields = [("prefix", &source.prefix), ("exact", &source.exact), ("regex", &source.regex)];
    exactly_one(problems, &fields.map(|(name, text)| (name, text.is_some())));
    for (field, text) in fields {
        at_most(problems, field, text.as_ref().map_or(0, String::len), MAX_TEXT, "characters");
    }
    if let Some(text) = &source.prefix {
        let text = problems.at("prefix", |problems| check_path(text, problems))?;
        if text.trim_end_matches('/').contains("//") {
            problems.at("prefix", |p| p.error_with_help("a prefix has no empty segments", "write one slash"));
        }
        return Some(PathMatcher::Prefix(Prefix::new(text, source.ignore_case)));
    }
    if let Some(text) = &source.exact {
        let text = problems.at("exact", |problems| check_path(text, problems))?;
        return Some(PathMatcher::Exact { text: super::path::literal(text), ignore_case: source.ignore_case });
    }
    let regex = source.regex.as_ref()?;
    problems.at("regex", |problems| compile_regex(regex, source.ignore_case, problems)).map(PathMatcher::Regex)
}

/// A path that a request can have.
fn check_path<'t>(text: &'t str, problems: &mut Problems) -> Option<&'t str> {
    if !text.starts_with('/') {
        problems.error_with_help(format!("`{text}` is not the start of a path"), format!("write `/{text}`"));
    } else if text.contains(['?', '#', '\\']) || text.chars().any(char::is_control) {
        problems.error(format!("{text:?} has a character that a path cannot have"));
    } else if CleanPath::new(text).is_ok_and(|clean| clean.as_str() == text) {
        return Some(text);
    } else {
        problems.error(format!("no request has the path `{text}`: dot segments are resolved, and bad percent-encoding is refused"));
    }
    None
}

fn check_method(method: &str, problems: &mut Problems) {
    if method.is_empty() || !method.chars().all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c)) {
        problems.error(format!("{method:?} is not a method"));
    } else if method.chars().any(|c| c.is_ascii_lowercase()) {
        problems.error_with_help("methods differ by case (RFC 9110 §9.1)", format!("write `{}`", method.to_ascii_uppercase()));
    }
}

fn header_name(text: &str, problems: &mut Problems) -> Option<HeaderName> {
    let name = header::name(text, problems)?;
    if name == http::header::HOST {
        problems.error_with_help("`Host` is no header here", "use `hosts`");
        return None;
    }
    Some(name)
}

fn compile_value<N>(source: &ValueMatch, name: Option<N>, problems: &mut Problems) -> Option<Named<N>> {
    if source.value.is_some() && source.regex.is_some() {
        problems.error("at most one of `value` and `regex`, found both");
    }
    let test = if let Some(regex) = &source.regex {
        at_most(problems, "regex", regex.len(), MAX_TEXT, "characters");
        Test::Matches(problems.at("regex", |problems| compile_regex(regex, false, problems))?)
    } else {
        source.value.clone().map_or(Test::Present, Test::Is)
    };
    Some(Named { name: name?, test, invert: source.invert })
}

fn compile_regex(source: &str, ignore_case: bool, problems: &mut Problems) -> Option<Pattern> {
    let compiled = Pattern::compile(source, ignore_case);
    compiled.map_err(|why| problems.error(format!("`{source}` is not a regular expression that works here: {why}"))).ok()
}
