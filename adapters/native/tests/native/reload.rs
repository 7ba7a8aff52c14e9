//! A new Snapshot replaces the one before.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::mpsc::channel as reports;

use futures::SinkExt;
use http::Request;
use http_body::Frame;
use http_body_util::BodyExt;

use crate::fixture::{Body, Client, Host, PATIENCE, Upstream, bytes, channel, read_all, soon};

#[tokio::test]
async fn the_next_request_sees_it_and_the_one_in_flight_does_not() {
    let (mut frames, reply) = channel();
    let reply = std::sync::Mutex::new(Some(reply));
    let old = Upstream::start(move |_| {
        let reply = reply.lock().unwrap().take();
        async { reply.unwrap_or_else(|| bytes("old")) }
    })
    .await;
    let new = Upstream::start(|_| async { bytes("new") }).await;
    let (reported, outcomes) = reports();
    let host = Host::with(&old.url(), |options| {
        options.threads = NonZeroUsize::new(2);
        options.on_reload = Arc::new(move |outcome| reported.send(outcome).unwrap());
    })
    .unwrap();
    let get = || Request::get("http://svc.localhost/").body(Body::empty()).unwrap();
    let mut first = Client::connect(host.address, false).await;
    let mut second = Client::connect(host.address, false).await;
    let in_flight = first.call(get()).await.unwrap();

    host.snapshot.send("not a url".into()).unwrap();
    assert!(outcomes.recv_timeout(PATIENCE).unwrap().is_err());
    assert_eq!(read_all(second.call(get()).await.unwrap()).await, "old", "a bad one changes nothing");

    host.snapshot.send(new.url().into()).unwrap();
    assert_eq!(outcomes.recv_timeout(PATIENCE).unwrap(), Ok(()));
    soon("both threads have it", async {
        for _ in 0..4 {
            let mut client = Client::connect(host.address, false).await;
            while read_all(client.call(get()).await.unwrap()).await != "new" {}
        }
    })
    .await;
    frames.send(Some(Frame::data("still old".into()))).await.unwrap();
    drop(frames);
    assert_eq!(in_flight.into_body().collect().await.unwrap().to_bytes(), "still old");
}

#[tokio::test]
async fn a_bad_snapshot_at_the_start_is_an_error() {
    let error = Host::with("not a url", |_| {}).err().unwrap();
    assert_eq!(error.to_string(), "`not a url` is no URL");
}
