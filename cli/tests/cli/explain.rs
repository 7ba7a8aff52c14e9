//! `postern explain`.

use std::path::Path;

use postern_core::resource::AnyResource;
use serde_json::Value;

use crate::common::Sandbox;

const POLICY: &str = "kind: Policy
metadata: {name: chat}
spec:
  rules:
    - {name: long, effect: DENY, condition: {match: ctx.request.http.bodyMap.max_tokens > 100}}
    - {name: team, effect: ALLOW, condition: {match: '\"dev\" in ctx.user.spec.groups'}}
---
kind: Group
metadata: {name: dev}
spec: {}
---
kind: User
metadata: {name: dana}
spec: {type: WORKLOAD, groups: [dev]}
---
kind: User
metadata: {name: vera}
spec: {type: WORKLOAD}
---
kind: Credential
metadata: {name: dana-web}
spec: {type: OAUTH2, user: dana}
---
kind: Service
metadata: {name: chat}
spec:
  mode: HTTP
  isPublic: true
  authorization: {policies: [chat]}
  config:
    upstream: {url: 'https://api.example.com'}
    http:
      path: {addPrefix: /v1}
      auth: {bearer: {fromSecret: provider-key}}
";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::empty();
    sandbox.write("config/chat.yaml", POLICY);
    sandbox
}

fn steps(sandbox: &Sandbox, arguments: &[&str]) -> Vec<Value> {
    let all: Vec<&str> = ["explain", "config", "-o", "json"].into_iter().chain(arguments.iter().copied()).collect();
    serde_json::from_str(&sandbox.run(&all).ok().stdout).unwrap()
}

fn find<'s>(steps: &'s [Value], name: &str) -> &'s Value {
    steps.iter().find(|step| step["step"] == name).unwrap_or_else(|| panic!("no {name} in {steps:#?}"))
}

#[test]
fn what_would_be_sent_is_shown_with_the_secret_by_its_name() {
    let steps = steps(&sandbox(), &["--service", "chat", "--path", "/chat?x=1", "--as", "dana", "-d", "{\"max_tokens\": 7}"]);
    let upstream = find(&steps, "upstream");
    assert_eq!((&upstream["method"], &upstream["url"]), (&"POST".into(), &"https://api.example.com/v1/chat?x=1".into()));
    assert_eq!(upstream["headers"]["authorization"], "Bearer <secret:provider-key>");
    assert_eq!(upstream["body"]["max_tokens"], 7);
    assert_eq!(find(&steps, "caller")["groups"], serde_json::json!(["dev"]));
    assert_eq!(find(&steps, "answer")["isFromUpstream"], true);
}

#[test]
fn the_rule_that_decides_comes_with_the_values_it_saw() {
    let sandbox = sandbox();
    let denied = steps(&sandbox, &["--url", "http://chat.localhost/chat", "--credential", "dana-web", "-d", "{\"max_tokens\": 700}"]);
    assert_eq!(find(&denied, "rule")["name"], "long");
    let expression = find(&denied, "expression");
    assert_eq!(expression["values"], serde_json::json!([{"text": "ctx.request.http.bodyMap.max_tokens", "value": 700}]));
    assert_eq!((&expression["result"], &find(&denied, "decision")["isAllowed"]), (&true.into(), &false.into()));
    let answer = find(&denied, "answer");
    assert_eq!((&answer["status"], &answer["reason"]), (&403.into(), &"POLICY_MATCH".into()));
    assert!(!denied.iter().any(|step| step["step"] == "upstream"));

    let outcome = sandbox.run(&["explain", "--service", "chat", "--as", "vera"]).ok();
    for line in [
        "caller    user vera, no groups, credential explain",
        "rule      DENY \"long\", priority 0, of policy chat",
        "=> something that it reads is missing, which counts as false",
        "ctx.request.http.bodyMap.max_tokens = (missing)",
        "ctx.user.spec.groups = (missing)",
        "decision  denied: no rule applies",
        "answer    403, from the gateway",
    ] {
        assert!(outcome.stdout.contains(line), "{line}\n{}", outcome.stdout);
    }
}

