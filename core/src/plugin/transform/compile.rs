//! From the resource to a transformation.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::Transform;
use super::extractor::Extractor;
use super::transformation::{BodyChange, Target, Transformation};
use crate::check::{at_most, each, header};
use crate::problem::Problems;
use crate::receive::belongs_to_the_gateway;
use crate::resource::service as resource;
use crate::resource::service::{EscapeMode, ParseBodyBehavior, TemplateText};
use crate::template::{Escape, Options, Template};
use http::HeaderName;

const MAX_HEADERS: usize = 256;
const MAX_NAMES: usize = 64;
/// Bytes that all patterns of a transformation may take.
const MAX_PATTERNS: usize = 256 << 10;

impl Transform {
    /// Compiles; every problem is reported at its place.
    pub fn compile(source: &resource::TransformPlugin, problems: &mut Problems) -> Option<Self> {
        if source.request.is_none() && source.response.is_none() {
            problems.warning_with_help("nothing is transformed", "write `request`, `response`, or both");
        }
        let request = source.request.as_ref().map(|source| problems.at("request", |p| Compiler::new(source, true).compile(p)));
        let response = source.response.as_ref().map(|source| problems.at("response", |p| Compiler::new(source, false).compile(p)));
        let (request, response) = (request.map_or(Some(None), |request| request.map(Some)), response.map_or(Some(None), |r| r.map(Some)));
        Some(Self { request: request?, response: response?.map(Rc::new) })
    }
}

struct Compiler<'s> {
    source: &'s resource::Transformation,
    is_request: bool,
    /// Something could not be compiled.
    failed: bool,
    out: Transformation,
}

/// What a template makes.
#[derive(Clone, Copy, PartialEq)]
enum Makes {
    Body,
    Value,
}

impl<'s> Compiler<'s> {
    fn new(source: &'s resource::Transformation, is_request: bool) -> Self {
        Self { source, is_request, failed: false, out: Transformation::default() }
    }

    fn compile(mut self, problems: &mut Problems) -> Option<Transformation> {
        self.extractors(problems);
        self.headers(problems);
        self.query(problems);
        self.body(problems);
        self.needs(problems);
        self.out.advanced = self.source.advanced_templates;
        self.out.ignores_parse_errors = self.source.ignore_error_on_parse;
        if self.failed { None } else { Some(self.out) }
    }

    fn extractors(&mut self, problems: &mut Problems) {
        at_most(problems, "extractors", self.source.extractors.len(), MAX_NAMES, "extractors");
        let mut available = MAX_PATTERNS;
        problems.at("extractors", |problems| {
            for (name, source) in &self.source.extractors {
                problems.at(name, |problems| {
                    if name.split('.').any(str::is_empty) {
                        problems.error("a name has no empty parts");
                    }
                    let extractor = Extractor::compile(name, source, &mut available, problems);
                    self.failed |= extractor.is_none();
                    self.out.extractors.extend(extractor);
                });
            }
        });
    }

    fn headers(&mut self, problems: &mut Problems) {
        let source = self.source;
        at_most(problems, "headers", source.headers.len(), MAX_HEADERS, "headers");
        let mut seen = BTreeSet::new();
        problems.at("headers", |problems| {
            for (key, text) in &source.headers {
                problems.at(key, |problems| {
                    let target = self.target(key, problems);
                    if target.as_ref().is_some_and(|target| !seen.insert(target.as_str().to_owned())) {
                        problems.error("this header is set already, in another spelling");
                    }
                    let template = self.template(text, Makes::Value, problems);
                    self.out.headers.extend(target.zip(template));
                });
            }
        });
        at_most(problems, "headersToAppend", source.headers_to_append.len(), MAX_HEADERS, "headers");
        let append = each(problems, "headersToAppend", &source.headers_to_append, |problems, append| {
            let name = problems.at("key", |problems| self.name(&append.key, problems));
            let template = problems.at("value", |problems| self.template(&append.value, Makes::Value, problems));
            name.zip(template)
        });
        self.out.append = append.into_iter().flatten().collect();
        at_most(problems, "headersToRemove", source.headers_to_remove.len(), MAX_HEADERS, "headers");
        let remove = each(problems, "headersToRemove", &source.headers_to_remove, |problems, name| self.name(name, problems));
        self.out.remove = remove.into_iter().flatten().collect();
    }

    fn target(&mut self, key: &str, problems: &mut Problems) -> Option<Target> {
        match (key, self.is_request) {
            (":path", true) => Some(Target::Path),
            (":method", true) => Some(Target::Method),
            (":status", false) => Some(Target::Status),
            (":authority", true) => {
                problems.error_with_help("`:authority` cannot be set here", "use `http.header.host`");
                None
            }
            (other, is_request) if other.starts_with(':') => {
                let these = if is_request { "`:path` and `:method` of a request" } else { "`:status` of a response" };
                problems.error(format!("`{other}` cannot be set: of such names there are only {these}"));
                None
            }
            _ => self.name(key, problems).map(Target::Header),
        }
    }

    fn name(&mut self, text: &str, problems: &mut Problems) -> Option<HeaderName> {
        let name = header::settable(text, problems).filter(|name| {
            let ours = belongs_to_the_gateway(name);
            if ours {
                problems.error(format!("`{name}` belongs to the gateway and cannot be changed"));
            }
            !ours
        });
        self.failed |= name.is_none();
        name
    }

