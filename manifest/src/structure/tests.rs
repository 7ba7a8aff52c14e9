use super::check;
use crate::schema::Schema;
use crate::yaml::{Node, documents};

fn checked(text: &str) -> (Node, Vec<String>) {
    let schema = Schema::new();
    let mut root = documents(text).remove(0).root.unwrap();
    let kind = root.get("kind").and_then(Node::text).unwrap_or("Service").to_owned();
    let mut found = check(&mut root, schema.of_kind(&kind).unwrap(), &schema);
    found.sort_by_key(|finding| (finding.place.line, finding.place.column));
    let lines = found.iter().map(|f| {
        let help = f.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
        format!("{}:{} {}: {}{help}", f.place.line, f.place.column, f.path, f.message)
    });
    (root, lines.collect())
}

fn service(spec: &str) -> String {
    let mode = if spec.contains("mode:") { "" } else { "  mode: HTTP\n" };
    format!("kind: Service\nmetadata: {{name: a}}\nspec:\n{spec}{mode}")
}

#[test]
fn everything_that_differs_is_found() {
    for (text, expected) in [
        ("kind: Group\nspec: {}\n", &["1:1 : `metadata` is missing"][..]),
        (
            "kind: Group\nmetadata:\n  nam: x\nspec: {}\n",
            &["2:1 metadata: `name` is missing", "3:3 metadata.nam: there is no field `nam` here (did you mean `name`?)"],
        ),
        ("kind: Group\nmetadata: {name: 5}\nspec:\n", &["2:18 metadata.name: expected text, found a number (put it in quotes)"]),
        (
            &service("  mode: HTPP\n"),
            &[
                "4:9 spec.mode: `HTPP` is not one of `MODE_UNSET`, `TCP`, `UDP`, `HTTP`, `SSH`, `KUBERNETES`, `POSTGRES`, `MYSQL`, `GRPC`, `WEB`, `DNS`, `SOCKS5`, `RDP_WEB`, `MCP`, `LLM` (did you mean `HTTP`?)",
            ],
        ),
        (
            &service("  isPublic: yes\n  isDisabled: off\n  isAnonymous: 'true'\n"),
            &[
                "4:13 spec.isPublic: expected `true` or `false`, found text (write `true`)",
                "5:15 spec.isDisabled: expected `true` or `false`, found text (write `false`)",
                "6:16 spec.isAnonymous: expected `true` or `false`, found text (leave the quotes away)",
            ],
        ),
        (
            &service("  config:\n    upstraem: {url: x}\n    path: {}\n    nonsense: 1\n"),
            &[
                "5:5 spec.config.upstraem: there is no field `upstraem` here (did you mean `upstream`?)",
                "6:5 spec.config.path: there is no field `path` here (it belongs in `ai.path` or `http.path`)",
                "7:5 spec.config.nonsense: there is no field `nonsense` here (the fields are `ai`, `clientCertificate`, `http`, `kubernetes`, `llm`, `mcp`, `mysql`, `name`, `parent`, `postgres`, `rdp`, `socks5`, `ssh`, `tls`, `upstream`)",
            ],
        ),
        (
            &service("  authorization:\n    policies: allow\n"),
            &["5:15 spec.authorization.policies: expected a list, found text (write `- ` before each item)"],
        ),
        (
            &service(
                "  authorization:\n    inlinePolicies:\n      - spec:\n          rules:\n            - condition: {matchAny: true}\n              priority: 9\n",
            ),
            &[
                "8:15 spec.authorization.inlinePolicies[0].spec.rules[0]: `effect` is missing",
                "9:25 spec.authorization.inlinePolicies[0].spec.rules[0].priority: 9 is not between -4 and 4",
            ],
        ),
        (
            "kind: Gateway\nmetadata: {name: default}\nspec:\n  tokens:\n    accessTokenDuration: 30m\n",
            &["5:26 spec.tokens.accessTokenDuration: expected a map with one key, found text (write `minutes: 30` in it)"],
        ),
        (
            "kind: Gateway\nmetadata: {name: default}\nspec:\n  tokens:\n    accessTokenDuration: {minutes: 1, hours: 2}\n",
            &[
                "5:5 spec.tokens.accessTokenDuration: expected exactly one key, found 2 (one of `milliseconds`, `seconds`, `minutes`, `hours`, `days`, `weeks`, `months`)",
            ],
        ),
        (
            "kind: Gateway\nmetadata: {name: default}\nspec:\n  tokens:\n    accessTokenDuration: {minute: 1}\n",
            &["5:27 spec.tokens.accessTokenDuration.minute: there is no field `minute` here (did you mean `minutes`?)"],
        ),
        (
            "kind: Gateway\nmetadata: {name: default}\nspec:\n  limits: {maxRequestSize: lots, tokenRequestsPerMinute: 5000000000}\n",
            &[
                "4:28 spec.limits.maxRequestSize: expected a whole number of 0 or more",
                "4:58 spec.limits.tokenRequestsPerMinute: 5000000000 is not between 0 and 4294967295",
            ],
        ),
        (
            &service("  config:\n    auth: {bearer: {fromSecret: a}}\n    http: {auth: {}}\n"),
            &["5:5 spec.config.auth: `auth` is another name for `http.auth`, which is set too"],
        ),
        ("- a\n", &["1:1 : expected a map, found a list"]),
        ("kind: Group\nmetadata: {name: a}\nspec: {attrs: {x: ~, y: [1, {z: 2}]}}\n", &[]),
        (&service("  mode: 3\n  isPublic:\n  config:\n  dynamicConfig:\n    configs:\n"), &[]),
    ] {
        assert_eq!(checked(text).1, expected, "{text}");
    }
}

#[test]
fn aliases_are_moved_with_a_warning() {
    let (root, lines) = checked(&service(
        "  config:\n    auth: {bearer: {fromSecret: a}}\n    plugins:\n      - name: x\n        ratelimit: {limit: '5', window: {minutes: 1}}\n",
    ));
    let config = root.get("spec").unwrap().get("config").unwrap().to_json();
    assert_eq!(
        config,
        serde_json::json!({ "http": {
            "auth": { "bearer": { "fromSecret": "a" } },
            "plugins": [{ "name": "x", "rateLimit": { "limit": "5", "window": { "minutes": 1 } } }],
        } })
    );
    assert_eq!(
        lines,
        [
            "5:5 spec.config.auth: `auth` is read as `http.auth` (write it as `http.auth`)",
            "6:5 spec.config.plugins: `plugins` is read as `http.plugins` (write it as `http.plugins`)",
            "8:9 spec.config.http.plugins[0].ratelimit: `ratelimit` is read as `rateLimit` (write it as `rateLimit`)",
        ]
    );
}