#[test]
fn a_request_from_a_file_and_one_of_nobody() {
    let sandbox = sandbox();
    sandbox.write("request.yaml", "service: chat\npath: /chat\nheaders: ['x-team: blue']\nbody: {json: {max_tokens: 1}}\n");
    let from_file = steps(&sandbox, &["--request", "request.yaml", "--as", "dana", "-H", "x-more: yes"]);
    let headers = &find(&from_file, "upstream")["headers"];
    assert_eq!((&headers["x-team"], &headers["x-more"]), (&"blue".into(), &"yes".into()));
    assert_eq!(find(&steps(&sandbox, &["--service", "chat"]), "answer")["status"], 401);
}

const GLOO: &str = "apiVersion: networking.gloo.solo.io/v2
kind: RouteTable
metadata: {name: llm}
spec:
  hosts: ['*']
  http:
    - name: keyed
      labels: {route: keyed}
      matchers: [{uri: {prefix: /llm}}]
      forwardTo: {pathRewrite: /, destinations: [{kind: UPSTREAM, ref: {name: llm}}]}
    - name: claimed
      labels: {route: claimed}
      matchers: [{uri: {prefix: /claimed}}]
      forwardTo: {destinations: [{kind: UPSTREAM, ref: {name: llm}}]}
      options: {rbac: {policies: {admins: {principals: [{jwtPrincipal: {claims: {role: admin}}}]}}}}
---
apiVersion: gloo.solo.io/v1
kind: Upstream
metadata: {name: llm}
spec: {static: {hosts: [{addr: llm.example.com, port: 443}]}}
---
apiVersion: v1
kind: Secret
metadata: {name: team, labels: {for: llm}}
stringData: {api-key: canary-key-of-the-team, llm-key: canary-key-of-the-provider}
---
apiVersion: security.policy.gloo.solo.io/v2
kind: ExtAuthPolicy
metadata: {name: keys}
spec:
  applyToRoutes: [{route: {labels: {route: keyed}}}]
  config:
    glooAuth: {configs: [{apiKeyAuth: {headersFromMetadataEntry: {x-llm-key: {name: llm-key}}, k8sSecretApikeyStorage: {labelSelector: {for: llm}}}}]}
---
apiVersion: trafficcontrol.policy.gloo.solo.io/v2
kind: TransformationPolicy
metadata: {name: prompt}
spec:
  applyToRoutes: [{route: {labels: {route: keyed}}}]
  config:
    request:
      injaTemplate:
        extractors: {llm_key: {header: x-llm-key, regex: '.*'}}
        headers: {Authorization: {text: 'Bearer {{ llm_key }}'}}
        headersToRemove: [x-llm-key]
        body: {text: '{\"content\": \"{{ prompt }}\"}'}
    response: {injaTemplate: {body: {text: '{{ text }}'}}}
---
apiVersion: security.policy.gloo.solo.io/v2
kind: JWTPolicy
metadata: {name: acme}
spec:
  applyToRoutes: [{route: {labels: {route: claimed}}}]
  config:
    providers:
      acme:
        issuer: https://acme.example
        audiences: [llm]
        remote: {url: 'https://acme.example/jwks.json'}
        tokenSource: {headers: [{header: x-token}]}
        claimsToHeaders: [{claim: sub, header: x-sub}]
";

#[test]
fn a_route_of_gloo_with_its_key_its_templates_and_no_secret() {
    let sandbox = Sandbox::empty();
    sandbox.write("config/gloo.yaml", GLOO);
    let ask = |key: &str, more: &[&str]| {
        let key = format!("api-key: {key}");
        let request = ["--url", "http://any.example.org/llm/chat", "-H", &key, "-d", "{\"prompt\": \"say \\\"hi\\\"\"}"];
        steps(&sandbox, &[&request, more].concat())
    };
    let taken = ask("canary-key-of-the-team", &["--answer", "{\"text\": \"hi\"}"]);
    assert_eq!(find(&taken, "route")["route"], "keyed");
    assert_eq!(find(&taken, "caller")["user"], "team");
    assert_eq!(find(&taken, "plugin")["kind"], "transform");
    let upstream = find(&taken, "upstream");
    assert_eq!(upstream["url"], "https://llm.example.com/chat");
    assert_eq!(upstream["headers"]["authorization"], "Bearer <secret:team-llm-key>");
    assert_eq!((&upstream["headers"]["x-llm-key"], &upstream["headers"]["api-key"]), (&Value::Null, &Value::Null));
    assert_eq!(upstream["body"], serde_json::json!({"content": "say \"hi\""}));
    assert_eq!((&find(&taken, "answer")["status"], &find(&taken, "answer")["body"]), (&200.into(), &"hi".into()));
    assert!(!serde_json::to_string(&taken).unwrap().contains("canary"));

    let made_up = ask("canary-key-of-the-team", &[]);
    assert!(find(&made_up, "answer")["note"].as_str().unwrap().contains("--answer"), "{made_up:#?}");
    let refused = ask("another-key-of-the-team", &[]);
    assert_eq!(find(&refused, "answer")["status"], 401);
    assert!(!refused.iter().any(|step| step["step"] == "upstream"));
}

