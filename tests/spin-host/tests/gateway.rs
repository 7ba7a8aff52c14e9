//! Postern's own component on the host: what only this adapter does, and the conformance suite cannot see. The component is built by
//! the test itself, as `spin.toml` says.

#![allow(clippy::expect_used, reason = "a test may fail")]

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

use postern_spin_host::{App, Component, FileContent, Manifest, Running};
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
    format!(
        r#"{{"format":1,"generation":1,"domain":"localhost",
        "gateway":{{"kind":"Gateway","metadata":{{"name":"default"}},"spec":{{"domain":"localhost"}}}},
        "services":{{"up.default":{{"kind":"Service","metadata":{{"name":"up"}},"spec":{{
            "mode":"HTTP","isPublic":true,"isAnonymous":true,"config":{{"upstream":{{"url":"http://{upstream}"}}}}}}}}}},
        "namespaces":{{"default":{{"kind":"Namespace","metadata":{{"name":"default"}},"spec":{{}}}}}},
        "users":{{}},"groups":{{}},"policies":{{}},"credentials":{{}},"secrets":{{}}}}"#
    )
}

async fn start(snapshot: Option<String>, upstream: SocketAddr) -> Running {
    let files = snapshot.map(|json| ("/snapshot.json".to_owned(), FileContent::Bytes(json.into())));
    let app = App { allowed_outbound_hosts: vec![format!("http://{upstream}")], files: BTreeMap::from_iter(files), ..App::default() };
    GATEWAY.start(app, "127.0.0.1:0").await.expect("the application starts")
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
