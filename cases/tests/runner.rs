//! The runner must fail what is wrong: each case here, or the host that it runs on, is mistaken on purpose.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

mod mistaken;

use std::path::Path;

use mistaken::{Mistake, MistakenTarget};
use postern_cases::memory::MemoryTarget;
use postern_cases::target::Target;
use postern_cases::{Outcome, load, run};

const OPEN: &str = r#"
secrets: {api-key: canary-api-key}
resources: |
  kind: Service
  metadata: {name: open}
  spec:
    mode: HTTP
    isPublic: true
    isAnonymous: true
    config:
      upstream: {url: "${upstream.provider}"}
      http: {auth: {bearer: {fromSecret: api-key}}}
"#;

fn outcome(rest: &str) -> Outcome {
    outcome_with(OPEN, rest)
}

fn outcome_with(resources: &str, rest: &str) -> Outcome {
    outcome_on(&MemoryTarget, resources, rest)
}

/// Waits for nothing: time goes on as soon as nobody has anything to do.
fn outcome_on(target: &dyn Target, resources: &str, rest: &str) -> Outcome {
    let case = load::parse(&format!("name: a case{resources}{rest}")).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, run(&case, Path::new("."), target))
}

#[test]
fn what_is_right_passes() {
    let outcome = outcome("steps: [{request: {service: open}, expect: {status: 200, upstreamCalls: 1}}]");
    assert_eq!(outcome, Outcome::Passed);
}

#[test]
fn what_is_wrong_fails_and_says_why() {
    for (rest, why) in [
        ("steps: [{request: {service: open}, expect: {status: 201}}]", "status\n    expected: 201\n    actual:   200"),
        ("steps: [{request: {service: open}, expect: {body: {json: {ok: false}}}}]", "body.ok"),
        ("steps: [{request: {service: open}, expect: {headers: {x-absent: here}}}]", "header x-absent"),
        ("steps: [{request: {service: open}, expect: {upstreamCalls: 2}}]", "upstream calls"),
        ("steps: [{request: {service: open}, expect: {upstream: {path: /other}}}]", "upstream path"),
        ("steps: [{request: {service: open}, expect: {upstream: {headers: {authorization: null}}}}]", "upstream header authorization"),
        ("steps: [{request: {service: open}, expect: {log: {entry: {common: {status: DENIED}}}}}]", "log.entry.common.status"),
        ("steps: [{request: {service: open}, expect: {error: openAi}}]", "error body"),
        ("steps: [{request: {service: open, path: '/${nothing}'}}]", "${nothing} is not known here"),
        ("steps: [{request: {service: open, raw: x}}]", "no socket"),
        ("steps: [{request: {service: open, token: nobody}}]", "`credentials` has no nobody"),
        (
            "steps: [{request: {service: open, body: {chunks: [{text: a}, {wait: g}]}}, \
             meanwhile: [{request: {service: open}, expect: {status: 201, stream: [{open: g}]}}]}]",
            "step 1: meanwhile, step 1: status",
        ),
        ("steps: [{request: {service: open}, restart: {current: ''}, expect: {status: 200}}]", "actual:   502"),
        ("refused: [{path: spec}]", "the resources are accepted"),
        ("warnings: [{message: something}]\nsteps: [{request: {service: open}}]", "a problem of the resources"),
        ("upstreams: {provider: {text: canary-api-key}}\nsteps: [{request: {service: open}}]", "body shows the secret api-key"),
        (
            "upstreams: {provider: {stream: [{text: canary-}, {text: api-key}]}}\nsteps: [{request: {service: open}}]",
            "body shows the secret api-key",
        ),
        // In a form that the gateway does not look for.
        (
            "upstreams: {provider: {stream: [{text: a}], trailers: ['x-note: Y2FuYXJ5LWFwaS1rZXk=']}}\nsteps: [{request: {service: open}}]",
            "trailer x-note shows the secret api-key",
        ),
        (
            "upstreams: {provider: {stream: [{text: a}, {cut: true}]}}\nsteps: [{request: {service: open}, expect: {status: 200}}]",
            "broke off",
        ),
    ] {
        let Outcome::Failed(mismatches) = outcome(rest) else { panic!("this passed: {rest}") };
        let text = mismatches.iter().collect::<Vec<_>>().join("\n");
        assert!(text.contains(why), "{rest}: {text}");
    }
}

#[test]
fn every_answer_has_its_one_entry_in_the_log() {
    let resources = format!("{OPEN}  ---\n  kind: User\n  metadata: {{name: app}}\n  spec: {{type: WORKLOAD}}\n");
    let rest = "credentials: {app: {type: OAUTH2, user: app}}\nsteps: [{request: {service: open, token: app}, expect: {status: 200}}]";
    for (mistake, why) in [
        (Mistake::None, None),
        (Mistake::NoEntry, Some("expected: 1\n    actual:   0")),
        (Mistake::TwoEntries, Some("expected: 1\n    actual:   2")),
        (Mistake::OneMoreEntry, Some("log entries of requests without an answer\n    expected: 0\n    actual:   1")),
        (Mistake::NoRequestId, Some("an answer 200 has no x-request-id")),
        (Mistake::LateLines("{\"kind\":\"ComponentLog\"}"), None),
        (Mistake::LateLines("{\"kind\":\"ComponentLog\",\"message\":\"canary-api-key\"}"), Some("a log line shows the secret api-key")),
        (Mistake::LateLines("the host says canary-api-key"), Some("a log line shows the secret api-key")),
        (Mistake::OpenCall, Some("the call GET /left-open at provider was neither finished nor given up")),
    ] {
        fails_as(&outcome_on(&MistakenTarget(mistake), &resources, rest), why);
    }
}

