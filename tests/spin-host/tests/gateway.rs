//! Postern's own component on the host: what only this adapter does, and the conformance suite cannot see. The component is built by
//! the test itself, as `spin.toml` says.

#![allow(clippy::expect_used, reason = "a test may fail")]

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use postern_spin_host::{App, Component, FileContent, Manifest, Running, Stores};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

static GATEWAY: LazyLock<Component> = LazyLock::new(|| {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let build = ["build", "-q", "-p", "postern-spin", "--target", "wasm32-wasip2", "--release"];
    // The manifest names a file below `target`, wherever these tests themselves are built.
    let status = Command::new(env!("CARGO")).args(build).current_dir(&root).env_remove("CARGO_TARGET_DIR").status();
    assert!(status.expect("cargo runs").success(), "the component does not build");
    let manifest = Manifest::read(&root.join("spin.toml")).expect("spin.toml is what Spin takes");
    Component::load(&manifest.source).expect("the component loads")
});

/// One Service, `up`, open to everybody.
fn snapshot(upstream: SocketAddr) -> String {
    snapshot_with(upstream, "[]")
}

fn snapshot_with(upstream: SocketAddr, plugins: &str) -> String {
    format!(
        r#"{{"format":1,"generation":1,"domain":"localhost",
        "gateway":{{"kind":"Gateway","metadata":{{"name":"default"}},"spec":{{"domain":"localhost"}}}},
        "services":{{"up.default":{{"kind":"Service","metadata":{{"name":"up"}},"spec":{{
            "mode":"HTTP","isPublic":true,"isAnonymous":true,"config":{{"upstream":{{"url":"http://{upstream}"}},"http":{{"plugins":{plugins}}}}}}}}}}},
        "namespaces":{{"default":{{"kind":"Namespace","metadata":{{"name":"default"}},"spec":{{}}}}}},
        "users":{{}},"groups":{{}},"policies":{{}},"credentials":{{}},"secrets":{{}}}}"#
    )
}

async fn start(snapshot: Option<String>, upstream: SocketAddr) -> Running {
    let files = snapshot.map(|json| ("/snapshot.json".to_owned(), FileContent::Bytes(json.into())));
    let app = App { allowed_outbound_hosts: vec![format!("http://{upstream}")], files: BTreeMap::from_iter(files), ..App::default() };
    GATEWAY.start(app, "127.0.0.1:0").await.expect("the application starts")
}

/// With a limit of two requests an hour, and nothing behind it.
async fn start_limited(stores: Stores) -> (Running, Arc<Stores>) {
    let (_, upstream) = listen().await;
    let always = r#""condition":{"matchAny":true}"#;
    let plugins = format!(
        r#"[{{"name":"two",{always},"rateLimit":{{"limit":2,"window":{{"hours":1}}}}}},{{"name":"here",{always},"direct":{{"body":{{"inline":"ok}}}}"}}}}}}]"#
    );
    let stores = Arc::new(stores);
    let files = BTreeMap::from([("/snapshot.json".to_owned(), FileContent::Bytes(snapshot_with(upstream, &plugins).into()))]);
    let app = App { files, stores: stores.clone(), ..App::default() };
    (GATEWAY.start(app, "127.0.0.1:0").await.expect("the application starts"), stores)
}

async fn status(running: &Running) -> String {
    let mut stream = send(running, "GET /-/up/ HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    let answer = read_until(&mut stream, "}}").await;
    answer.split(' ').nth(1).unwrap_or_default().to_owned()
}

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    (listener, address)
}

async fn send(running: &Running, request: &str) -> TcpStream {
    let mut stream = TcpStream::connect(running.address()).await.expect("a connection");
    stream.write_all(request.as_bytes()).await.expect("written");
    stream
}

