//! The protocol, played by hand: what the shim says, and what the instance answers.

use super::*;

const SNAPSHOT: &str = r#"{"format":1,"generation":1,"domain":"localhost",
    "gateway":{"kind":"Gateway","metadata":{"name":"default"},"spec":{}},
    "services":{"plain.default":{"kind":"Service","metadata":{"name":"plain.default"},"spec":{"mode":"HTTP","isPublic":true,
        "isAnonymous":true,"config":{"upstream":{"url":"https://api.example"}}}}},
    "namespaces":{},"users":{},"groups":{},"policies":{},"credentials":{},"secrets":{}}"#;

const HEAD: &str = "POST\nhttps://plain.localhost/chat\n203.0.113.7\nHTTP/2\n1\naccept\n*/*\ncf-ray\n1\n";

fn instance() -> Instance {
    let mut instance = Instance::new(|buffer| buffer.fill(7));
    let length = say(&mut instance, format!("\n\n{SNAPSHOT}").as_bytes());
    instance.init(length);
    assert_eq!(instance.output.command.text, "");
    instance
}

fn say(instance: &mut Instance, message: &[u8]) -> usize {
    instance.input(message.len());
    instance.input[..message.len()].copy_from_slice(message);
    message.len()
}

fn start(instance: &mut Instance, head: &str) -> Kind {
    let length = say(instance, head.as_bytes());
    instance.start(length, Timestamp(1_000));
    instance.output.command.kind
}

fn resume(instance: &mut Instance, code: u32, message: &[u8]) -> Kind {
    let task = instance.output.head[0];
    let length = say(instance, message);
    instance.resume(task, code, length, Timestamp(2_000));
    instance.output.command.kind
}

#[test]
fn a_request_is_a_fetch_and_a_response() {
    let mut instance = instance();
    assert_eq!(start(&mut instance, HEAD), Kind::Fetch, "{}", instance.output.log);
    let fetch = instance.output.command.text.clone();
    assert!(fetch.starts_with("POST\nhttps://api.example/chat\n-\nh0\n"), "{fetch:?}");
    assert!(!fetch.contains("\ncf-ray\n1\n"), "{fetch:?}");

    let handle = instance.output.command.numbers[0];
    assert_eq!(resume(&mut instance, 201, b"content-type\ntext/plain\nkeep-alive\n1\n"), Kind::Respond);
    let Command { numbers: [status, _], text, .. } = &instance.output.command;
    assert_eq!(*status, 201);
    assert!(text.starts_with(&format!("h{handle}\n1\nkeep-alive\nx-request-id\n")), "{text:?}");
    assert!(instance.output.log.contains(r#""clientAddress":"203.0.113.7""#), "{}", instance.output.log);
}

#[test]
fn what_runs_after_the_response_is_a_task_of_its_own() {
    let mut instance = instance();
    start(&mut instance, HEAD);
    // The first request also looks for a newer Snapshot.
    assert_eq!(instance.output.detached.len(), 1);
    assert_eq!(resume(&mut instance, 204, b""), Kind::Respond);
    assert_eq!(instance.tasks(), 1);
}

#[test]
fn a_client_that_goes_away_leaves_its_entry_and_no_task() {
    let mut instance = instance();
    start(&mut instance, HEAD);
    let [task, ..] = instance.output.head;
    let tasks = instance.tasks();
    instance.cancel(task, Timestamp(3_000));
    assert!(instance.output.log.contains(r#""code":499"#), "{}", instance.output.log);
    assert_eq!(instance.tasks(), tasks - 1);
}

#[test]
fn a_call_that_fails_is_answered() {
    for (code, status) in [(1, 502), (2, 502), (3, 504), (4, 400), (999_999, 502)] {
        let mut instance = instance();
        start(&mut instance, HEAD);
        assert_eq!(resume(&mut instance, code, b"why"), Kind::Respond);
        assert_eq!(instance.output.command.numbers[0], status, "{code}");
    }
}

#[test]
fn nonsense_is_refused_and_nothing_panics() {
    let mut instance = instance();
    assert_eq!(start(&mut instance, "GET\n"), Kind::Respond);
    assert_eq!(instance.output.command.numbers[0], 400);
    instance.resume(4711, 0, usize::MAX, Timestamp(0));
    assert_eq!(instance.output.command.kind, Kind::Failed);
    instance.cancel(4711, Timestamp(0));

    let mut empty = Instance::new(|_| {});
    let length = say(&mut empty, b"\n\n{}");
    empty.init(length);
    assert_eq!(empty.output.command.kind, Kind::Failed);
    assert_eq!(start(&mut empty, HEAD), Kind::Failed);
}

#[test]
fn a_long_message_is_taken_over_whole() {
    let mut instance = instance();
    let long = vec![b'x'; TAKE_OVER + 1];
    let length = say(&mut instance, &long);
    instance.input(length + 100);
    assert_eq!(instance.message(length), long);
    assert_eq!(instance.input.len(), 0);
}
