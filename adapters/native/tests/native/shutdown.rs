//! The end: what is in flight is finished, within bounds.

use std::time::Duration;

use futures::SinkExt;
use http::Request;
use http_body::Frame;
use http_body_util::BodyExt;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use crate::fixture::{Body, Client, Host, Upstream, channel, soon};

fn get() -> Request<crate::fixture::Payload> {
    Request::get("http://svc.localhost/").body(Body::empty()).unwrap()
}

#[tokio::test]
async fn a_response_in_flight_is_finished_and_logged_while_the_port_is_closed() {
    for http2 in [false, true] {
        let (mut frames, reply) = channel();
        let upstream = Upstream::replying(reply).await;
        let host = Host::start(&upstream.url());
        let mut idle = TcpStream::connect(host.address).await.unwrap();
        let mut client = Client::connect(host.address, http2).await;
        let response = client.call(get()).await.unwrap();
        host.stop();
        assert_eq!(soon("the idle connection's end", idle.read(&mut [0])).await.unwrap(), 0);
        closed(&host).await;
        frames.send(Some(Frame::data("late".into()))).await.unwrap();
        drop(frames);
        assert_eq!(soon("the body", response.into_body().collect()).await.unwrap().to_bytes(), "late");
        let log = host.log.clone();
        host.wait().await;
        assert_eq!(log.text(), "{\"seen\":\"http svc.localhost /\"}\n");
    }
}

/// Waits until nobody can connect.
async fn closed(host: &Host) {
    let refused = async {
        while TcpStream::connect(host.address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    soon("the port's end", refused).await;
}

fn terminate() {
    let status = std::process::Command::new("kill").args(["-TERM", &std::process::id().to_string()]).status();
    assert!(status.unwrap().success());
}

/// The only test whose host listens to signals, as they reach the whole process.
#[tokio::test]
async fn one_signal_starts_the_shutdown_and_a_second_ends_it() {
    let (mut frames, reply) = channel();
    let upstream = Upstream::replying(reply).await;
    let host = Host::with(&upstream.url(), |options| {
        options.signals = true;
        options.limits.drain = Duration::from_secs(3600);
    })
    .unwrap();
    let mut client = Client::connect(host.address, false).await;
    let mut body = client.call(get()).await.unwrap().into_body();
    terminate();
    closed(&host).await;
    frames.send(Some(Frame::data("still there".into()))).await.unwrap();
    assert!(soon("a frame", body.frame()).await.unwrap().is_ok());
    terminate();
    host.wait().await;
    assert!(soon("the cut", body.frame()).await.unwrap().is_err());
}

#[tokio::test]
async fn a_response_that_does_not_end_is_cut() {
    let (mut frames, reply) = channel();
    let upstream = Upstream::replying(reply).await;
    let host = Host::with(&upstream.url(), |options| options.limits.drain = Duration::from_millis(100)).unwrap();
    let mut client = Client::connect(host.address, false).await;
    let mut body = client.call(get()).await.unwrap().into_body();
    frames.send(Some(Frame::data("first".into()))).await.unwrap();
    assert!(soon("the first frame", body.frame()).await.unwrap().is_ok());
    host.stop();
    host.wait().await;
    assert!(soon("the cut", body.frame()).await.unwrap().is_err());
}
