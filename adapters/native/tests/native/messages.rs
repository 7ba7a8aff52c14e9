//! What of a message survives.

use http::{Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::fixture::{Body, Client, Host, Payload, Reply, Upstream, bytes, raw, read_all};

/// Answers with what it received.
async fn mirror(request: Request<hyper::body::Incoming>) -> Reply {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let headers: Vec<_> = parts.headers.iter().map(|(name, value)| json!([name.as_str(), value.to_str().unwrap()])).collect();
    bytes(
        json!({
            "method": parts.method.as_str(), "uri": parts.uri.to_string(), "version": format!("{:?}", parts.version),
            "headers": headers, "length": body.len(), "body": String::from_utf8_lossy(&body),
        })
        .to_string(),
    )
}

async fn mirrored(client: &mut Client, request: Request<Payload>) -> Value {
    let response = client.call(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    serde_json::from_slice(&read_all(response).await).unwrap()
}

fn lines<'a>(seen: &'a Value, name: &str) -> Vec<&'a str> {
    let all = seen["headers"].as_array().unwrap().iter();
    all.filter(|line| line[0] == name).map(|line| line[1].as_str().unwrap()).collect()
}

#[tokio::test]
async fn methods_paths_and_header_lines_arrive_as_sent() {
    let upstream = Upstream::start(mirror).await;
    let host = Host::start(&upstream.url());
    for http2 in [false, true] {
        let mut client = Client::connect(host.address, http2).await;
        for method in ["GET", "POST", "PROPFIND", "BREW", "OPTIONS", "TRACE"] {
            let path = "/v1/models%2Fa?x=%20&y";
            let request = Request::builder().method(method).uri(format!("http://svc.localhost{path}"));
            let request = request.header("x-twice", "a, b").header("x-twice", "c").body(Body::empty()).unwrap();
            let seen = mirrored(&mut client, request).await;
            assert_eq!((seen["method"].as_str(), seen["uri"].as_str()), (Some(method), Some(path)));
            assert_eq!(lines(&seen, "x-twice"), ["a, b", "c"]);
            assert_eq!(lines(&seen, "host"), [upstream.address.to_string()]);
            let others = seen["headers"].as_array().unwrap().len() - lines(&seen, "content-length").len();
            assert_eq!(others, 3, "none is added: {seen}");
        }
    }
    assert_eq!(upstream.connections(), 1);
}

#[tokio::test]
async fn bodies_arrive_as_sent() {
    let upstream = Upstream::start(mirror).await;
    let host = Host::start(&upstream.url());
    let mut client = Client::connect(host.address, false).await;
    for (body, length) in [(&b""[..], "0"), (b"{\"a\": 1 }", "9"), (b"\x00\xff\r\n\r\n", "6")] {
        let request = Request::post("http://a.test/").body(Body::of(body)).unwrap();
        let seen = mirrored(&mut client, request).await;
        assert_eq!((seen["length"].as_u64(), lines(&seen, "content-length")), (Some(body.len() as u64), vec![length]));
        assert_eq!(lines(&seen, "transfer-encoding"), [""; 0]);
    }
}

#[tokio::test]
async fn host_and_protocol_follow_the_options() {
    let upstream = Upstream::start(mirror).await;
    let host = Host::start(&upstream.url());
    let mut client = Client::connect(host.address, false).await;
    let seen = mirrored(&mut client, Request::get("http://a.test/x").header("x-host", "other.test:1").body(Body::empty()).unwrap()).await;
    assert_eq!((lines(&seen, "host"), seen["version"].as_str()), (vec!["other.test:1"], Some("HTTP/1.1")));
    let request = Request::get("http://a.test/x").header("x-host", "other.test:1").header("x-http2", "1").body(Body::empty()).unwrap();
    let seen = mirrored(&mut client, request).await;
    assert_eq!((seen["uri"].as_str(), seen["version"].as_str()), (Some("http://other.test:1/x"), Some("HTTP/2.0")));
}

