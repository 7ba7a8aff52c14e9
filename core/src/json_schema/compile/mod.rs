//! From JSON text to nodes.

mod graph;
mod reference;
mod rules;
mod scan;

use std::collections::{BTreeMap, VecDeque};

use serde_json::Value;

use super::failure::shortened;
use super::node::{Node, NodeId, ResourceScope, Rules};
use super::{MAX_SCHEMA, Schema};
use crate::json::{self, JsonRefusal};
use crate::problem::Problems;
use scan::Resources;

/// Bytes that the patterns of one schema may take.
const MAX_PATTERNS: usize = 512 * 1024;

pub fn compile(text: &str, problems: &mut Problems) -> Option<Schema> {
    if text.len() > MAX_SCHEMA {
        problems.error(format!("a schema has at most {MAX_SCHEMA} bytes, found {}", text.len()));
        return None;
    }
    let root = match json::read_any(text.as_bytes(), MAX_SCHEMA) {
        Ok(root) => root,
        Err(refusal) => {
            problems.error(format!("a schema is JSON, and this is not: {}", described(refusal)));
            return None;
        }
    };
    let (schema, found) = problems.aside(|problems| Compiler::new(&root, problems).run());
    let is_sound = !found.has_errors();
    problems.extend(found.into_vec());
    schema.filter(|_| is_sound)
}

fn described(refusal: JsonRefusal) -> String {
    match refusal {
        JsonRefusal::DuplicateKey => "it has the same key twice in one object".to_owned(),
        JsonRefusal::TooDeep => format!("it is nested more than {} deep", json::MAX_DEPTH),
        JsonRefusal::Syntax { line, column } => format!("line {line}, column {column}"),
        other => other.to_string(),
    }
}

/// The state of a compilation. Places are JSON Pointers from the root of the text.
pub(super) struct Compiler<'s, 'p> {
    root: &'s Value,
    resources: Resources,
    nodes: Vec<Node>,
    known: BTreeMap<String, NodeId>,
    waiting: VecDeque<(NodeId, String, &'s Value)>,
    /// Bytes that are left for patterns.
    patterns: usize,
    has_format: bool,
    problems: &'p mut Problems,
}

impl<'s, 'p> Compiler<'s, 'p> {
    fn new(root: &'s Value, problems: &'p mut Problems) -> Self {
        let resources = Resources::scan(root, problems);
        let (nodes, known, waiting) = (Vec::new(), BTreeMap::new(), VecDeque::new());
        Self { root, resources, nodes, known, waiting, patterns: MAX_PATTERNS, has_format: false, problems }
    }

    fn run(mut self) -> Option<Schema> {
        let root = self.node(String::new(), self.root);
        // What nobody refers to is checked as well.
        for place in std::mem::take(&mut self.resources.schemas) {
            if let Some(value) = self.root.pointer(&place) {
                self.node(place, value);
            }
        }
        self.compile_waiting();
        let anchored: Vec<Vec<(String, String)>> =
            self.resources.list.iter().map(|resource| resource.dynamic.clone().into_iter().collect()).collect();
        let anchored = anchored.into_iter().map(|anchors| {
            let known = anchors.into_iter().filter_map(|(anchor, place)| Some((anchor, *self.known.get(&place)?)));
            ResourceScope(known.collect())
        });
        let resources: Vec<ResourceScope> = anchored.collect();
        if self.has_format {
            self.problems.warning_with_help(
                "`format` is not checked: in draft 2020-12 it is a comment",
                "write a `pattern` where the format matters",
            );
        }
        graph::check(&self.nodes, &resources, &self.known, self.problems);
        let is_dynamic = self.nodes.iter().any(|node| matches!(node, Node::Rules(rules) if rules.dynamic.is_some()));
        Some(Schema { nodes: self.nodes, root, resources: if is_dynamic { resources } else { Vec::new() } })
    }

    /// The number of the schema at a place; it is compiled in its turn.
    fn node(&mut self, place: String, value: &'s Value) -> NodeId {
        if let Some(known) = self.known.get(&place) {
            return *known;
        }
        let id = self.nodes.len();
        self.nodes.push(Node::Boolean(true));
        self.known.insert(place.clone(), id);
        self.waiting.push_back((id, place, value));
        id
    }

    fn compile_waiting(&mut self) {
        while let Some((id, place, value)) = self.waiting.pop_front() {
            let node = match value {
                Value::Bool(value) => Node::Boolean(*value),
                Value::Object(members) => {
                    let mut rules = Rules { resource: self.resources.of(&place), ..Rules::default() };
                    self.read_rules(members, &place, &mut rules);
                    Node::Rules(Box::new(rules))
                }
                _ => {
                    self.error(&place, "a schema is an object, `true` or `false`");
                    continue;
                }
            };
            if let Some(slot) = self.nodes.get_mut(id) {
                *slot = node;
            }
        }
    }

    fn error(&mut self, place: &str, message: &str) {
        self.problems.error(at(place, message));
    }

    fn error_with_help(&mut self, place: &str, message: &str, help: &str) {
        self.problems.error_with_help(at(place, message), help);
    }

    fn warning_with_help(&mut self, place: &str, message: &str, help: Option<&str>) {
        match help {
            Some(help) => self.problems.warning_with_help(at(place, message), help),
            None => self.problems.warning(at(place, message)),
        }
    }
}

/// A message with its place in the schema.
fn at(place: &str, message: &str) -> String {
    if place.is_empty() { format!("at the root of the schema: {message}") } else { format!("at {}: {message}", shortened(place)) }
}

/// The place of a member (RFC 6901 §3).
fn inside(place: &str, member: &str) -> String {
    format!("{place}/{}", member.replace('~', "~0").replace('/', "~1"))
}
