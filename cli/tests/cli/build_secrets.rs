//! No file that `postern build` writes, and nothing that it says, shows a secret, wherever a configuration may hold or name one.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE};

use crate::common::Sandbox;

/// Every marked value begins so, and none is in anything but the configuration's own files.
const MARK: &str = "marked+secret";
const KEY: &str = "bWFya2VkK3NlY3JldC1vZi10aGUtbWFzdGVyLWtleSE=";

/// A Secret for each place that names one; plain keys and entries of a Credential.
const OWN: &str = r#"
kind: Gateway
metadata: {name: default}
spec:
  domain: localhost
  telemetry: {otlp: {url: 'https://otlp.example', headers: [{key: x-otlp-key, fromSecret: otlp}]}}
---
kind: User
metadata: {name: app}
spec: {type: WORKLOAD, authorization: {policies: [allow-all]}}
---
kind: Credential
metadata: {name: ci}
spec:
  user: app
  type: API_KEY
  keys: [{value: marked+secret-key-of-a-caller}]
  entries: {own: {value: marked+secret-entry-of-a-caller}, named: {fromSecret: entry}}
---
kind: Service
metadata: {name: proved}
spec:
  mode: HTTP
  isPublic: true
  authorization: {policies: [allow-all]}
  dynamicConfig:
    configs:
      - {name: bearer, upstream: {url: 'https://a.example'}, http: {auth: {bearer: {fromSecret: bearer}}}}
      - {name: basic, upstream: {url: 'https://b.example'}, http: {auth: {basic: {username: u, password: {fromSecret: basic}}}}}
      - {name: custom, upstream: {url: 'https://c.example'}, http: {auth: {custom: {header: x-key, value: {fromSecret: custom}}}}}
      - {name: query, upstream: {url: 'https://d.example'}, http: {auth: {query: {name: key, value: {fromSecret: query}}}}}
      - name: oauth2
        upstream: {url: 'https://e.example'}
        http: {auth: {oauth2ClientCredentials: {clientID: c, clientSecret: {fromSecret: oauth2}, tokenURL: 'https://e.example/token'}}}
      - name: sigv4
        upstream: {url: 'https://f.example'}
        http: {auth: {sigv4: {accessKeyID: AKIDEXAMPLE, secretAccessKey: {fromSecret: access}, sessionToken: {fromSecret: session}, region: eu-central-1, service: bedrock}}}
    rules: [{condition: {matchAny: true}, configName: bearer}]
"#;

/// Only Cloudflare runs containers.
const BOXED: &str = r#"---
kind: Service
metadata: {name: boxed}
spec:
  mode: HTTP
  isPublic: true
  authorization: {policies: [allow-all]}
  config:
    upstream:
      container:
        image: ghcr.io/org/app:1
        port: 3000
        args: [serve]
        env: [{name: KEY, fromSecret: variable}]
        credentials: {usernamePassword: {username: linus, password: {fromSecret: registry}}}
"#;

/// The same of other gateways' documents: a token in an Upstream, keys and entries in Kubernetes' Secrets.
const GLOO: &str = r#"
apiVersion: gloo.solo.io/v1
kind: Upstream
metadata: {name: openai}
spec: {ai: {openai: {authToken: {inline: marked+secret-token}}}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: http}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: openai, annotations: {postern.dev/open: "true"}}
spec:
  rules:
    - matches: [{path: {type: PathPrefix, value: /openai}}]
      backendRefs: [{group: gloo.solo.io, kind: Upstream, name: openai}]
---
apiVersion: networking.gloo.solo.io/v2
kind: ExternalService
metadata: {name: llm}
spec: {hosts: [llm.example.com], ports: [{number: 443, protocol: HTTPS, clientsideTls: {}}]}
---
apiVersion: networking.gloo.solo.io/v2
kind: RouteTable
metadata: {name: llm}
spec:
  hosts: ['*']
  http:
    - name: all
      labels: {route: llm}
      matchers: [{uri: {prefix: /llm}}]
      forwardTo: {pathRewrite: /, destinations: [{kind: EXTERNAL_SERVICE, ref: {name: llm}}]}
