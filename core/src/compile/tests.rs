use crate::testing::test;
use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Host, LocatedProblem, Options, Protect, compile};
#[cfg(feature = "ext-proc")]
use crate::platform::Capability;
use crate::platform::{Capabilities, Precision};
use crate::problem::Severity;
use crate::resource::AnyResource;
use crate::secret::SecretName;
use crate::snapshot::{Snapshot, uid};

fn run(documents: &[Value], options: Options<'_>) -> (Option<Snapshot>, Vec<LocatedProblem>) {
    let read = |document: &Value| AnyResource::from_json(document["kind"].as_str().unwrap(), document.clone()).unwrap();
    let resources: Vec<_> = documents.iter().map(read).enumerate().collect();
    compile(&resources, options)
}

fn errors(problems: &[LocatedProblem]) -> Vec<String> {
    let errors = problems.iter().filter(|located| located.problem.severity == Severity::Error);
    errors.map(|located| format!("{} {}: {}", located.source, located.problem.path, located.problem.message)).collect()
}

fn service(name: &str, config: Value) -> Value {
    json!({ "kind": "Service", "metadata": { "name": name }, "spec": { "mode": "HTTP", "isPublic": true, "config": config } })
}

/// Seals as if; with an error, refuses to.
struct Pretend(Option<&'static str>);

impl Protect for Pretend {
    fn seal(&self, name: &SecretName, value: &[u8]) -> Result<String, String> {
        self.0.map_or_else(|| Ok(format!("sealed:{}:{}", name.as_str(), value.len())), |fault| Err(fault.to_owned()))
    }

    fn digest(&self, key: &str) -> String {
        format!("00000000.{:0>64}", key.len())
    }
}

#[test]
fn a_snapshot_holds_canonical_resources() {
    let upstream = json!({ "upstream": { "url": "https://a.example.com" } });
    let documents = [
        json!({ "kind": "ClusterConfig", "metadata": { "name": "main" }, "spec": { "domain": "example.com", "authorization": { "policies": ["allow-all"] } } }),
        service("chat", upstream),
        json!({ "kind": "User", "metadata": { "name": "ada", "uid": "7b5f4f0e-6f0e-4f43-9f4e-3d9f0a6a3c11" }, "spec": {} }),
        json!({ "kind": "Secret", "metadata": { "name": "plain" }, "spec": { "data": { "value": "s3cret\n" } } }),
        json!({ "kind": "Secret", "metadata": { "name": "bytes" }, "spec": { "data": { "valueBytes": "AAEC" } } }),
        json!({ "kind": "Secret", "metadata": { "name": "sealed" }, "spec": { "sealed": "psl1.k.AAAAAAAAAAAAAAAA.AAAA" } }),
    ];
    let (snapshot, problems) = run(&documents, Options { generation: 7, protect: Some(&Pretend(None)), ..Options::default() });
    assert_eq!(errors(&problems), Vec::<String>::new());
    let snapshot = snapshot.unwrap();
    assert_eq!((snapshot.generation, snapshot.domain.as_str(), snapshot.gateway.kind.as_str()), (7, "example.com", "Gateway"));
    let chat = snapshot.service("chat.default").unwrap();
    assert_eq!(chat.metadata.name, "chat.default");
    assert_eq!(chat.metadata.uid, Some(uid("example.com", "Service", "chat.default")));
    assert_eq!(snapshot.user("ada").unwrap().metadata.uid.unwrap(), "7b5f4f0e-6f0e-4f43-9f4e-3d9f0a6a3c11");
    assert!(snapshot.namespace("default").is_some() && snapshot.policies.is_empty());
    for (name, text) in [("plain", "sealed:plain:6"), ("bytes", "sealed:bytes:3"), ("sealed", "psl1.k.AAAAAAAAAAAAAAAA.AAAA")] {
        let secret = snapshot.secret(name).unwrap().spec;
        assert_eq!(secret.sealed.as_deref(), Some(text));
        assert!(secret.data.is_none());
    }
    let json = serde_json::to_string(&snapshot).unwrap();
    assert!(!json.contains("s3cret") && !json.contains("AAEC"));
    assert_eq!(serde_json::to_string(&Snapshot::from_json(&json).unwrap()).unwrap(), json);
}

#[test]
fn a_plain_secret_needs_a_key() {
    let documents = [json!({ "kind": "Secret", "metadata": { "name": "plain" }, "spec": { "data": { "value": "s3cret" } } })];
    let (snapshot, problems) = run(&documents, Options::default());
    assert!(snapshot.is_none());
    assert_eq!(errors(&problems), ["0 spec.data: there is no key to seal this value with"]);
    let (snapshot, problems) = run(&documents, Options { protect: Some(&Pretend(Some("wrong key"))), ..Options::default() });
    assert!(snapshot.is_none());
    assert_eq!(errors(&problems), ["0 spec.data: the value cannot be sealed: wrong key"]);
    assert!(problems.iter().all(|located| !format!("{located:?}").contains("s3cret")));
}

#[cfg(feature = "ext-proc")]
#[test]
fn a_host_is_not_given_what_it_cannot_do() {
    let host_rule =
        json!({ "upstream": { "url": "https://a.example.com" }, "http": { "header": { "host": { "value": "b.example.com" } } } });
    let socket = json!({ "upstream": { "url": "wss://a.example.com" } });
    let processor = json!({
        "upstream": { "url": "https://a.example.com" },
        "http": { "plugins": [
            { "name": "http", "condition": { "matchAny": true }, "extProc": { "address": "127.0.0.1:9002", "protocol": "HTTP" } },
            { "name": "off", "condition": { "matchAny": true }, "isDisabled": true, "extProc": { "address": "127.0.0.1:9002" } },
            { "name": "grpc", "condition": { "matchAny": true }, "extProc": { "address": "127.0.0.1:9002" } },
        ] },
    });
    let documents = [service("host", host_rule), service("socket", socket), service("processor", processor)];
    let none = Host { name: "spin", capabilities: Capabilities::none(), counters: Precision::Exact };
    let (_, problems) = run(&documents, Options { for_host: Some(none), ..Options::default() });
    assert_eq!(
        errors(&problems),
        [
            "0 spec.config.http.header.host: a `Host` that differs from the upstream's address is not possible on spin",
            "1 spec.config.upstream.url: a WebSocket upstream is not possible on spin",
            "2 spec.config.http.plugins[2].extProc.protocol: an external processor over gRPC, which is the default, is not possible on spin",
        ]
    );
    let all = Host {
        name: "native",
        capabilities: Capabilities::none().with(Capability::HostOverride).with(Capability::WebSocket).with(Capability::Grpc),
        counters: Precision::Exact,
    };
    for for_host in [Some(all), None] {
        assert!(run(&documents, Options { for_host, ..Options::default() }).0.is_some());
    }
}

#[test]
fn what_is_known_elsewhere_does_not_dangle() {
    let auth = json!({ "upstream": { "url": "https://a.example.com" }, "http": { "auth": { "bearer": { "fromSecret": "a-key" } } } });
    let documents = [
        service("chat.prod", auth),
        json!({ "kind": "Credential", "metadata": { "name": "one" }, "spec": { "type": "OAUTH2", "user": "ada" } }),
    ];
    let (snapshot, problems) = run(&documents, Options::default());
    assert!(snapshot.is_none());
    assert_eq!(errors(&problems), ["0 metadata.name: there is no Namespace `prod`", "1 spec.user: there is no User `ada`"]);
    let missing_secret = |problems: &[LocatedProblem]| problems.iter().any(|located| located.problem.path.ends_with("fromSecret"));
    assert!(missing_secret(&problems), "a missing Secret is a warning");
    let known: BTreeSet<_> =
        [("Namespace", "prod"), ("User", "ada"), ("Secret", "a-key")].map(|(k, n)| (k.to_owned(), n.to_owned())).into();
    let (snapshot, problems) = run(&documents, Options { known: Some(&known), ..Options::default() });
    assert!(snapshot.is_some() && errors(&problems).is_empty() && !missing_secret(&problems), "{problems:?}");
}

#[test]
fn lengths_are_bounded() {
    let long = "x".repeat(2000);
    let labels: serde_json::Map<String, Value> = (0..65).map(|n| (format!("l{n}"), json!("x"))).collect();
    let metadata = json!({ "name": "aa", "displayName": &long[..101], "description": &long[..1025], "labels": labels });
    let policies = vec!["allow-all"; 101];
    let rules = vec![json!({ "condition": { "matchAny": true }, "effect": "ALLOW" }); 101];
    let documents = [
        json!({ "kind": "Group", "metadata": metadata, "spec": { "authorization": { "policies": policies }, "attrs": { "a": long.repeat(11) } } }),
        json!({ "kind": "Policy", "metadata": { "name": "bb" }, "spec": { "rules": rules } }),
        json!({ "kind": "Policy", "metadata": { "name": "cc" }, "spec": { "attrs": { "a": long.repeat(60) } } }),
        service(
            "dd",
            json!({ "upstream": { "url": format!("https://{}", long.repeat(2)) }, "http": { "path": { "addPrefix": format!("/{}", &long[..512]) } } }),
        ),
        json!({ "kind": "Secret", "metadata": { "name": "ee" }, "spec": { "data": { "value": long.repeat(300) } } }),
    ];
    let (_, problems) = run(&documents, Options { protect: Some(&Pretend(None)), ..Options::default() });
    assert_eq!(
        errors(&problems),
        [
            "0 metadata.displayName: at most 100 characters, found 101",
            "0 metadata.description: at most 1024 characters, found 1025",
            "0 metadata.labels: at most 64 entries, found 65",
            "0 spec.authorization.policies: at most 100 policies, found 101",
            "0 spec.attrs: at most 20000 bytes as JSON, found 22008",
            "1 spec.rules: at most 100 rules",
            "2 spec: a policy has at most 100000 bytes as JSON, found 120018",
            "3 spec.config.upstream.url: an address has at most 2048 characters",
            "3 spec.config.http.path.addPrefix: at most 512 bytes, found 513",
            "4 spec.data: a secret has 1 to 524288 bytes",
        ]
    );
}

#[test]
fn a_service_that_nobody_may_call_is_noticed() {
    let upstream = json!({ "upstream": { "url": "https://a.example.com" } });
    let policies = json!({ "authorization": { "policies": ["allow-all"] } });
    let other = |kind: &str, spec: &Value| json!({ "kind": kind, "metadata": { "name": "other" }, "spec": spec });
    let warned = |documents: &[Value]| {
        let (snapshot, problems) = run(documents, Options::default());
        assert!(snapshot.is_some(), "{problems:?}");
        problems.iter().any(|located| located.problem.message.starts_with("no policy allows anybody"))
    };
    assert!(warned(&[service("chat", upstream.clone())]));
    assert!(warned(&[service("chat", upstream.clone()), other("Namespace", &policies)]));
    for kind in ["Gateway", "Group", "User"] {
        assert!(!warned(&[service("chat", upstream.clone()), other(kind, &policies)]), "{kind}");
        assert!(warned(&[service("chat", upstream.clone()), other(kind, &json!({}))]), "{kind}");
    }
    assert!(!warned(&[service("chat.other", upstream), other("Namespace", &policies)]));
}

#[test]
fn the_gateways_own_policies_exist_and_cannot_be_replaced() {
    let document = json!({ "kind": "Policy", "metadata": { "name": "allow-all" }, "spec": {} });
    assert_eq!(errors(&run(&[document], Options::default()).1), ["0 metadata.name: `allow-all` is a policy of the gateway's own"]);
    let group = json!({ "kind": "Group", "metadata": { "name": "aa" }, "spec": { "authorization": { "policies": ["allow-all", "deny-all", "http-read-only"] } } });
    assert!(run(&[group], Options::default()).0.is_some());
}

#[test]
fn limits_on_a_host_that_loses_counts_are_warned_of() {
    let limit = |kind: &str, limit: Value| json!({"name": kind, "condition": {"matchAny": true}, kind: limit});
    let config = json!({
        "upstream": {"url": "https://a.example.com"},
        "http": {"plugins": [{"name": "d", "condition": {"matchAny": true}, "direct": {}}, limit("rateLimit", json!({"limit": 1, "window": {"minutes": 1}})), limit("concurrencyLimit", json!({"limit": 1}))]},
    });
    let warnings = |counters| {
        let host = Host { name: "spin", capabilities: Capabilities::none(), counters };
        let (_, problems) = run(&[service("chat", config.clone())], Options { for_host: Some(host), ..Options::default() });
        problems.into_iter().map(|located| located.problem).filter(|problem| problem.message.contains("lose")).collect::<Vec<_>>()
    };
    assert!(warnings(Precision::Exact).is_empty());
    let found = warnings(Precision::BestEffort);
    let places: Vec<_> = found.iter().map(|problem| problem.path.as_str()).collect();
    assert_eq!(places, ["spec.config.http.plugins[1].rateLimit", "spec.config.http.plugins[2].concurrencyLimit"]);
    assert_eq!(
        (found[0].severity, found[0].message.as_str()),
        (Severity::Warning, "counters on spin can lose attempts under load, so more than the limit may pass")
    );
}

#[cfg(feature = "containers")]
#[test]
fn containers_run_only_where_there_are_some() {
    let container = json!({
        "image": "app:1", "port": 8080,
        "env": [{ "name": "A", "value": "1" }, { "name": "B", "kubernetesSecretRef": { "name": "n", "key": "k" } }],
        "volumes": [{ "name": "data", "persistentVolumeClaim": { "name": "claim" } }],
        "securityContext": { "runAsUser": 1000 },
        "livenessProbe": { "tcpSocket": {} },
    });
    let plain = json!({ "image": "app:1", "port": 8080, "resourceLimit": { "cpu": { "millicores": 500 } } });
    let documents = |container: &Value| [service("box", json!({ "upstream": { "container": container } }))];
    let told = |container: &Value, for_host| {
        let found = run(&documents(container), Options { for_host, ..Options::default() }).1;
        let of_container = found.into_iter().filter(|located| located.problem.path.contains("container"));
        of_container
            .map(|located| (located.problem.severity, located.problem.path.replace("spec.config.upstream.", "")))
            .collect::<Vec<_>>()
    };
    let on = |name, capabilities| Some(Host { name, capabilities, counters: Precision::Exact });
    let at = |severity, path: &str| (severity, path.to_owned());
    assert_eq!(told(&plain, None), [at(Severity::Warning, "container")]);
    assert_eq!(told(&plain, on("spin", Capabilities::SPIN)), [at(Severity::Error, "container")]);
    assert_eq!(told(&plain, on("native", Capabilities::NATIVE)), [at(Severity::Error, "container")]);
    assert_eq!(told(&plain, on("cloudflare", Capabilities::CLOUDFLARE)), []);
    assert_eq!(
        told(&container, on("cloudflare", Capabilities::CLOUDFLARE)),
        [
            at(Severity::Error, "container.env[1].kubernetesSecretRef"),
            at(Severity::Error, "container.volumes[0].persistentVolumeClaim"),
            at(Severity::Error, "container.securityContext"),
            at(Severity::Warning, "container.livenessProbe"),
        ]
    );
}

#[cfg(feature = "authentication")]
#[test]
fn an_open_service_with_a_credential_is_meant_or_refused() {
    let open = |annotations: Value, auth: Value| {
        json!({
            "kind": "Service", "metadata": { "name": "chat", "annotations": annotations },
            "spec": {
                "mode": "HTTP", "isPublic": true, "isAnonymous": true,
                "config": { "upstream": { "url": "https://a.example.com" }, "http": { "auth": auth } },
            },
        })
    };
    let of_policy = |policy: &str| {
        let mut service = open(json!({}), json!({ "bearer": { "fromSecret": "key" } }));
        let jwt = json!([{ "name": "acme", "jwks": { "url": "https://id.example.com/keys" } }]);
        service["spec"]["isAnonymous"] = json!(false);
        service["spec"]["authentication"] = json!({ "jwt": jwt, "jwtPolicy": "ALLOW_MISSING" });
        service["spec"]["authorization"] = json!({ "policies": [policy] });
        errors(&run(&[service], Options { refuse_open: true, ..Options::default() }).1)
    };
    assert_eq!(of_policy("allow-all").len(), 1);
    assert_eq!(of_policy("http-read-only"), Vec::<String>::new());
    let bearer = json!({ "bearer": { "fromSecret": "key" } });
    let written = |key: &str| {
        let mut service = open(json!({}), Value::Null);
        service["spec"]["config"]["http"] = json!({ "header": { "addRequestHeaders": [{ "key": key, "value": "canary-value" }] } });
        errors(&run(&[service], Options { refuse_open: true, ..Options::default() }).1).len()
    };
    assert_eq!((written("X-Api-Key"), written("x-team")), (1, 0));
    let passthrough = json!({ "passthrough": {} });
    let meant = json!({ "postern.dev/open": "true" });
    for (annotations, auth, refused, warned) in [
        (json!({}), bearer.clone(), true, true),
        (json!({ "postern.dev/open": "yes" }), bearer.clone(), true, true),
        (meant, bearer, false, false),
        (json!({}), passthrough, false, true),
    ] {
        let documents = [open(annotations.clone(), auth.clone())];
        let (_, strict) = run(&documents, Options { refuse_open: true, ..Options::default() });
        assert_eq!(!errors(&strict).is_empty(), refused, "{annotations} {auth}: {strict:?}");
        let (_, lenient) = run(&documents, Options::default());
        assert_eq!(errors(&lenient), Vec::<String>::new());
        assert_eq!(lenient.iter().any(|located| located.problem.path == "spec.isAnonymous"), warned, "{annotations} {auth}: {lenient:?}");
    }
}