#[test]
fn claims_of_a_token_that_nobody_has_issued() {
    let sandbox = Sandbox::empty();
    sandbox.write("config/gloo.yaml", GLOO);
    let ask = |claims: &str| steps(&sandbox, &["--url", "http://any.example.org/claimed/1", "--claims", claims]);
    let admin = ask("{\"sub\": \"ada\", \"role\": \"admin\"}");
    assert_eq!(find(&admin, "caller")["user"], "acme:ada");
    let values = serde_json::json!([{"text": "ctx.session.status.claims.role", "value": "admin"}]);
    assert_eq!(find(&admin, "expression")["values"], values);
    assert_eq!(find(&admin, "upstream")["headers"]["x-sub"], "ada");
    assert_eq!(find(&ask("{\"sub\": \"eve\"}"), "answer")["status"], 403);
    for wrong in ["{\"role\": \"admin\"}", "{\"sub\": \"a\", \"iss\": \"https://other.example\"}", "{\"sub\": \"a\", \"aud\": \"other\"}"] {
        assert_eq!(find(&ask(wrong), "answer")["status"], 401, "{wrong}");
    }
    sandbox.run(&["explain", "config", "--url", "http://a.example.org/", "--claims", "ada"]).refused("--claims takes a JSON object");
}

/// The page shows what the tool prints.
#[test]
fn the_documentation_is_true() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let page = std::fs::read_to_string(root.join("docs/explain.md")).unwrap();
    let block = |fence: &str| page.split_once(fence).unwrap().1.split_once("```").unwrap().0.to_owned();
    let sandbox = Sandbox::empty();
    for file in std::fs::read_dir(root.join("examples/policy-by-group/config")).unwrap() {
        let file = file.unwrap();
        sandbox.write(&format!("config/{}", file.file_name().display()), &std::fs::read_to_string(file.path()).unwrap());
    }
    let command = block("```sh\npostern ");
    let mut arguments: Vec<&str> = command.split_whitespace().collect();
    let data = arguments.iter().position(|argument| *argument == "-d").unwrap();
    arguments.truncate(data + 1);
    let body = command.split_once("-d '").unwrap().1.split_once('\'').unwrap().0;
    arguments.push(body);
    assert_eq!(sandbox.run(&arguments).ok().stdout, block("it prints:\n\n```\n"));
}

#[test]
fn what_cannot_be_explained_is_refused() {
    let sandbox = sandbox();
    sandbox.run(&["explain", "--service", "chat", "--as", "nobody"]).refused("there is no User \"nobody\"");
    sandbox.run(&["explain", "--service", "chat", "--credential", "none"]).refused("there is no Credential \"none\"");
    sandbox.run(&["explain", "--url", "/chat"]).refused("names no host");
    sandbox.write("config/broken.yaml", "kind: Service\nmetadata: {name: b}\nspec: {mode: HTTP, isPublic: true}\n");
    sandbox.run(&["explain", "--service", "chat"]).refused("the Service has no `config`");
}

