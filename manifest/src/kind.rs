//! Which kind a document is of.

use postern_core::resource::KINDS;

use crate::finding::Finding;
use crate::gloo;
use crate::suggest::closest;
use crate::yaml::{Node, Value};

/// Of whose kinds a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One of [`KINDS`].
    Own(&'static str),
    /// One that is translated.
    Gloo(gloo::Kind),
}

/// Kinds that Octelium has and Postern has not.
const OF_OCTELIUM: [&str; 6] = ["Config", "Session", "Device", "IdentityProvider", "PolicyTrigger", "Authenticator"];

/// Resolves (apiVersion, kind).
pub fn resolve(root: &Node) -> Result<Kind, Finding> {
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
    match gloo::resolve(version, kind) {
        Some(Ok(kind)) => return Ok(Kind::Gloo(kind)),
        Some(Err(unknown)) => return Err(Finding::error(&here("kind"), "kind", unknown.message).with_help(unknown.help)),
        None => {}
    }
    if version != "core/v1" {
        let message = format!("there is no apiVersion `{version}` here");
        return Err(Finding::error(&here("apiVersion"), "apiVersion", message).with_help(Some("leave it away, or write `core/v1`")));
    }
    if kind == "ClusterConfig" {
        return Ok(Kind::Own("Gateway"));
    }
    if let Some(kind) = KINDS.into_iter().find(|known| *known == kind) {
        return Ok(Kind::Own(kind));
    }
    if OF_OCTELIUM.contains(&kind) {
        return Err(Finding::error(&here("kind"), "kind", format!("the kind `{kind}` is not supported yet")));
    }
    if let Some(version) = gloo::version_of(kind) {
        let help = Some(format!("write `apiVersion: {version}`, which has this kind"));
        return Err(Finding::error(&here("kind"), "kind", format!("there is no kind `{kind}` here")).with_help(help));
    }
    let help = closest(kind, KINDS).map_or_else(list, |meant| format!("did you mean `{meant}`?"));
    Err(Finding::error(&here("kind"), "kind", format!("there is no kind `{kind}`")).with_help(Some(help)))
}

fn list() -> String {
    format!("the kinds are {}", KINDS.map(|kind| format!("`{kind}`")).join(", "))
}

#[cfg(test)]
mod tests {
    use super::{Kind, resolve};
    use crate::gloo;
    use crate::yaml::documents;

    #[test]
    fn kinds() {
        for (text, expected) in [
            ("kind: Service", Ok(Kind::Own("Service"))),
            ("apiVersion: core/v1\nkind: User", Ok(Kind::Own("User"))),
            ("kind: ClusterConfig", Ok(Kind::Own("Gateway"))),
            ("kind: Servise", Err((1, 7, "there is no kind `Servise`", "did you mean `Service`?"))),
            ("kind: Deployment", Err((1, 7, "there is no kind `Deployment`", "the kinds are"))),
            ("kind: IdentityProvider", Err((1, 7, "not supported yet", ""))),
            ("kind: 5", Err((1, 7, "expected text", ""))),
            ("- kind: Service", Err((1, 1, "expected a map", ""))),
            ("metadata: {}", Err((1, 1, "`kind` is missing", "the kinds are"))),
            ("apiVersion: apps/v1\nkind: Service", Err((1, 13, "no apiVersion `apps/v1`", "core/v1"))),
            ("apiVersion: networking.gloo.solo.io/v2\nkind: RouteTable", Ok(Kind::Gloo(gloo::Kind::RouteTable))),
            ("apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway", Ok(Kind::Gloo(gloo::Kind::Wiring))),
            ("apiVersion: v1\nkind: Secret", Ok(Kind::Gloo(gloo::Kind::Secret))),
            ("apiVersion: gloo.solo.io/v1\nkind: Proxy", Err((2, 7, "`Proxy` of `gloo.solo.io/v1` is not supported yet", ""))),
            ("kind: RouteTable", Err((1, 7, "there is no kind `RouteTable` here", "networking.gloo.solo.io/v2"))),
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
