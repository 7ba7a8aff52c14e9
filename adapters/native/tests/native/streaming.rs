//! Nothing is collected, in either direction.

use bytes::Bytes;
use futures::SinkExt;
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body::Frame;
use http_body_util::BodyExt;
use hyper::body::Incoming;

use crate::fixture::{Body, Client, Host, Payload, Upstream, channel, soon};

/// The versions spoken by client and upstream.
const ROUTES: [(bool, bool); 4] = [(false, false), (false, true), (true, false), (true, true)];

fn data(text: &str) -> Frame<Bytes> {
    Frame::data(Bytes::copy_from_slice(text.as_bytes()))
}

fn request(http2: bool, body: Payload) -> Request<Payload> {
    let request = Request::post("http://svc.localhost/").header("te", "trailers");
    let request = if http2 { request.header("x-http2", "1") } else { request };
    request.body(body).unwrap()
}

/// The next bytes, or nothing at the end. HTTP/2 may end a body with an empty frame.
async fn text(body: &mut Incoming) -> Bytes {
    loop {
        match soon("a frame", body.frame()).await {
            None => return Bytes::new(),
            Some(frame) => match frame.unwrap().into_data().unwrap() {
                empty if empty.is_empty() => {}
                data => return data,
            },
        }
    }
}

#[tokio::test]
async fn the_first_byte_arrives_before_the_upstream_has_ended() {
    for (client, upstream_http2) in ROUTES {
        let (mut frames, reply) = channel();
        let upstream = Upstream::replying(reply).await;
        let host = Host::start(&upstream.url());
        let mut client = Client::connect(host.address, client).await;
        let mut body = client.call(request(upstream_http2, Body::empty())).await.unwrap().into_body();
        for part in ["first", "second"] {
            // The upstream sends on only after the client has read.
            soon("room", frames.send(Some(data(part)))).await.unwrap();
            assert_eq!(text(&mut body).await, part);
        }
        drop(frames);
        assert_eq!(text(&mut body).await, "");
    }
}

#[tokio::test]
async fn upload_and_response_flow_at_the_same_time() {
    let echo = |request: Request<Incoming>| async { Response::new(request.into_body().map_err(std::io::Error::other).boxed_unsync()) };
    for (client, upstream_http2) in ROUTES {
        let upstream = Upstream::start(echo).await;
        let host = Host::start(&upstream.url());
        let mut client = Client::connect(host.address, client).await;
        let (mut upload, body) = Body::channel();
        let mut body = client.call(request(upstream_http2, body)).await.unwrap().into_body();
        for part in ["first", "second"] {
            soon("room", upload.send(data(part))).await.unwrap();
            assert_eq!(text(&mut body).await, part);
        }
        drop(upload);
        assert_eq!(text(&mut body).await, "");
    }
}

#[tokio::test]
async fn trailers_pass_both_ways_over_http2() {
    let upstream = Upstream::start(|request: Request<Incoming>| async {
        let received = request.into_body().collect().await.unwrap();
        let mut trailers = HeaderMap::new();
        trailers.insert("grpc-status", received.trailers().unwrap()["x-sum"].clone());
        let (mut frames, reply) = channel();
        tokio::spawn(async move {
            frames.send(Some(data("body"))).await.unwrap();
            frames.send(Some(Frame::trailers(trailers))).await.unwrap();
        });
        reply
    })
    .await;
    let host = Host::start(&upstream.url());
    let mut client = Client::connect(host.address, true).await;
    let (mut upload, body) = Body::channel();
    tokio::spawn(async move {
        upload.send(data("body")).await.unwrap();
        let trailers = HeaderMap::from_iter([("x-sum".parse().unwrap(), HeaderValue::from_static("7"))]);
        upload.send(Frame::trailers(trailers)).await.unwrap();
    });
    let response = client.call(request(true, body)).await.unwrap();
    let received = soon("the end", response.into_body().collect()).await.unwrap();
    assert_eq!(received.trailers().unwrap()["grpc-status"], "7");
    assert_eq!(received.to_bytes(), "body");
}

#[tokio::test]
async fn a_response_that_breaks_off_does_not_look_complete() {
    for (client, upstream_http2) in ROUTES {
        let (mut frames, reply) = channel();
        let upstream = Upstream::replying(reply).await;
        let host = Host::start(&upstream.url());
        let mut client = Client::connect(host.address, client).await;
        let mut body = client.call(request(upstream_http2, Body::empty())).await.unwrap().into_body();
        frames.send(Some(data("first"))).await.unwrap();
        assert_eq!(text(&mut body).await, "first");
        frames.send(None).await.unwrap();
        assert!(soon("an end", body.frame()).await.unwrap().is_err());
    }
}

#[tokio::test]
async fn many_bytes_arrive_whole() {
    for (client, upstream_http2) in ROUTES {
        let upstream = Upstream::start(|request: Request<Incoming>| async {
            Response::new(request.into_body().map_err(std::io::Error::other).boxed_unsync())
        })
        .await;
        let host = Host::start(&upstream.url());
        let mut client = Client::connect(host.address, client).await;
        let sent: Bytes = (0..3_000_000_u32).map(|n| (n % 251) as u8).collect();
        let response = client.call(request(upstream_http2, Body::of(sent.clone()))).await.unwrap();
        assert!(soon("the end", response.into_body().collect()).await.unwrap().to_bytes() == sent);
    }
}
