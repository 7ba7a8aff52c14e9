//! Documents of Gloo Gateway: `postern import`, and what refuses their open routes.

use crate::common::{Sandbox, fake};

const OPENAI: &str = "apiVersion: gloo.solo.io/v1\nkind: Upstream\nmetadata: {name: openai}\nspec: {ai: {openai: {authToken: {inline: \
                      canary-token}}}}\n---\napiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: http}\n";

fn route(annotations: &str) -> String {
    format!(
        "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {{name: openai, annotations: {{{annotations}}}}}\nspec:\n  rules:\n    \
         - matches: [{{path: {{type: PathPrefix, value: /openai}}}}]\n      backendRefs: [{{group: gloo.solo.io, kind: Upstream, name: openai}}]\n"
    )
}

#[test]
fn prints_what_can_be_kept_and_no_secret() {
    let sandbox = Sandbox::new();
    sandbox.write("gloo/upstream.yaml", OPENAI);
    sandbox.write("gloo/route.yaml", &route(""));
    let outcome = sandbox.run(&["import", "gloo"]).ok().says("sees this token");
    let printed = outcome.stdout.clone();
    assert!(printed.contains("kind: Service\n") && printed.contains("postern create secret openai-token\n"), "{printed}");
    assert!(!printed.contains("canary-token") && !outcome.stderr.contains("canary-token"), "{printed}");
    sandbox.write("config/imported.yaml", &printed);
    sandbox.run(&["check"]).ok().says("imported.yaml").says("postern create secret openai-token");
    sandbox.run(&["import", "config"]).ok().says("nothing to import");
    sandbox.write("gloo/wrong.yaml", &OPENAI.replace("openai:", "opnai:").replace("name: openai", "name: other"));
    assert!(sandbox.run(&["import", "gloo"]).refused("did you mean `openai`?").stdout.is_empty());
}

#[test]
fn an_open_route_with_a_credential_is_deployed_only_when_that_is_meant() {
    let sandbox = Sandbox::new();
    sandbox.write("config/upstream.yaml", OPENAI);
    sandbox.write("config/route.yaml", &route(""));
    sandbox.run(&["check"]).ok().says("config/route.yaml:6").says("anybody may call this Service");
    sandbox.run(&["check", "--verbose"]).ok().says("config/upstream.yaml:6: Gateway");
    sandbox.run(&["build"]).refused("postern.dev/open").says("config/route.yaml:6");
    sandbox.run(&["build", "--dev"]).ok();
    for host in ["cloudflare", "spin"] {
        sandbox.run(&["build", "--for", host]).refused("postern.dev/open");
    }
    sandbox.write("config/route.yaml", &route("postern.dev/open: \"yes\""));
    sandbox.run(&["build"]).refused("postern.dev/open");
    sandbox.write("config/route.yaml", &route("postern.dev/open: \"true\""));
    sandbox.run(&["build"]).ok();
}

#[test]
fn an_open_route_with_a_credential_is_not_applied_to_a_deployment() {
    let sandbox = fake::tool(Sandbox::new(), "npx", fake::NPX).with_env("POSTERN_KEY", "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=");
    sandbox.write("gloo/upstream.yaml", OPENAI);
    sandbox.write("gloo/route.yaml", &route(""));
    let remote = ["apply", "gloo", "--to", "cloudflare", "--remote"];
    sandbox.run(&remote).refused("postern.dev/open").says("gloo/route.yaml:6");
    assert!(!sandbox.path("put.json").exists(), "nothing was written");
    sandbox.run(&["apply", "gloo", "--config", "none"]).ok().says("anybody may call this Service");
    sandbox.write("gloo/route.yaml", &route("postern.dev/open: \"true\""));
    sandbox.run(&["build", "gloo", "--for", "cloudflare"]).ok();
    let applied = sandbox.run(&remote).ok();
    assert!(!sandbox.read("put.json").contains("canary-token") && !applied.stderr.contains("canary-token"));
}

#[test]
fn what_a_policy_protects_or_adds_nothing_to_needs_no_annotation() {
    let sandbox = Sandbox::new();
    sandbox.write("config/upstream.yaml", &OPENAI.replace("{inline: canary-token}", "{passthrough: {}}"));
    sandbox.write("config/route.yaml", &route(""));
    sandbox.run(&["build"]).ok().says("anybody may call this Service");
    sandbox.write("config/upstream.yaml", &OPENAI.replace("{inline: canary-token}", "{secretRef: {name: openai-key}}"));
    sandbox.run(&["build"]).refused("postern.dev/open");
    sandbox.write(
        "config/keys.yaml",
        "apiVersion: security.policy.gloo.solo.io/v2\nkind: ExtAuthPolicy\nmetadata: {name: keys}\nspec: {config: {glooAuth: {configs: \
         [{apiKeyAuth: {k8sSecretApikeyStorage: {labelSelector: {for: gateway}}}}]}}}\n",
    );
    sandbox.run(&["build"]).ok().says("every request is 401");
}