---
apiVersion: v1
kind: Secret
metadata: {name: mobile, labels: {team: mobile}}
type: extauth.solo.io/apikey
stringData: {api-key: marked+secret-key-of-the-mobile-team, llm-key: marked+secret-entry-of-the-mobile-team}
---
apiVersion: admin.gloo.solo.io/v2
kind: ExtAuthServer
metadata: {name: ext-auth}
spec: {destinationServer: {port: {number: 8083}}}
---
apiVersion: security.policy.gloo.solo.io/v2
kind: ExtAuthPolicy
metadata: {name: keys}
spec:
  applyToRoutes: [{route: {labels: {route: llm}}}]
  config:
    server: {name: ext-auth}
    glooAuth:
      configs:
        - apiKeyAuth:
            headerName: x-key
            headersFromMetadataEntry: {x-llm-key: {name: llm-key, required: true}}
            k8sSecretApikeyStorage: {labelSelector: {team: mobile}}
"#;

const NAMES: [&str; 11] = ["otlp", "entry", "variable", "registry", "bearer", "basic", "custom", "query", "oauth2", "access", "session"];

const WRANGLER: &str = "name = \"mine\"\n\n[[migrations]]\ntag = \"v1\"\nnew_sqlite_classes = [\"PosternCounter\"]\n";
const SPIN: &str = "[component.postern]\nsource = \"p.wasm\"\nallowed_outbound_hosts = []\n";

/// Plain Secrets, every other one in base64.
fn secrets() -> String {
    let of = |(number, name): (usize, &&str)| {
        let value = format!("{MARK}-{name}");
        let data = if number % 2 == 0 { format!("value: {value}") } else { format!("valueBytes: {}", BASE64_STANDARD.encode(value)) };
        format!("---\nkind: Secret\nmetadata: {{name: {name}}}\nspec: {{data: {{{data}}}}}\n")
    };
    NAMES.iter().enumerate().map(of).collect()
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

/// What the build has written, by name.
fn written(sandbox: &Sandbox) -> BTreeMap<String, Vec<u8>> {
    let (root, mut all) = (sandbox.path(""), Vec::new());
    files(&root, &mut all);
    let named = all.into_iter().map(|path| (path.strip_prefix(&root).unwrap().display().to_string(), fs::read(&path).unwrap()));
    named.filter(|(name, _)| !name.starts_with("config/")).collect()
}

/// The marked value that a text shows, as it stands there.
fn shows(text: &[u8]) -> Option<String> {
    postern_cases::looks(MARK).into_iter().find(|look| text.windows(look.len()).any(|window| window == look.as_bytes()))
}

fn sandbox(config: &str) -> Sandbox {
    let sandbox = Sandbox::empty();
    sandbox.write("config/all.yaml", config);
    sandbox.write("wrangler.toml", WRANGLER);
    sandbox.write("spin.toml", SPIN);
    sandbox
}

#[test]
fn nothing_beside_the_configuration_shows_a_secret() {
    let own = format!("{OWN}{}", secrets());
    for (host, config, files) in
        [("native", own.clone(), 1), ("cloudflare", format!("{own}{BOXED}"), 5), ("cloudflare", GLOO.to_owned(), 3), ("spin", own, 3)]
    {
        let sandbox = sandbox(&config).with_env("POSTERN_KEY", KEY);
        let outcome = sandbox.run(&["build", "--for", host]).ok();
        let written = written(&sandbox);
        let unchanged = [("wrangler.toml", WRANGLER), ("spin.toml", SPIN)];
        let changed = written.iter().filter(|(name, text)| !unchanged.contains(&(name, std::str::from_utf8(text).unwrap())));
        assert_eq!(changed.count(), files, "{host}: {:?}", written.keys());
        for (name, text) in written
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_slice()))
            .chain([("its output", outcome.stdout.as_bytes()), ("its errors", outcome.stderr.as_bytes())])
        {
            assert_eq!(shows(text), None, "{host}: {name}");
        }
    }
}

