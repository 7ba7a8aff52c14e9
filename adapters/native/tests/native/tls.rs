//! TLS to the upstream, with an authority of the operator's own.

use std::path::Path;
use std::sync::Arc;

use http::{Request, StatusCode};
use hyper::body::Incoming;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::fixture::{Body, Client, Host, Reply, bytes, read_all, serve_connection};

async fn version(request: Request<Incoming>) -> Reply {
    bytes(format!("{:?}", request.version()))
}

/// Serves TLS as `localhost`, and writes its authority's certificate to the file. Returns the port.
async fn secure_upstream(ca_file: &Path, alpn: &[&str]) -> u16 {
    let mut authority = CertificateParams::new([]).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    std::fs::write(ca_file, authority.pem()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(["localhost".to_owned()]).unwrap().signed_by(&key, &authority).unwrap();

    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let mut config = builder.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key).unwrap();
    config.alpn_protocols = alpn.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    serve_connection(stream, version).await;
                }
            });
        }
    });
    port
}

fn get(http2: bool) -> Request<crate::fixture::Payload> {
    let request = Request::get("http://svc.localhost/");
    let request = if http2 { request.header("x-http2", "1") } else { request };
    request.body(Body::empty()).unwrap()
}

#[tokio::test]
async fn the_version_is_negotiated() {
    let folder = tempfile::tempdir().unwrap();
    let ca_file = folder.path().join("ca.pem");
    for (alpn, http2, expected) in [
        (&["h2", "http/1.1"][..], false, Some("HTTP/2.0")),
        (&["http/1.1"], false, Some("HTTP/1.1")),
        (&[], false, Some("HTTP/1.1")),
        (&["h2"], true, Some("HTTP/2.0")),
        (&["http/1.1"], true, None),
    ] {
        let port = secure_upstream(&ca_file, alpn).await;
        let host = Host::with(&format!("https://localhost:{port}"), |options| options.ca_file = Some(ca_file.clone())).unwrap();
        let mut client = Client::connect(host.address, false).await;
        let response = client.call(get(http2)).await.unwrap();
        assert_eq!(response.status() == StatusCode::OK, expected.is_some(), "{alpn:?}");
        if let Some(expected) = expected {
            assert_eq!(read_all(response).await, expected);
        }
    }
}

#[tokio::test]
async fn certificates_are_checked() {
    let folder = tempfile::tempdir().unwrap();
    let ca_file = folder.path().join("ca.pem");
    let port = secure_upstream(&ca_file, &[]).await;
    for (name, trusted) in [("localhost", false), ("127.0.0.1", true)] {
        let ca_file = trusted.then(|| ca_file.clone());
        let host = Host::with(&format!("https://{name}:{port}"), |options| options.ca_file = ca_file).unwrap();
        let mut client = Client::connect(host.address, false).await;
        let response = client.call(get(false)).await.unwrap();
        assert_eq!(response.status(), StatusCode::BAD_GATEWAY, "{name}");
        let why = read_all(response).await;
        assert!(String::from_utf8_lossy(&why).contains("certificate"), "{name}: {why:?}");
    }
}

#[tokio::test]
async fn a_ca_file_without_certificates_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    for content in [None, Some("no certificate")] {
        let file = folder.path().join("ca.pem");
        if let Some(content) = content {
            std::fs::write(&file, content).unwrap();
        }
        assert!(Host::with("https://localhost", |options| options.ca_file = Some(file)).is_err());
    }
}
