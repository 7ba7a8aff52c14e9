use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::origin::Protocol;

/// TLS 1.2 and 1.3 to upstreams, certificates checked against Mozilla's roots and the operator's own.
pub(super) struct Tls {
    any: TlsConnector,
    http1: TlsConnector,
    http2: TlsConnector,
}

impl Tls {
    pub fn new(ca_file: Option<&Path>) -> Result<Self, String> {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.into() };
        if let Some(path) = ca_file {
            add_file(&mut roots, path).map_err(|why| format!("certificates in {}: {why}", path.display()))?;
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let config = builder.map_err(|error| error.to_string())?.with_root_certificates(roots).with_no_client_auth();
        let speaking = |protocols: &[&str]| {
            let mut config = config.clone();
            config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
            TlsConnector::from(Arc::new(config))
        };
        Ok(Self { any: speaking(&["h2", "http/1.1"]), http1: speaking(&["http/1.1"]), http2: speaking(&["h2"]) })
    }

    /// Returns the stream and whether HTTP/2 was negotiated.
    pub async fn connect(&self, stream: TcpStream, host: &str, protocol: Protocol) -> Result<(TlsStream<TcpStream>, bool), String> {
        let connector = match protocol {
            Protocol::Any => &self.any,
            Protocol::Http1 => &self.http1,
            Protocol::Http2 => &self.http2,
        };
        let name = ServerName::try_from(host.to_owned()).map_err(|_| format!("`{host}` cannot be the name in a certificate"))?;
        let stream = connector.connect(name, stream).await.map_err(|error| format!("TLS: {error}"))?;
        let http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
        Ok((stream, http2))
    }
}

fn add_file(roots: &mut RootCertStore, path: &Path) -> Result<(), String> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path).map_err(|error| error.to_string())?.collect();
    let certificates = certificates.map_err(|error| error.to_string())?;
    if certificates.is_empty() {
        return Err("there are none".into());
    }
    certificates.into_iter().try_for_each(|certificate| roots.add(certificate)).map_err(|error| error.to_string())
}
