//! What a schema costs before it sees a value: how often, and how deep, one value is checked by schemas that apply in place.

use std::collections::BTreeMap;

use super::at;
use crate::json_schema::node::{Node, NodeId, ResourceScope};
use crate::problem::Problems;

/// How many schemas may apply one inside the other to one value.
const MAX_CHAIN: usize = 64;

/// How often the schemas that one leads to may apply to one value.
const MAX_APPLICATIONS: u64 = 10_000;

/// Refuses schemas that apply to one value without end, or too often.
pub fn check(nodes: &[Node], resources: &[ResourceScope], known: &BTreeMap<String, NodeId>, problems: &mut Problems) {
    let edges: Vec<Vec<NodeId>> = nodes.iter().map(|node| in_place(node, resources)).collect();
    let mut entering = vec![0usize; nodes.len()];
    for target in edges.iter().flatten() {
        if let Some(count) = entering.get_mut(*target) {
            *count += 1;
        }
    }
    // Those that nothing leads to, then those that only they lead to, and so on: what never comes up leads to itself.
    let mut order: Vec<NodeId> = (0..nodes.len()).filter(|id| entering.get(*id) == Some(&0)).collect();
    let mut next = 0;
    while let Some(id) = order.get(next).copied() {
        next += 1;
        for target in edges.get(id).into_iter().flatten() {
            if let Some(count) = entering.get_mut(*target) {
                *count -= 1;
                if *count == 0 {
                    order.push(*target);
                }
            }
        }
    }
    let place = |id: NodeId| known.iter().find(|(_, known)| **known == id).map_or("", |(place, _)| place.as_str());
    if let Some(endless) = on_a_cycle(&edges, &entering) {
        problems.error(at(place(endless), "this schema applies to a value by way of itself, without end"));
        return;
    }
    let mut cost = vec![(1u64, 1usize); nodes.len()];
    for id in order.into_iter().rev() {
        let inner = edges.get(id).into_iter().flatten().filter_map(|target| cost.get(*target).copied());
        let (applications, chain) = inner.fold((1u64, 1usize), |(applications, chain), (more, longer)| {
            (applications.saturating_add(more), chain.max(longer.saturating_add(1)))
        });
        if applications > MAX_APPLICATIONS || chain > MAX_CHAIN {
            let message = if chain > MAX_CHAIN {
                format!("more than {MAX_CHAIN} schemas apply one inside the other to one value")
            } else {
                format!("schemas apply to one value more than {MAX_APPLICATIONS} times")
            };
            problems.error(at(place(id), &message));
            return;
        }
        if let Some(slot) = cost.get_mut(id) {
            *slot = (applications, chain);
        }
    }
}

/// With everything that a `$dynamicRef` may come to.
fn in_place(node: &Node, resources: &[ResourceScope]) -> Vec<NodeId> {
    let Node::Rules(rules) = node else { return Vec::new() };
    let anchor = rules.dynamic.as_ref().and_then(|dynamic| dynamic.anchor.as_deref());
    let dynamic = anchor.into_iter().flat_map(|anchor| resources.iter().filter_map(move |resource| resource.0.get(anchor).copied()));
    let mut edges: Vec<NodeId> = rules.in_place().chain(dynamic).collect();
    if anchor.is_some() {
        // Only one of those applies.
        edges.sort_unstable();
        edges.dedup();
    }
    edges
}

/// One of those that lead to themselves, if there is any. What still is entered is so from another such node, so going back from one
/// to the next ends on a cycle.
fn on_a_cycle(edges: &[Vec<NodeId>], entering: &[usize]) -> Option<NodeId> {
    let is_left = |id: NodeId| entering.get(id).is_some_and(|count| *count > 0);
    let mut before = vec![None; edges.len()];
    for (id, targets) in edges.iter().enumerate().filter(|(id, _)| is_left(*id)) {
        for target in targets {
            if let Some(slot) = before.get_mut(*target) {
                *slot = Some(id);
            }
        }
    }
    let first = (0..edges.len()).find(|id| is_left(*id))?;
    (0..edges.len()).try_fold(first, |id, _| before.get(id).copied().flatten())
}
