//! Which kind a document is of.

use postern_core::resource::KINDS;

use crate::finding::Finding;
use crate::suggest::closest;
use crate::yaml::{Node, Value};

/// Kinds that Octelium has and Postern has not.
const OF_OCTELIUM: [&str; 6] = ["Config", "Session", "Device", "IdentityProvider", "PolicyTrigger", "Authenticator"];

/// Resolves (apiVersion, kind) to one of [`KINDS`].
pub fn resolve(root: &Node) -> Result<&'static str, Finding> {
    if !matches!(root.value, Value::Map(_)) {
        let message = format!("expected a map with `kind`, `metadata` and `spec`, found {}", root.describe());
        return Err(Finding::error(&root.place, "", message));
    }
    let here = |field: &str| root.get(field).map_or(&root.place, |node| &node.place).clone();
    let kind = match root.get("kind").map(|node| (node, node.text())) {
        Some((_, Some(kind))) => kind,
        Some((node, None)) => return Err(Finding::error(&node.place, "kind", format!("expected text, found {}", node.describe()))),
        None => return Err(Finding::error(&root.place, "", "`kind` is missing").with_help(Some(list()))),
    };
    let version = root.get("apiVersion").and_then(Node::text).unwrap_or("core/v1");
    if version.split('/').next().is_some_and(|group| group.ends_with("gloo.solo.io")) {
        let message = format!("`{kind}` of `{version}` is not supported yet");
        return Err(Finding::error(&here("kind"), "kind", message));
    }
    if version != "core/v1" {
        let message = format!("there is no apiVersion `{version}` here");
        return Err(Finding::error(&here("apiVersion"), "apiVersion", message).with_help(Some("leave it away, or write `core/v1`")));
    }
    if kind == "ClusterConfig" {
        return Ok("Gateway");
    }
    if let Some(kind) = KINDS.into_iter().find(|known| *known == kind) {
        return Ok(kind);
    }
    if OF_OCTELIUM.contains(&kind) {
        return Err(Finding::error(&here("kind"), "kind", format!("the kind `{kind}` is not supported yet")));
    }
    let help = closest(kind, KINDS).map_or_else(list, |meant| format!("did you mean `{meant}`?"));
    Err(Finding::error(&here("kind"), "kind", format!("there is no kind `{kind}`")).with_help(Some(help)))
}

fn list() -> String {
    format!("the kinds are {}", KINDS.map(|kind| format!("`{kind}`")).join(", "))
}

#[cfg(test)]
mod tests {
    use super::resolve;
    use crate::yaml::documents;

    #[test]
    fn kinds() {
        for (text, expected) in [
            ("kind: Service", Ok("Service")),
            ("apiVersion: core/v1\nkind: User", Ok("User")),
            ("kind: ClusterConfig", Ok("Gateway")),
            ("kind: Servise", Err((1, 7, "there is no kind `Servise`", "did you mean `Service`?"))),
            ("kind: Deployment", Err((1, 7, "there is no kind `Deployment`", "the kinds are"))),
            ("kind: IdentityProvider", Err((1, 7, "not supported yet", ""))),
            ("kind: 5", Err((1, 7, "expected text", ""))),
            ("- kind: Service", Err((1, 1, "expected a map", ""))),
            ("metadata: {}", Err((1, 1, "`kind` is missing", "the kinds are"))),
            ("apiVersion: apps/v1\nkind: Service", Err((1, 13, "no apiVersion `apps/v1`", "core/v1"))),
            (
                "apiVersion: networking.gloo.solo.io/v2\nkind: RouteTable",
                Err((2, 7, "`RouteTable` of `networking.gloo.solo.io/v2` is not supported yet", "")),
            ),
            ("apiVersion: gloo.solo.io/v1\nkind: Upstream", Err((2, 7, "not supported yet", ""))),
        ] {
            let root = documents(text).remove(0).root.unwrap();
            match (resolve(&root), expected) {
                (Ok(kind), Ok(expected)) => assert_eq!(kind, expected),
                (Err(finding), Err((line, column, message, help))) => {
                    assert_eq!((finding.place.line, finding.place.column), (line, column), "{text}");
                    assert!(finding.message.contains(message), "{text}: {}", finding.message);
                    assert!(finding.help.unwrap_or_default().contains(help), "{text}");
                }
                (found, expected) => panic!("{text}: {found:?} instead of {expected:?}"),
            }
        }
    }
}