#[test]
fn a_caller_who_leaves_has_an_entry_too() {
    let rest =
        "upstreams: {provider: {connection: silent}}\nneeds: [earlyAbort]\nsteps: [{request: {service: open, abort: beforeResponse}}]";
    for (mistake, why) in [
        (Mistake::None, None),
        (Mistake::NoEntry, Some("log entries of requests without an answer\n    expected: 1\n    actual:   0")),
        (Mistake::TwoEntries, Some("log entries of requests without an answer\n    expected: 1\n    actual:   2")),
    ] {
        fails_as(&outcome_on(&MistakenTarget(mistake), OPEN, rest), why);
    }
}

#[test]
fn what_a_host_refuses_by_itself_owes_no_entry() {
    let rest = "steps: [{request: {service: open, path: /refused-by-the-host}, expect: {status: 400}}]";
    fails_as(&outcome_on(&MistakenTarget(Mistake::None), OPEN, rest), None);
}

#[test]
fn a_secret_belongs_to_the_upstream_that_it_is_configured_for() {
    let two = "
upstreams: {a: {text: a}, b: {text: b}}
secrets: {key-of-a: canary-of-a, key-of-b: canary-of-b, unused: canary-of-nobody}
resources: |
  kind: Service
  metadata: {name: first}
  spec:
    mode: HTTP
    isPublic: true
    isAnonymous: true
    config: {upstream: {url: \"${upstream.a}\"}, http: {auth: {bearer: {fromSecret: key-of-a}}}}
  ---
  kind: Service
  metadata: {name: second}
  spec: {mode: HTTP, isPublic: true, isAnonymous: true, config: {upstream: {url: \"${upstream.b}\"}, http: {auth: {passthrough: {}}}}}
";
    let steps = |line: &str| format!("steps: [{{request: {{service: second, headers: ['{line}']}}}}]");
    assert_eq!(outcome_with(two, "steps: [{request: {service: first}}]"), Outcome::Passed);
    for (line, name) in [
        ("authorization: Bearer canary-of-a", "key-of-a"),
        ("authorization: Bearer canary-of-nobody", "unused"),
        ("x-note: canary-of-b", "key-of-b"),
    ] {
        fails_as(&outcome_with(two, &steps(line)), Some(&format!("received shows the secret {name}")));
    }
}

fn fails_as(outcome: &Outcome, why: Option<&str>) {
    match (outcome, why) {
        (Outcome::Passed, None) => {}
        (Outcome::Failed(mismatches), Some(why)) if mismatches.iter().any(|mismatch| mismatch.contains(why)) => {}
        _ => panic!("instead of {why:?}: {outcome:?}"),
    }
}

#[test]
fn a_snapshot_that_shows_a_secret_fails() {
    let shown = OPEN.replace("{name: open}", "{name: open, labels: {note: canary-api-key}}");
    let Outcome::Failed(mismatches) = outcome_with(&shown, "steps: [{request: {service: open}}]") else { panic!("this passed") };
    assert!(mismatches.iter().any(|mismatch| mismatch.contains("the Snapshot shows the secret api-key")), "{mismatches:?}");
}

#[test]
fn a_published_snapshot_that_shows_a_secret_fails() {
    let publish =
        "publish: {generation: 2, resources: \"{kind: Group, metadata: {name: staff, labels: {note: canary-api-key}}, spec: {}}\"}";
    let Outcome::Failed(mismatches) = outcome(&format!("steps: [{{request: {{service: open}}, {publish}}}]")) else {
        panic!("this passed")
    };
    for why in ["what is published as snapshot/", "in the end, the store's snapshot/"] {
        assert!(mismatches.iter().any(|mismatch| mismatch.contains(why)), "{mismatches:?}");
    }
}

#[test]
fn what_follows_from_an_answer_to_come_does_not_keep_it_from_coming() {
    let closed = OPEN.replace("http: {", "http: {plugins: [{name: closed, condition: {matchAny: true}, direct: {statusCode: 404}}], ");
    let step = "
steps:
  - publish:
      generation: 2
      resources: |
        kind: Service
        metadata: {name: open}
        spec: {mode: HTTP, isPublic: true, isAnonymous: true, config: {upstream: {url: \"${upstream.provider}\"}}}
    advance: {seconds: 60}
    request: {service: open}
";
    let expect = "expect: {status: 200, upstreamCalls: 1, log: {entry: {info: {http: {response: {code: 200}}}}}}";
    let at_once = outcome_with(&closed, &format!("{step}    expect: {{status: 200}}\n"));
    assert!(matches!(at_once, Outcome::Failed(_)), "the old configuration answers the first request");
    assert_eq!(outcome_with(&closed, &format!("{step}    eventually: true\n    {expect}\n")), Outcome::Passed);
}

#[test]
fn what_the_target_lacks_is_skipped() {
    let outcome = outcome("needs: [webSocket]\nsteps: [{request: {service: open}}]");
    assert!(matches!(outcome, Outcome::Skipped(needs) if needs.len() == 1));
}
