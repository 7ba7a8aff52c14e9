//! What the host gives a component, seen from inside by the probe. The probe is built by the test itself, for `wasm32-wasip2`.

#![allow(clippy::expect_used, reason = "a test may fail")]

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use postern_spin_host::{App, Component, FileContent, Running};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

static PROBE: LazyLock<Component> = LazyLock::new(|| {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let build = ["build", "-q", "-p", "postern-spin-probe", "--target", "wasm32-wasip2"];
    let status = Command::new(env!("CARGO")).args(build).current_dir(&root).env_remove("CARGO_TARGET_DIR").status();
    assert!(status.expect("cargo runs").success(), "the probe does not build");
    Component::load(&root.join("target/wasm32-wasip2/debug/postern_spin_probe.wasm")).expect("the probe loads")
});

async fn start(app: App) -> Running {
    PROBE.start(app, "127.0.0.1:0").await.expect("the application starts")
}

async fn connect(address: SocketAddr) -> SendRequest<Empty<Bytes>> {
    let stream = TcpStream::connect(address).await.expect("a connection");
    let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("HTTP");
    tokio::spawn(connection);
    sender
}

async fn get_with(address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> (StatusCode, String) {
    let mut request = Request::get(path).header("host", "gateway.test");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Empty::new()).expect("a request");
    let response = connect(address).await.send_request(request).await.expect("a response");
    let status = response.status();
    let body = response.into_body().collect().await.expect("a body").to_bytes();
    (status, String::from_utf8_lossy(&body).into_owned())
}

async fn get(running: &Running, path: &str) -> String {
    let (status, text) = get_with(running.address(), path, &[]).await;
    assert_eq!(status, StatusCode::OK, "{path}: {text} {:?}", running.stderr());
    text
}

/// An upstream that answers every request with `ok`, one a connection.
async fn upstream() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok").await;
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn applications_of_one_component_share_nothing() {
    let app = |text: &str| App {
        variables: BTreeMap::from([("name".into(), text.into())]),
        files: BTreeMap::from([("/folder/file".into(), FileContent::Bytes(text.into()))]),
        ..App::default()
    };
    let (a, b) = (start(app("a")).await, start(app("b")).await);
    for (running, text) in [(&a, "a"), (&b, "b")] {
        assert_eq!(get(running, "/variable/name").await, format!("Ok({text:?})"));
        assert_eq!(get(running, "/file/folder/file").await, format!("Ok({text:?})"));
        assert_eq!(get(running, &format!("/set/{text}")).await, "Ok(())");
        assert_eq!(running.stores().get("default", "key").as_deref(), Some(text.as_bytes()));
    }
    assert_eq!(get(&a, "/file/absent").await, "Err(NotFound)");
    assert_ne!(get(&a, "/write/folder/file").await, "Ok(())", "files are read-only");
    assert!(get(&a, "/variable/absent").await.contains("Undefined"));
    assert!(get(&a, "/variable/UPPER").await.contains("InvalidName"));
}

#[tokio::test(flavor = "multi_thread")]
async fn stores_have_spins_semantics() {
    let app = App::default();
    app.stores.set("default", "seeded", b"x".to_vec());
    let running = start(app).await;
    assert_eq!(get(&running, "/get/seeded").await, r#"Ok(Some(Ok("x")))"#);
    assert_eq!(get(&running, "/get/absent").await, "Ok(None)");
    assert_eq!(get(&running, "/keys").await, r#"Ok(["seeded"])"#);
    assert_eq!(get(&running, "/open/other").await, "Some(Error::AccessDenied)");
    assert_eq!(get(&running, "/swap/cas").await, r#"true Some(Ok("new"))"#);
    assert!(get(&running, "/increment/seeded").await.contains("no counter"));
    assert!(get(&running, "/batch").await.starts_with(r#"[("a", None), ("b", Some([50]))] true"#));
}

#[tokio::test(flavor = "multi_thread")]
async fn parallel_increments_are_exact() {
    let running = start(App::default()).await;
    let address = running.address();
    let calls: Vec<_> = (0..200).map(|_| tokio::spawn(async move { get_with(address, "/increment/n", &[]).await })).collect();
    for call in calls {
        call.await.expect("a call");
    }
    assert_eq!(get(&running, "/increment/n").await, "Ok(201)");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_come_as_spin_hands_them_over() {
    let running = start(App::default()).await;
    let (_, seen) = get_with(running.address(), "/headers?q", &[("spin-client-addr", "8.8.8.8:1"), ("connection", "keep-alive")]).await;
    assert!(seen.starts_with("http://gateway.test/headers?q "), "{seen}");
    assert!(seen.contains(r#""spin-full-url": "http://gateway.test/headers?q""#), "{seen}");
    let (first, second) = seen.split_once("8.8.8.8:1").expect("the client's own header is still there");
    assert!(!first.contains("127.0.0.1:") && second.contains("127.0.0.1:"), "Spin's comes after it: {seen}");
    assert!(!seen.contains(r#""connection""#), "{seen}");

    assert_eq!(get(&running, "/.well-known/spin/health").await, "OK");
    let (status, _) = get_with(running.address(), "/headers", &[("x", "\u{e9}")]).await;
    assert_eq!(status, StatusCode::OK, "UTF-8 passes");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_allowed_hosts_are_reached_and_nine_headers_refused() {
    let upstream = upstream().await;
    let running = start(App { allowed_outbound_hosts: vec![format!("http://{upstream}")], ..App::default() }).await;
    assert_eq!(get(&running, &format!("/fetch/http://{upstream}/")).await, "ok");
    for (path, headers, error) in [
        (format!("/fetch/http://localhost:{}/", upstream.port()), &[] as &[_], "HttpRequestDenied"),
        (format!("/fetch/http://{upstream}/"), &[("x-header", "keep-alive")], "Forbidden"),
        (format!("/fetch/http://{upstream}/"), &[("x-header", "proxy-connection")], "Forbidden"),
    ] {
        let (status, text) = get_with(running.address(), &path, headers).await;
        assert!(status == StatusCode::BAD_GATEWAY && text.contains(error), "{path} {headers:?}: {text}");
    }
    let (status, _) = get_with(running.address(), "/refused-header", &[]).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_serves_128_requests() {
    let running = start(App::default()).await;
    let mut counts = Vec::new();
    for _ in 0..130 {
        counts.push(get(&running, "/count").await);
    }
    assert_eq!(counts.get(127).map(String::as_str), Some("128"));
    assert_eq!(counts.get(128).map(String::as_str), Some("1"), "the next one is a new instance's");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trap_is_one_instances_end() {
    let running = start(App::default()).await;
    let (status, _) = get_with(running.address(), "/panic", &[]).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(get(&running, "/count").await, "1");
    assert!(String::from_utf8_lossy(&running.stderr()).contains("an instance failed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn output_is_kept_also_after_the_response() {
    let running = start(App::default()).await;
    get(&running, "/print/line").await;
    assert_eq!(running.stdout().as_ref(), b"line\n");
    assert_eq!(running.stderr().as_ref(), b"line!\n");
    get(&running, "/later/on").await;
    while !running.stdout().ends_with(b"later on\n") {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_arrive_before_their_end() {
    let running = start(App::default()).await;
    let request = Request::get("/silence").header("host", "gateway.test").body(Empty::new()).expect("a request");
    let mut sender = connect(running.address()).await;
    let mut response = sender.send_request(request).await.expect("a response");
    let frame = response.frame().await.expect("a frame").expect("no error");
    assert_eq!(frame.into_data().expect("data").as_ref(), b"first");
}
