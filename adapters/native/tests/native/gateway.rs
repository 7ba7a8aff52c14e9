//! The core's gateway on this host: what only works when both agree.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use http::{Request, StatusCode};
use http_body::Frame;
use http_body_util::BodyExt;
use postern_core::gateway::Gateway;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use crate::fixture::{Body, Client, Host, Upstream, channel, raw, soon};
use crate::websocket::{echo_server, open};

/// One anonymous Service, `svc`.
pub fn snapshot(upstream: &str) -> String {
    let service = json!({
        "kind": "Service", "metadata": {"name": "svc"},
        "spec": {"mode": "HTTP", "isPublic": true, "isAnonymous": true, "config": {"upstream": {"url": upstream}}},
    });
    json!({
        "format": 1, "generation": 1, "domain": "localhost", "gateway": {"kind": "Gateway", "metadata": {"name": "default"}, "spec": {}},
        "services": {"svc.default": service}, "namespaces": {}, "users": {}, "groups": {}, "policies": {}, "credentials": {}, "secrets": {},
    })
    .to_string()
}

fn start(upstream: &str) -> Host {
    Host::serving::<Gateway>(&snapshot(upstream), |_| {}).unwrap()
}

#[tokio::test]
async fn a_stream_passes_and_is_logged_when_it_has_ended() {
    let (mut frames, reply) = channel();
    let upstream = Upstream::replying(reply).await;
    let host = start(&upstream.url());
    let mut client = Client::connect(host.address, false).await;
    let request = Request::post("http://svc.localhost/v1").body(Body::of("{}")).unwrap();
    let response = client.call(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let mut body = response.into_body();
    frames.send(Some(Frame::data("event".into()))).await.unwrap();
    assert_eq!(soon("the event", body.frame()).await.unwrap().unwrap().into_data().unwrap(), "event");
    assert_eq!(host.log.text(), "");
    drop(frames);
    assert!(soon("the end", body.frame()).await.is_none());
    drop(client);
    host.stop();
    let log = host.log.clone();
    host.wait().await;
    assert_eq!(log.text().lines().count(), 1, "{}", log.text());
}

#[tokio::test]
async fn what_a_shutdown_cuts_is_logged() {
    let upstream = Upstream::start(|_| std::future::pending()).await;
    let host = Host::serving::<Gateway>(&snapshot(&upstream.url()), |options| options.limits.drain = Duration::ZERO).unwrap();
    let address = host.address;
    let call = tokio::spawn(async move {
        let mut client = Client::connect(address, false).await;
        client.call(Request::get("http://svc.localhost/").body(Body::empty()).unwrap()).await
    });
    soon("the call's arrival upstream", async {
        while upstream.connections() == 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    host.stop();
    let log = host.log.clone();
    host.wait().await;
    assert!(call.await.unwrap().is_err());
    assert_eq!(log.text().lines().count(), 1, "{}", log.text());
}

#[tokio::test]
async fn a_websocket_passes() {
    let host = start(&echo_server().await);
    let mut socket = open(&host).await.unwrap();
    socket.send(Message::text("hello")).await.unwrap();
    assert_eq!(soon("the echo", socket.next()).await.unwrap().unwrap(), Message::text("hello"));
}

#[tokio::test]
async fn a_request_without_a_usable_host_is_refused_and_logged() {
    let host = start("http://127.0.0.1:9");
    let heads = [
        ("GET / HTTP/1.1", "400"),
        ("GET / HTTP/1.1\r\nhost: a\r\nhost: b", "400"),
        ("CONNECT svc.localhost:80 HTTP/1.1\r\nhost: svc.localhost:80", "501"),
    ];
    for (head, status) in heads {
        let answer = raw(host.address, format!("{head}\r\nconnection: close\r\n\r\n").as_bytes()).await;
        assert_eq!(answer.split(' ').nth(1), Some(status), "{head}\n{answer}");
        assert!(answer.contains("{\"error\":"), "{answer}");
    }
    host.stop();
    let log = host.log.clone();
    host.wait().await;
    assert_eq!(log.text().lines().count(), heads.len(), "{}", log.text());
}
