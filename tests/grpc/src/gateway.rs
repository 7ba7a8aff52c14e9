use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;

use postern_native::{Log, Options, Running, serve, watch};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Upstream;

/// The native host with one anonymous Service, `svc`, that has one `extProc` plugin.
pub struct Gateway {
    pub address: SocketAddr,
    running: Running,
    _snapshot: watch::Sender<Arc<str>>,
    _data: TempDir,
}

/// A response.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// Status line and header lines, in lower case.
    pub head: String,
    pub body: String,
}

impl Gateway {
    pub fn start(upstream: &Upstream, ext_proc: Value) -> Self {
        let config = json!({
            "upstream": {"url": format!("http://{}", upstream.address)},
            "http": {"plugins": [{"name": "own", "condition": {"matchAny": true}, "extProc": ext_proc}], "body": {"maxRequestSize": 100_000}},
        });
        let service = json!({
            "kind": "Service", "metadata": {"name": "svc"},
            "spec": {"mode": "HTTP", "isPublic": true, "isAnonymous": true, "config": config},
        });
        let snapshot = json!({
            "format": 1, "generation": 1, "domain": "localhost", "gateway": {"kind": "Gateway", "metadata": {"name": "default"}, "spec": {}},
            "services": {"svc.default": service}, "namespaces": {}, "users": {}, "groups": {}, "policies": {}, "credentials": {}, "secrets": {},
        });
        let data = tempfile::tempdir().unwrap();
        let (sender, receiver) = watch::channel(Arc::from(snapshot.to_string()));
        let mut options = Options::new(([127, 0, 0, 1], 0).into(), receiver, data.path().join("data"));
        options.log = Log::to(std::io::sink());
        options.threads = NonZeroUsize::new(1);
        let running = serve::<postern_core::gateway::Gateway>(options).unwrap();
        Self { address: running.address(), running, _snapshot: sender, _data: data }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(&format!("GET {path} HTTP/1.1\r\nhost: svc.localhost\r\nconnection: close\r\nx-caller: 1\r\n\r\n")).await
    }

    pub async fn post(&self, body: &str) -> Answer {
        let length = body.len();
        self.send(&format!("POST / HTTP/1.1\r\nhost: svc.localhost\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}")).await
    }

    async fn send(&self, request: &str) -> Answer {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut text = String::new();
        tokio::time::timeout(crate::PATIENCE, stream.read_to_string(&mut text)).await.unwrap().unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        Answer { status: head[9..12].parse().unwrap(), head: head.to_lowercase(), body: body.to_owned() }
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.running.stop();
    }
}