#[test]
fn a_key_for_local_runs_is_in_its_own_file_alone() {
    for (host, file) in [("native", ".postern/key"), ("cloudflare", ".dev.vars"), ("spin", ".spin.vars.toml")] {
        let sandbox = sandbox(&format!("{OWN}{}", secrets()));
        let outcome = sandbox.run(&["build", "--dev", "--for", host]).ok();
        let mut written = written(&sandbox);
        let own = String::from_utf8(written.remove(file).unwrap()).unwrap();
        let key = own.split('"').find(|part| part.len() == 44).unwrap_or(own.trim_end());
        assert_eq!(BASE64_STANDARD.decode(key).unwrap().len(), 32, "{host}");
        for text in written.values().map(Vec::as_slice).chain([outcome.stdout.as_bytes(), outcome.stderr.as_bytes()]) {
            assert!(!text.windows(key.len()).any(|window| window == key.as_bytes()), "{host}");
            assert_eq!(shows(text), None, "{host}");
        }
    }
}

/// The line of a problem is shown with it, and may have more than the problem on it.
#[test]
fn lines_with_secrets_are_not_quoted() {
    for line in [
        "kind: Secret\nmetadata: {name: key-a}\nspec: {data: {value: marked+secret}, other: 1}\n",
        "kind: Credential\nmetadata: {name: ci}\nspec: {user: nobody, type: API_KEY, keys: [{value: marked+secret}]}\n",
        "kind: Credential\nmetadata: {name: ci}\nspec: {user: nobody, type: API_KEY, entries: {a: {value: marked+secret}}}\n",
        "kind: Credential\nmetadata: {name: ci}\nspec:\n  entries:\n    a: {value: marked+secret, other: 1}\n",
        "kind: Service\nmetadata: {name: svc}\nspec: {config: {http: {header: {addRequestHeaders: [{key: authorization, value: marked+secret}]}}}, other: 1}\n",
        "kind: Service\nmetadata: {name: svc}\nspec: {other: 1, config: {upstream: {url: 'https://u:marked+secret@a.example'}}}\n",
        "kind: Gateway\nmetadata: {name: default}\nspec: {other: 1, telemetry: {otlp: {headers: [{key: authorization, value: marked+secret}]}}}\n",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: key-a}\nstringData: {key: marked+secret}\nother: 1\n",
        "apiVersion: gloo.solo.io/v1\nkind: Upstream\nmetadata: {name: openai}\nspec: {ai: {openai: {authToken: {inline: marked+secret}}}, other: 1}\n",
    ] {
        let sandbox = sandbox(line);
        for command in [&["build"][..], &["check"], &["check", "--verbose"]] {
            let outcome = sandbox.run(command).refused("error");
            assert_eq!(shows(outcome.stderr.as_bytes()), None, "{line}{}", outcome.stderr);
            assert_eq!(shows(outcome.stdout.as_bytes()), None, "{line}{}", outcome.stdout);
        }
    }
}

#[test]
fn a_marked_value_is_found_in_whatever_encoding() {
    for text in secrets().lines().filter(|line| line.starts_with("spec:")) {
        assert_ne!(shows(text.as_bytes()), None, "{text}");
    }
    for text in [format!("u:{MARK}"), format!("user:{MARK}"), format!("{MARK}-b")] {
        assert_ne!(shows(BASE64_URL_SAFE.encode(&text).as_bytes()), None, "{text}");
    }
    assert_eq!(shows(KEY.as_bytes()).as_deref(), Some(&KEY[..16]));
    assert_eq!(shows(b"marked secret"), None);
}
