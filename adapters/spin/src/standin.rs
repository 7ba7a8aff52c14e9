use http::{Response, StatusCode};
use postern_core::platform::{Body, CounterKey, HttpError, Platform, SendOptions, Timestamp};
use postern_core::snapshot::Snapshot;
use std::net::IpAddr;
use std::time::Duration;
pub struct Gateway;
pub struct Settings {
    pub region: Option<String>,
    pub base_url: Option<String>,
    pub max_request_size: u64,
}
pub struct Incoming {
    pub request: http::Request<Body>,
    pub client: Client,
}
pub struct Client {
    pub ip: Option<IpAddr>,
    pub version: http::Version,
}
struct Guard(Platform, String);
impl Drop for Guard {
    fn drop(&mut self) {
        self.0.log.write(&format!("{{\"end\":\"{}\"}}", self.1));
    }
}
struct Obs(Body, Guard);
impl http_body::Body for Obs {
    type Data = bytes::Bytes;
    type Error = postern_core::platform::BodyError;
    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<bytes::Bytes>, Self::Error>>> {
        std::pin::Pin::new(&mut self.0).poll_frame(cx)
    }
    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }
    fn size_hint(&self) -> http_body::SizeHint {
        self.0.size_hint()
    }
}
impl Gateway {
    pub fn new(_: Snapshot, _: Settings) -> Result<Self, String> {
        Ok(Self)
    }
    pub async fn handle(&self, p: &Platform, incoming: Incoming) -> Response<Body> {
        let path = incoming.request.uri().path().to_owned();
        let text = |s: String| Response::new(Body::from(s));
        if path == "/-incr" {
            return match p.counters.increment(&CounterKey::new("t", "o", "p", 1), 1, Timestamp(0)).await {
                Ok(n) => text(n.to_string()),
                Err(e) => text(e.to_string()),
            };
        }
        if path == "/-kv" {
            let r = p.store.put("a/b", b"v", None).await;
            let g = p.store.get("a/b").await;
            let d = p.store.delete("a/b").await;
            let g2 = p.store.get("a/b").await;
            let s = p.store.get("seeded").await;
            return text(format!("{r:?} {g:?} {d:?} {g2:?} {s:?}"));
        }
        if path == "/-misc" {
            let mut b = [0u8; 40];
            p.random.fill(&mut b);
            let later = p.clone();
            p.tasks.wait_until(Box::pin(async move {
                spin_sdk::time::sleep(Duration::from_millis(300)).await;
                later.log.write("later");
            }));
            return text(format!(
                "{} {:?} {:?} {:?} {}",
                p.clock.now().to_rfc3339(),
                b,
                incoming.client.ip,
                p.secrets.get("POSTERN_SECRET_NONE").await,
                incoming.request.uri()
            ));
        }
        let Some(up) = p.secrets.get("POSTERN_SECRET_UPSTREAM").await else { return text("no upstream".into()) };
        let mut req = incoming.request;
        let pq = req.uri().path_and_query().map_or("/", |p| p.as_str()).to_owned();
        let to = req.headers().get("x-to").and_then(|v| v.to_str().ok()).map(str::to_owned).unwrap_or(up.to_string());
        *req.uri_mut() = match format!("{to}{pq}").parse() {
            Ok(u) => u,
            Err(_) => return text("bad uri".into()),
        };
        let keep = req.headers().contains_key("x-keep");
        if !keep {
            postern_core::receive::strip_response(req.headers_mut());
        }
        let known = req.body().known_length();
        let timeout = req.headers().get("x-timeout").and_then(|v| v.to_str().ok()?.parse().ok()).map(Duration::from_millis);
        match p.http.send(req, SendOptions { timeout, ..Default::default() }).await {
            Ok(mut r) => {
                postern_core::receive::strip_response(r.headers_mut());
                let g = Guard(p.clone(), path);
                r.headers_mut()
                    .insert("x-known", http::HeaderValue::try_from(format!("{known:?}")).unwrap_or(http::HeaderValue::from_static("")));
                if r.body().is_empty() {
                    return r;
                }
                r.map(|b| Body::Stream(Box::pin(Obs(b, g))))
            }
            Err(e) => {
                let mut r = text(e.to_string());
                *r.status_mut() = match e {
                    HttpError::Timeout => StatusCode::GATEWAY_TIMEOUT,
                    _ => StatusCode::BAD_GATEWAY,
                };
                r
            }
        }
    }
}