#[tokio::test]
async fn bodyless_and_partial_responses_keep_their_heads() {
    let upstream = Upstream::start(|request: Request<hyper::body::Incoming>| async move {
        let reply = |status: u16| Response::builder().status(status).header("set-cookie", "a=1").header("set-cookie", "b=2");
        let body = |text: &'static str| bytes(text).into_body();
        let partial = request.headers().get("range").is_some_and(|range| range == "bytes=1-2");
        match request.uri().path() {
            "/204" => reply(204).body(body("")),
            "/304" => reply(304).header("etag", "\"x\"").header("content-length", "5").body(body("")),
            _ if request.method() == Method::HEAD => reply(200).header("content-length", "5").body(body("")),
            _ if partial => reply(206).header("content-range", "bytes 1-2/5").body(body("el")),
            _ => reply(200).body(body("hello")),
        }
        .unwrap()
    })
    .await;
    let host = Host::start(&upstream.url());
    for http2 in ["", "1"] {
        let mut client = Client::connect(host.address, false).await;
        for (method, path, range, status, length, text) in [
            ("GET", "/", "", 200, Some("5"), "hello"),
            ("HEAD", "/", "", 200, Some("5"), ""),
            ("GET", "/", "bytes=1-2", 206, Some("2"), "el"),
            ("GET", "/204", "", 204, None, ""),
            // A length in a 304 is optional (RFC 9110 §8.6), and hyper leaves it out.
            ("GET", "/304", "", 304, None, ""),
            ("GET", "/", "", 200, Some("5"), "hello"),
        ] {
            let mut request = Request::builder().method(method).uri(format!("http://a.test{path}")).header("range", range);
            if !http2.is_empty() {
                request = request.header("x-http2", http2);
            }
            let response = client.call(request.body(Body::empty()).unwrap()).await.unwrap();
            let name = format!("{method} {path} {range} http2={http2}");
            assert_eq!(response.status(), status, "{name}");
            assert_eq!(response.headers().get("content-length").map(|length| length.to_str().unwrap()), length, "{name}");
            assert_eq!(response.headers().get_all("set-cookie").iter().count(), 2, "{name}");
            assert!(!response.headers().contains_key("transfer-encoding"), "{name}");
            assert_eq!(read_all(response).await, text, "{name}");
        }
    }
}

#[tokio::test]
async fn a_request_names_exactly_one_host() {
    let upstream = Upstream::start(mirror).await;
    let host = Host::start(&upstream.url());
    for (head, status, seen) in [
        ("GET /x HTTP/1.1\r\nhost: a.test", "200", "http a.test /x"),
        ("GET http://a.test/x?y HTTP/1.1\r\nhost: b.test", "200", "http a.test /x?y"),
        ("GET http://a.test HTTP/1.1\r\nhost: a.test", "200", "http a.test /"),
        ("OPTIONS * HTTP/1.1\r\nhost: a.test", "200", "http a.test *"),
        ("GET /x HTTP/1.1", "400", ""),
        ("GET /x HTTP/1.0", "400", ""),
        ("GET /x HTTP/1.1\r\nhost: a.test\r\nhost: b.test", "400", ""),
        ("GET /x HTTP/1.1\r\nhost: u@a.test", "400", ""),
        ("GET http://u@a.test/x HTTP/1.1\r\nhost: a.test", "400", ""),
        ("CONNECT a.test:80 HTTP/1.1\r\nhost: a.test:80", "400", ""),
        ("GET /x HTTP/1.1\r\nhost: a.test\r\ncontent-length: 1\r\ncontent-length: 2", "400", ""),
        ("GET /x HTTP/1.1\r\nhost: a.test\r\ntransfer-encoding: chunked, identity", "400", ""),
        ("GET /x HTTP/1.1\r\nhost: a.test\r\nx : 1", "400", ""),
        ("GET /x HTTP/1.1\r\nhost: a.test\r\nx: 1\r\n folded", "400", ""),
    ] {
        let answer = raw(host.address, format!("{head}\r\nconnection: close\r\n\r\n").as_bytes()).await;
        assert_eq!(answer.split(' ').nth(1), Some(status), "{head}\n{answer}");
        assert_eq!(answer.contains("x-seen"), status == "200", "{head}");
        assert!(answer.contains(&format!("x-seen: {seen}\r\n")) || status != "200", "{head}\n{answer}");
    }
}

#[tokio::test]
async fn an_old_upstream_is_spoken_for_in_the_hosts_own_version() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = Host::start(&format!("http://{}", listener.local_addr().unwrap()));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 1024]).await;
            let _ = stream.write_all(b"HTTP/1.0 200 OK\r\n\r\nold").await;
        }
    });
    for version in ["1.1", "1.0"] {
        let answer = raw(host.address, format!("GET / HTTP/{version}\r\nhost: a.test\r\nconnection: close\r\n\r\n").as_bytes()).await;
        assert!(answer.starts_with(&format!("HTTP/{version} 200 OK\r\n")) && answer.contains("old"), "{answer}");
    }
}
