//! The client goes away, and the upstream notices: before the first byte, in mid-stream, and while a whole body is awaited.

use bytes::Bytes;
use futures::channel::mpsc;
use futures::{SinkExt, StreamExt};
use http::{Request, Response};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Incoming;

use crate::fixture::{Body, Client, Gone, Host, Payload, Reply, Upstream, soon};

const ROUTES: [(bool, bool); 4] = [(false, false), (false, true), (true, false), (true, true)];

fn request(path: &str, http2: bool, body: Payload) -> Request<Payload> {
    let request = Request::post(format!("http://svc.localhost{path}"));
    let request = if http2 { request.header("x-http2", "1") } else { request };
    request.body(body).unwrap()
}

/// Tells when a request has arrived, and gives each one something to drop when it is given up.
struct Watched {
    upstream: Upstream,
    arrived: mpsc::UnboundedReceiver<mpsc::Receiver<()>>,
}

impl Watched {
    async fn start<F: Future<Output = Reply> + Send + 'static>(
        answer: impl Fn(Request<Incoming>, Gone) -> F + Send + Sync + Clone + 'static,
    ) -> Self {
        let (sender, arrived) = mpsc::unbounded();
        let upstream = Upstream::start(move |request| {
            let (gone, receiver) = Gone::pair();
            sender.unbounded_send(receiver).unwrap();
            answer(request, gone)
        })
        .await;
        Self { upstream, arrived }
    }

    async fn arrival(&mut self) -> mpsc::Receiver<()> {
        soon("the request's arrival", self.arrived.next()).await.unwrap()
    }
}

#[tokio::test]
async fn before_the_first_byte() {
    for (client_http2, upstream_http2) in ROUTES {
        let mut watched = Watched::start(|request, gone| async move {
            let _held = (request.into_body().collect().await, gone);
            std::future::pending().await
        })
        .await;
        let host = Host::start(&watched.upstream.url());
        let mut client = Client::connect(host.address, client_http2).await;
        let mut gone = {
            let mut call = Box::pin(client.call(request("/", upstream_http2, Body::of("{}"))));
            tokio::select! {
                _ = &mut call => panic!("there is no answer"),
                gone = watched.arrival() => gone,
            }
        };
        // Dropping the call resets the stream over HTTP/2; over HTTP/1 the connection must go.
        drop(client);
        soon(&format!("the upstream's notice {client_http2} {upstream_http2}"), gone.next()).await;
    }
}

#[tokio::test]
async fn one_stream_of_a_connection_before_the_first_byte() {
    for upstream_http2 in [false, true] {
        let mut watched = Watched::start(|_, gone| async move {
            let _held = gone;
            std::future::pending().await
        })
        .await;
        let host = Host::start(&watched.upstream.url());
        let mut client = Client::connect(host.address, true).await;
        let mut call = Box::pin(client.call(request("/", upstream_http2, Body::empty())));
        let mut gone = tokio::select! {
            _ = &mut call => panic!("there is no answer"),
            gone = watched.arrival() => gone,
        };
        drop(call);
        soon(&format!("the upstream's notice {upstream_http2}"), gone.next()).await;
        assert!(!client.is_closed(), "the connection is still good");
    }
}

#[tokio::test]
async fn in_mid_stream() {
    for (client_http2, upstream_http2) in ROUTES {
        let mut watched = Watched::start(|request, gone| async move {
            // What has not been read hides from hyper's server that the connection has ended.
            let _ = request.into_body().collect().await;
            // One event, then silence: nothing is written that could fail.
            let first = futures::stream::once(async { Ok(Frame::data(Bytes::from("event"))) });
            let silence = futures::stream::once(async move {
                let _held = gone;
                std::future::pending().await
            });
            Response::new(StreamBody::new(first.chain(silence)).boxed_unsync())
        })
        .await;
        let host = Host::start(&watched.upstream.url());
        let mut client = Client::connect(host.address, client_http2).await;
        let mut body = client.call(request("/", upstream_http2, Body::of("{}"))).await.unwrap().into_body();
        assert!(soon("the event", body.frame()).await.unwrap().is_ok());
        let mut gone = watched.arrival().await;
        drop((body, client));
        soon(&format!("the upstream's notice {client_http2} {upstream_http2}"), gone.next()).await;
    }
}

#[tokio::test]
async fn while_the_upload_is_still_flowing() {
    for (client_http2, upstream_http2) in ROUTES {
        let mut watched = Watched::start(|request, gone| async move {
            let broken = request.into_body().collect().await.is_err();
            drop(gone);
            assert!(broken, "half an upload must not look complete");
            std::future::pending().await
        })
        .await;
        let host = Host::start(&watched.upstream.url());
        let mut client = Client::connect(host.address, client_http2).await;
        let (_upload, body) = Body::channel();
        let mut gone = {
            let mut call = Box::pin(client.call(request("/", upstream_http2, body)));
            tokio::select! {
                _ = &mut call => panic!("there is no answer"),
                gone = watched.arrival() => gone,
            }
        };
        drop(client);
        soon(&format!("the upstream's notice {client_http2} {upstream_http2}"), gone.next()).await;
    }
}

#[tokio::test]
async fn while_the_upload_is_flowing_and_the_response_has_begun() {
    for (client_http2, upstream_http2) in ROUTES {
        let mut watched = Watched::start(|request: Request<Incoming>, gone| async move {
            let body = request.into_body().map_err(std::io::Error::other).map_frame(move |frame| {
                let _held = &gone;
                frame
            });
            Response::new(body.boxed_unsync())
        })
        .await;
        let host = Host::start(&watched.upstream.url());
        let mut client = Client::connect(host.address, client_http2).await;
        let (mut upload, body) = Body::channel();
        let response = client.call(request("/", upstream_http2, body)).await.unwrap();
        soon("room", upload.send(Frame::data(Bytes::from("part")))).await.unwrap();
        let mut gone = watched.arrival().await;
        drop((response, client));
        soon(&format!("the upstream's notice {client_http2} {upstream_http2}"), gone.next()).await;
    }
}

/// The client stays; it is the handler that has enough.
#[tokio::test]
async fn a_response_that_nobody_reads_ends_the_upload() {
    for (client_http2, upstream_http2) in ROUTES {
        let mut watched = Watched::start(|request: Request<Incoming>, gone| async move {
            tokio::spawn(async move {
                let _ = request.into_body().collect().await;
                drop(gone);
            });
            // A response that is still going on, so that the call is.
            Response::new(StreamBody::new(futures::stream::pending()).boxed_unsync())
        })
        .await;
        let host = Host::start(&watched.upstream.url());
        let mut client = Client::connect(host.address, client_http2).await;
        let (_upload, body) = Body::channel();
        let mut ignored = request("/", upstream_http2, body);
        ignored.headers_mut().insert("x-ignore", "1".parse().unwrap());
        let response = client.call(ignored).await.unwrap();
        assert_eq!(response.headers().get("x-seen"), None);
        let mut gone = watched.arrival().await;
        soon(&format!("the upstream's notice {client_http2} {upstream_http2}"), gone.next()).await;
    }
}
