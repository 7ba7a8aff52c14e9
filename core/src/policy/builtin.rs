use super::Policy;
use crate::problem::Problems;
use crate::resource;

/// Policies that need not be written. A resource of the same name is refused when the configuration is compiled.
pub(super) fn builtin(name: &str) -> Option<Policy> {
    let source = source(name)?;
    let source: resource::Policy = serde_json::from_str(source).ok()?;
    Some(Policy::compile(&source, &mut Problems::new()))
}

/// Whether the name is one of `allow-all`, `deny-all` and `http-read-only`.
pub fn is_builtin(name: &str) -> bool {
    source(name).is_some()
}

fn source(name: &str) -> Option<&'static str> {
    match name {
        "allow-all" => Some(r#"{"rules":[{"name":"allow-all","effect":"ALLOW","condition":{"matchAny":true}}]}"#),
        "deny-all" => Some(r#"{"rules":[{"name":"deny-all","effect":"DENY","condition":{"matchAny":true}}]}"#),
        "http-read-only" => Some(
            r#"{"rules":[
                {"name":"read","effect":"ALLOW","priority":-1,"condition":{"match":"ctx.request.http.method in ['GET','HEAD','OPTIONS']"}},
                {"name":"write","effect":"DENY","priority":-1,"condition":{"matchAny":true}}],
              "enforcementRules":[
                {"effect":"ENFORCE","condition":{"match":"ctx.service.spec.mode in ['HTTP','WEB']"}},
                {"effect":"IGNORE","condition":{"matchAny":true}}]}"#,
        ),
        _ => None,
    }
}
