//! Upgrades pass through.

use futures::{SinkExt, StreamExt};
use http::header::{CONNECTION, UPGRADE};
use http::{Response, StatusCode};
use http_body_util::BodyExt;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, accept_async, client_async};

use crate::fixture::{Host, Upstream, bytes, soon};

/// Echoes until it is told `bye`, then closes.
pub async fn echo_server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut socket = accept_async(stream).await.unwrap();
                while let Some(Ok(message)) = socket.next().await {
                    if message == Message::text("bye") {
                        return drop(socket.close(None).await);
                    }
                    if message.is_text() || message.is_binary() {
                        socket.send(message).await.unwrap();
                    }
                }
            });
        }
    });
    format!("http://{address}")
}

pub async fn open(host: &Host) -> Result<WebSocketStream<TcpStream>, Error> {
    let stream = TcpStream::connect(host.address).await.unwrap();
    let (socket, response) = soon("the upgrade", client_async("ws://svc.localhost/socket", stream)).await?;
    assert_eq!(response.status(), StatusCode::SWITCHING_PROTOCOLS);
    Ok(socket)
}

#[tokio::test]
async fn messages_pass_until_either_side_closes() {
    let host = Host::start(&echo_server().await);
    let mut socket = open(&host).await.unwrap();
    for message in [Message::text("hello"), Message::binary(vec![7; 100_000]), Message::text("")] {
        socket.send(message.clone()).await.unwrap();
        assert_eq!(soon("the echo", socket.next()).await.unwrap().unwrap(), message);
    }
    socket.send(Message::text("bye")).await.unwrap();
    assert!(soon("the upstream's close", socket.next()).await.unwrap().unwrap().is_close());
    assert!(soon("the connection's end", socket.next()).await.is_none());
}

#[tokio::test]
async fn a_client_that_goes_away_closes_the_upstream() {
    let (told, mut closed) = tokio::sync::mpsc::channel(1);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut socket = accept_async(stream).await.unwrap();
        while let Some(Ok(_)) = socket.next().await {}
        told.send(()).await.unwrap();
    });
    let host = Host::start(&url);
    drop(open(&host).await.unwrap());
    soon("the upstream's notice", closed.recv()).await.unwrap();
}

#[tokio::test]
async fn a_refused_upgrade_is_an_ordinary_response() {
    let upstream = Upstream::start(|_| async {
        let mut reply = bytes("no");
        *reply.status_mut() = StatusCode::FORBIDDEN;
        reply
    })
    .await;
    let host = Host::start(&upstream.url());
    match open(&host).await.err() {
        Some(Error::Http(response)) => {
            assert_eq!((response.status(), response.body().as_deref()), (StatusCode::FORBIDDEN, Some(&b"no"[..])));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_upgrade_that_nobody_asked_for_is_a_bad_gateway() {
    let upstream = Upstream::start(|_| async {
        let head = Response::builder().status(101).header(CONNECTION, "upgrade").header(UPGRADE, "websocket");
        head.body(http_body_util::Empty::new().map_err(|never| match never {}).boxed_unsync()).unwrap()
    })
    .await;
    let host = Host::start(&upstream.url());
    let answer = crate::fixture::raw(host.address, b"GET / HTTP/1.1\r\nhost: a.test\r\nconnection: close\r\n\r\n").await;
    assert_eq!(answer.split(' ').nth(1), Some("502"), "{answer}");
}
