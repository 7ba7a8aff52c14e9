//! Connections to the upstream are used again.

use std::sync::Arc;

use futures::future::join_all;
use http::{Request, StatusCode};
use hyper::body::Incoming;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::Barrier;

use crate::fixture::{Body, Client, Host, Payload, Upstream, bytes, read_all, soon};

fn get(http2: bool) -> Request<Payload> {
    let request = Request::get("http://svc.localhost/");
    let request = if http2 { request.header("x-http2", "1") } else { request };
    request.body(Body::empty()).unwrap()
}

#[tokio::test]
async fn one_after_the_other_shares_one_connection() {
    for http2 in [false, true] {
        let upstream = Upstream::start(|_| async { bytes("hello") }).await;
        let host = Host::start(&upstream.url());
        for _ in 0..3 {
            let mut client = Client::connect(host.address, false).await;
            for _ in 0..5 {
                assert_eq!(read_all(client.call(get(http2)).await.unwrap()).await, "hello");
            }
        }
        assert_eq!(upstream.connections(), 1);
    }
}

#[tokio::test]
async fn side_by_side_shares_one_connection_over_http2_until_its_streams_are_used_up() {
    for (calls, connections) in [(50, 1), (150, 2)] {
        // Nobody is answered until everybody is there.
        let barrier = Arc::new(Barrier::new(calls));
        let upstream = Upstream::start(move |_: Request<Incoming>| {
            let barrier = barrier.clone();
            async move {
                barrier.wait().await;
                bytes("hello")
            }
        })
        .await;
        let host = Host::start(&upstream.url());
        let address = host.address;
        let all = join_all((0..calls).map(|_| async move {
            let mut client = Client::connect(address, false).await;
            client.call(get(true)).await.unwrap().status()
        }));
        assert!(soon("all answers", all).await.iter().all(|status| *status == StatusCode::OK));
        assert_eq!(upstream.connections(), connections, "{calls}");
    }
}

/// An upstream that closes each connection after one answer without saying so.
#[tokio::test]
async fn a_connection_that_the_upstream_closed_costs_no_error() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut head = vec![0; 4096];
                let _ = stream.read(&mut head).await;
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi").await.unwrap();
            });
        }
    });
    let host = Host::start(&format!("http://{address}"));
    let mut client = Client::connect(host.address, false).await;
    for _ in 0..50 {
        let response = client.call(get(false)).await.unwrap();
        assert_eq!((response.status(), read_all(response).await), (StatusCode::OK, "hi".into()));
    }
}

#[tokio::test]
async fn no_connection_is_an_error_not_a_wait() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let host = Host::start(&format!("http://{address}"));
    let mut client = Client::connect(host.address, false).await;
    let response = client.call(get(false)).await.unwrap();
    assert_eq!(response.status(), StatusCode::BAD_GATEWAY);
    assert!(read_all(response).await.starts_with(b"cannot connect"));
}