#[test]
fn processors_are_shown_what_they_would_see_and_let_it_pass() {
    let sandbox = Sandbox::empty();
    let config = "kind: Service
metadata: {name: chat}
spec:
  mode: HTTP
  isPublic: true
  isAnonymous: true
  config:
    upstream: {url: 'https://api.example.com'}
    http:
      plugins:
        - {name: a, condition: {matchAny: true}, extProc: {address: 'http://127.0.0.1:9002/process', protocol: HTTP}}
        - {name: b, condition: {matchAny: true}, extProc: {address: '127.0.0.1:9003'}}
";
    sandbox.write("config/chat.yaml", config);
    let steps = steps(&sandbox, &["--service", "chat", "--path", "/chat"]);
    let sent: Vec<&Value> = steps.iter().filter(|step| step["step"] == "upstream").collect();
    let urls: Vec<&str> = sent.iter().map(|step| step["url"].as_str().unwrap()).collect();
    let grpc = "http://127.0.0.1:9003/envoy.service.ext_proc.v3.ExternalProcessor/Process";
    assert_eq!(urls, ["http://127.0.0.1:9002/process", grpc, "https://api.example.com/chat", "http://127.0.0.1:9002/process", grpc]);
    assert_eq!(sent[1]["body"]["requestHeaders"]["headers"]["headers"][1]["value"], "/chat");
    assert_eq!(find(&steps, "answer")["status"], 200);
}

/// Whatever a case calls secret, in the store or in the files, `explain` of its first request does not print.
#[test]
fn no_secret_of_any_case_is_printed() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/cases");
    let mut explained = 0;
    for path in postern_cases::load::find(&cases).unwrap() {
        let file = postern_cases::load::read(&path).unwrap();
        let files = file.case.files.iter().map(|name| std::fs::read_to_string(file.folder().join(name)).unwrap());
        let resources: Vec<String> = std::iter::once(file.case.resources.clone()).chain(files).collect();
        let Some(request) = file.case.steps.iter().find_map(|step| step.request.clone()) else { continue };
        let request = postern_cases::format::Request { token: None, ..request };
        let request = without_references(&serde_json::to_string(&request).unwrap());
        let resources = without_references(&resources.join("\n---\n"));
        let declared = [&file.case.secrets, &file.case.env].into_iter().flat_map(|secrets| secrets.values().cloned());
        // What the caller sends is no secret from who types it.
        let secrets: Vec<String> =
            declared.chain(written(&resources)).filter(|secret| secret.len() >= 8 && !request.contains(secret)).collect();
        if secrets.is_empty() {
            continue;
        }
        let sandbox = Sandbox::empty();
        sandbox.write("config/all.yaml", &resources);
        sandbox.write("request.yaml", &request);
        for output in ["text", "json"] {
            let outcome = sandbox.run(&["explain", "config", "--request", "request.yaml", "-o", output]);
            explained += usize::from(outcome.code == 0);
            for secret in &secrets {
                assert!(!outcome.stdout.contains(secret), "{} shows {secret}: {}", path.display(), outcome.stdout);
                assert!(!outcome.stderr.contains(secret), "{} shows {secret}: {}", path.display(), outcome.stderr);
            }
        }
    }
    assert!(explained > 100, "only {explained} were explained");
}

/// Without what only the runner of cases knows.
fn without_references(text: &str) -> String {
    let mut parts = text.split("${");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |out, part| match part.split_once('}') {
        Some((name, rest)) if name.starts_with("upstream.") => format!("{out}http://127.0.0.1:9{rest}"),
        Some((_, rest)) => format!("{out}127.0.0.1:9{rest}"),
        None => format!("{out}${{{part}"),
    })
}

/// The values of Secrets, keys and entries that stand in the resources themselves.
fn written(resources: &str) -> Vec<String> {
    let manifest = postern_manifest::Manifest::parse(vec![postern_manifest::Source { name: "all".into(), text: resources.to_owned() }]);
    let mut found = Vec::new();
    for (_, resource) in manifest.resources() {
        match resource {
            AnyResource::Secret(secret) => found.extend(secret.spec.data.as_ref().and_then(|data| data.value.clone())),
            AnyResource::Credential(credential) => {
                found.extend(credential.spec.keys.iter().filter_map(|key| key.value.clone()));
                found.extend(credential.spec.entries.values().filter_map(|entry| entry.value.clone()));
            }
            _ => {}
        }
    }
    found
}
