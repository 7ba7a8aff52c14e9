//! `--connect-to`: another connection, the same request.

use http::Request;
use postern_native::ServeError;

use crate::fixture::{Body, Client, Host, Reply, Upstream, bytes, read_all};

async fn what_was_asked(request: Request<hyper::body::Incoming>) -> Reply {
    bytes(format!("{} {}", request.headers()["host"].to_str().unwrap(), request.uri()))
}

#[tokio::test]
async fn only_the_connection_changes() {
    let upstream = Upstream::start(what_was_asked).await;
    let rule = format!("api.example.com:443={}", upstream.url());
    let host = Host::with("https://api.example.com", |options| options.connect_to = vec![rule.parse().unwrap()]).unwrap();
    let mut client = Client::connect(host.address, false).await;
    let request = Request::get("http://svc.localhost/v1/x?y=1").body(Body::empty()).unwrap();
    assert_eq!(read_all(client.call(request).await.unwrap()).await, "api.example.com /v1/x?y=1");
}

#[tokio::test]
async fn it_stays_on_this_machine() {
    for (listen, url) in [([127, 0, 0, 1], "http://10.0.0.1:80"), ([0, 0, 0, 0], "http://127.0.0.1:80")] {
        let outcome = Host::with("https://api.example.com", |options| {
            options.listen = (listen, 0).into();
            options.connect_to = vec![format!("api.example.com:443={url}").parse().unwrap()];
        });
        assert!(matches!(outcome.err(), Some(ServeError::ConnectTo(_))), "{listen:?} {url}");
    }
}
