//! What `$ref` and `$dynamicRef` refer to (draft 2020-12, core, §8.2.3).

use fluent_uri::UriRef;

use super::Compiler;
use crate::json_schema::node::{DynamicRef, NodeId};

/// A place, and the anchor that led there.
struct Target {
    place: String,
    /// Set where it is a `$dynamicAnchor`.
    dynamic: Option<String>,
}

impl Compiler<'_, '_> {
    /// The node that `reference` refers to from a place.
    pub(super) fn refer(&mut self, keyword: &str, reference: &str, place: &str, resource: usize) -> Option<NodeId> {
        let target = self.target(keyword, reference, place, resource)?;
        self.target_node(keyword, reference, place, &target)
    }

    /// As [`Self::refer`], for `$dynamicRef`.
    pub(super) fn refer_dynamically(&mut self, reference: &str, place: &str, resource: usize) -> Option<DynamicRef> {
        let target = self.target("$dynamicRef", reference, place, resource)?;
        let initial = self.target_node("$dynamicRef", reference, place, &target)?;
        Some(DynamicRef { initial, anchor: target.dynamic })
    }

    fn target_node(&mut self, keyword: &str, reference: &str, place: &str, target: &Target) -> Option<NodeId> {
        let root = self.root;
        match root.pointer(&target.place) {
            Some(value) => Some(self.node(target.place.clone(), value)),
            None => {
                self.error(place, &format!("`{keyword}` is `{reference}`, and there is nothing"));
                None
            }
        }
    }

    fn target(&mut self, keyword: &str, reference: &str, place: &str, resource: usize) -> Option<Target> {
        let base = self.resources.list.get(resource)?.uri.clone();
        let Some(mut uri) = UriRef::parse(reference).ok().and_then(|reference| reference.resolve_against(&base).ok()) else {
            self.error(place, &format!("`{keyword}` is a URI reference (RFC 3986)"));
            return None;
        };
        let fragment = uri.fragment().map(|fragment| fragment.decode().to_string_lossy().into_owned()).unwrap_or_default();
        uri.set_fragment(None);
        let Some(resource) = self.resources.by_uri(uri.as_str()) else {
            self.error_with_help(
                place,
                &format!("`{keyword}` is `{reference}`, which is not in this schema, and nothing is fetched"),
                "put the other schema under `$defs`, with its `$id`",
            );
            return None;
        };
        if fragment.is_empty() || fragment.starts_with('/') {
            return Some(Target { place: format!("{}{fragment}", resource.place), dynamic: None });
        }
        match resource.anchors.get(&fragment) {
            Some(named) => {
                let is_dynamic = resource.dynamic.get(&fragment) == Some(named);
                Some(Target { place: named.clone(), dynamic: is_dynamic.then_some(fragment) })
            }
            None => {
                self.error(place, &format!("`{keyword}` is `{reference}`, and there is no such anchor"));
                None
            }
        }
    }
}