    fn query(&mut self, problems: &mut Problems) {
        let Some(query) = &self.source.query else { return };
        problems.at("query", |problems| {
            if !self.is_request {
                problems.error("a response has no query");
            }
            at_most(problems, "set", query.set.len(), MAX_NAMES, "parameters");
            at_most(problems, "remove", query.remove.len(), MAX_NAMES, "parameters");
            problems.at("set", |problems| {
                for (name, text) in &query.set {
                    let template = problems.at(name, |problems| self.template(text, Makes::Value, problems));
                    self.out.set_parameters.extend(template.map(|template| (name.clone(), template)));
                }
            });
            self.out.remove_parameters.clone_from(&query.remove);
        });
    }

    fn body(&mut self, problems: &mut Problems) {
        let source = self.source;
        let ways = [
            ("body", source.body.is_some()),
            ("passthrough", source.passthrough.is_some()),
            ("mergeExtractorsToBody", source.merge_extractors_to_body.is_some()),
            ("mergeJsonKeys", source.merge_json_keys.is_some()),
        ];
        if ways.iter().filter(|(_, set)| *set).count() > 1 {
            crate::check::exactly_one(problems, &ways);
        }
        if let Some(text) = &source.body {
            let template = problems.at("body", |problems| self.template(text, Makes::Body, problems));
            self.out.body = template.map_or(BodyChange::None, BodyChange::Text);
        } else if source.merge_extractors_to_body.is_some() {
            self.out.body = BodyChange::Merged;
        } else if let Some(merge) = &source.merge_json_keys {
            self.out.body = problems.at("mergeJsonKeys", |problems| self.keys(merge, problems));
        }
        if matches!(self.out.body, BodyChange::Merged | BodyChange::Keys(_)) && source.parse_body_behavior == ParseBodyBehavior::DontParse {
            problems.at("parseBodyBehavior", |p| p.error("to merge something into the body, it must be read as JSON"));
        }
    }

    fn keys(&mut self, merge: &resource::MergeJsonKeys, problems: &mut Problems) -> BodyChange {
        if self.source.advanced_templates {
            problems.error("`advancedTemplates` and `mergeJsonKeys` exclude each other");
        }
        at_most(problems, "jsonKeys", merge.json_keys.len(), MAX_NAMES, "keys");
        let mut keys = Vec::new();
        problems.at("jsonKeys", |problems| {
            for (key, merged) in &merge.json_keys {
                problems.at(key, |problems| {
                    if key.is_empty() || key.contains('.') {
                        problems.error("a key is not empty and has no dots");
                    }
                    let template = problems.at("tmpl", |problems| self.template(&merged.tmpl, Makes::Body, problems));
                    keys.extend(template.map(|template| (key.clone(), template, merged.override_empty)));
                });
            }
        });
        BodyChange::Keys(keys)
    }

    fn template(&mut self, source: &TemplateText, makes: Makes, problems: &mut Problems) -> Option<Template> {
        let escape = match (self.source.escape, makes) {
            (EscapeMode::Always, _) => Escape::Strings,
            (EscapeMode::Auto, Makes::Body) => Escape::InJsonStrings,
            (EscapeMode::Auto, Makes::Value) | (EscapeMode::Raw, _) => Escape::Never,
        };
        let options = Options { dots: !self.source.advanced_templates, line_statements: self.source.line_statements, escape };
        // A YAML block ends with a newline, which no value can have.
        let text = if makes == Makes::Value { source.text.trim_end_matches(['\n', '\r']) } else { &source.text };
        match Template::compile(text, options) {
            Ok(template) => Some(template),
            Err(error) => {
                problems.at("text", |p| p.error(format!("the template does not compile: {error}")));
                self.failed = true;
                None
            }
        }
    }

    /// What has to be brought for the templates.
    fn needs(&mut self, problems: &mut Problems) {
        let out = &mut self.out;
        let keys = match &out.body {
            BodyChange::Keys(keys) => keys.as_slice(),
            _ => &[],
        };
        let body = match &out.body {
            BodyChange::Text(template) => Some(template),
            _ => None,
        };
        let headers = out.headers.iter().map(|(_, template)| template).chain(out.append.iter().map(|(_, template)| template));
        let others = out.set_parameters.iter().map(|(_, template)| template).chain(keys.iter().map(|(_, template, _)| template));
        let reads: Vec<_> = headers.chain(others).chain(body).map(Template::reads).collect();
        let extracted: Vec<Vec<&str>> = out.extractors.iter().map(|extractor| extractor.name.split('.').collect()).collect();
        let is_extracted =
            |name: &Vec<String>| extracted.iter().any(|known| known.len() <= name.len() && known.iter().zip(name).all(|(a, b)| a == b));
        let reads_members = |name: &Vec<String>| self.source.advanced_templates || !is_extracted(name);
        let merges = matches!(out.body, BodyChange::Merged | BodyChange::Keys(_));
        let wants_json = merges || reads.iter().any(|reads| reads.context || reads.names.iter().any(reads_members));
        let parses = wants_json && self.source.parse_body_behavior == ParseBodyBehavior::ParseAsJson;
        let wants_text = reads.iter().any(|reads| reads.body) || out.extractors.iter().any(Extractor::reads_body);
        let passes = self.source.passthrough.is_some();
        if passes && (parses || wants_text) {
            let help = "leave `passthrough` out: the body stays as it is anyway";
            problems.warning_with_help("a template or an extractor asks for the body, which `passthrough` leaves unread", help);
        }
        out.needs_request_headers = !self.is_request && reads.iter().any(|reads| reads.request_headers);
        (out.parses, out.needs_body) = (parses && !passes, (parses || wants_text) && !passes);
    }
}