/// Reads until the text is there; panics at the end of the stream.
async fn read_until(stream: &mut TcpStream, text: &str) -> String {
    let mut all = String::new();
    let mut buffer = [0; 4096];
    while !all.contains(text) {
        let count = stream.read(&mut buffer).await.expect("read");
        assert_ne!(count, 0, "the stream ended before {text:?}: {all}");
        all.push_str(&String::from_utf8_lossy(buffer.get(..count).unwrap_or_default()));
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_snapshot_every_request_is_a_503() {
    let (_listener, upstream) = listen().await;
    for (snapshot, logged) in [(None, "there is no configuration"), (Some("{".to_owned()), "this is not a Snapshot")] {
        let running = start(snapshot, upstream).await;
        for _ in 0..2 {
            let mut stream = send(&running, "GET /-/up/ HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
            let answer = read_until(&mut stream, "}}").await;
            assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("application/json"), "{answer}");
        }
        let log = String::from_utf8_lossy(&running.stdout()).into_owned();
        assert_eq!(log.matches(logged).count(), 2, "{log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lengths_are_declared_and_the_clients_address_is_spins() {
    let (listener, upstream) = listen().await;
    let running = start(Some(snapshot(upstream)), upstream).await;
    for (head, body, expected) in [
        ("POST /-/up/ HTTP/1.1\r\ncontent-length: 5\r\n", "hello", "content-length: 5\r\n"),
        ("DELETE /-/up/ HTTP/1.1\r\n", "", "content-length: 0\r\n"),
        ("PURGE /-/up/ HTTP/1.1\r\nx-a: 1\r\nx-a: 2\r\n", "", "x-a: 1\r\nx-a: 2\r\n"),
    ] {
        let request = format!("{head}host: localhost\r\nspin-client-addr: 9.9.9.9:9\r\nconnection: close\r\n\r\n{body}");
        let mut client = send(&running, &request).await;
        let (mut connection, _) = listener.accept().await.expect("a connection");
        let seen = read_until(&mut connection, &format!("\r\n\r\n{body}")).await;
        assert!(seen.contains(expected), "{head:?}: {seen}");
        assert!(!seen.contains("spin-") && !seen.contains("transfer-encoding"), "{seen}");
        connection.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok").await.expect("written");
        let answer = read_until(&mut client, "\r\n\r\nok").await;
        assert!(answer.contains("content-length: 2\r\n"), "{answer}");
    }
    let log = String::from_utf8_lossy(&running.stdout()).into_owned();
    assert!(log.contains(r#""clientAddress":"127.0.0.1""#) && !log.contains("9.9.9.9"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_leaves_mid_stream_ends_the_call_to_a_silent_upstream() {
    let (listener, upstream) = listen().await;
    let running = start(Some(snapshot(upstream)), upstream).await;
    for framing in ["transfer-encoding: chunked\r\n\r\n5\r\nfirst\r\n", "content-length: 100\r\n\r\nfirst"] {
        let mut client = send(&running, "GET /-/up/ HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
        let (mut connection, _) = listener.accept().await.expect("a connection");
        read_until(&mut connection, "\r\n\r\n").await;
        connection.write_all(format!("HTTP/1.1 200 OK\r\n{framing}").as_bytes()).await.expect("written");
        read_until(&mut client, "first").await;
        drop(client);
        // The upstream sends nothing more; without the adapter's empty writes this would wait forever.
        assert_eq!(connection.read(&mut [0; 16]).await.expect("closed in order"), 0, "{framing:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upstream_that_breaks_off_is_seen_by_the_client() {
    let (listener, upstream) = listen().await;
    let running = start(Some(snapshot(upstream)), upstream).await;
    let mut client = send(&running, "GET /-/up/ HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    let (mut connection, _) = listener.accept().await.expect("a connection");
    read_until(&mut connection, "\r\n\r\n").await;
    connection.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nfirst\r\n").await.expect("written");
    read_until(&mut client, "first").await;
    drop(connection);
    let mut rest = Vec::new();
    // Reset or closed: both end the stream without its last chunk.
    let _ = client.read_to_end(&mut rest).await;
    assert!(!rest.ends_with(b"0\r\n\r\n"), "{rest:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn counters_are_read_in_the_form_of_either_store() {
    for is_text in [false, true] {
        let stores = Stores::default();
        if is_text {
            stores.keep_counters_as_text();
        }
        let (running, stores) = start_limited(stores).await;
        assert_eq!(status(&running).await, "200");
        let keys = stores.keys("default");
        let key = keys.iter().find(|key| key.starts_with("counter/limit/")).expect("a counter");
        let one = if is_text { b"1".to_vec() } else { 1_i64.to_le_bytes().to_vec() };
        assert_eq!(stores.get("default", key), Some(one.clone()));
        // An attempt some spans ago, of an instance whose clock is behind, and one of a clock that is ahead.
        let (series, number) = key.rsplit_once('/').expect("a span");
        let number: u64 = number.parse().expect("a number");
        stores.set("default", &format!("{series}/{}", number - 10), one.clone());
        assert_eq!(status(&running).await, "429");
        stores.delete("default", &format!("{series}/{}", number - 10));
        stores.delete("default", key);
        stores.set("default", &format!("{series}/{}", number + 10), one.clone());
        assert_eq!(status(&running).await, "200");
        assert_eq!(status(&running).await, "429");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_callers_leave_behind_is_swept() {
    let series = |n: usize| format!("counter/limit/{n:032x}/1000");
    let stores = Stores::default();
    for n in 0..12_000 {
        stores.set("default", &format!("{}/{n}", series(n)), 1_i64.to_le_bytes().to_vec());
    }
    let others = ["secret/counter/limit/x/1000/1".to_owned(), format!("{}/99999999999", series(1)), "counter/x".to_owned()];
    for key in &others {
        stores.set("default", key, b"kept".to_vec());
    }
    let (running, stores) = start_limited(stores).await;
    assert_eq!(status(&running).await, "200");
    // What is left besides: this request's counter, and the one of the sweeps.
    let swept = async {
        while stores.keys("default").len() > others.len() + 2 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), swept).await.expect("the sweep ends");
    assert!(others.iter().all(|key| stores.get("default", key).is_some()), "only what is spent goes");
}
