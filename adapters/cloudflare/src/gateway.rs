//! Stand-in until the core's entry lands.
use std::net::IpAddr;
use std::time::Duration;
use http::Response;
use postern_core::platform::*;
use postern_core::snapshot::Snapshot;

pub struct Gateway { _s: Snapshot, settings: Settings }
pub struct Settings { pub region: Option<String>, pub base_url: Option<String>, pub max_request_size: u64 }
pub struct Incoming { pub request: http::Request<Body>, pub client: Client }
pub struct Client { pub ip: Option<IpAddr>, pub version: http::Version }

fn text(t: String) -> Response<Body> { Response::new(Body::from(t)) }

impl Gateway {
    pub fn new(snapshot: Snapshot, settings: Settings) -> Result<Self, String> { Ok(Self { _s: snapshot, settings }) }
    pub async fn handle(&self, p: &Platform, incoming: Incoming) -> Response<Body> {
        let Incoming { request, client } = incoming;
        let path = request.uri().path().to_owned();
        p.log.write(&format!("{{\"path\":{path:?}}}"));
        let header = |n: &str| request.headers().get(n).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
        let upstream = header("x-upstream");
        let same = request.headers().contains_key("x-same");
        match path.as_str() {
            "/kv" => {
                let r = p.store.put("a/b", b"hello", Some(Duration::from_secs(60))).await;
                let g = p.store.get("a/b").await; let n = p.store.get("none").await;
                let d = p.store.delete("a/b").await; let seeded = p.store.get("seeded").await;
                text(format!("{r:?} {g:?} {n:?} {d:?} {seeded:?}"))
            }
            "/count" => { let key = CounterKey::new("t", "o", &header("x-key"), 7);
                match p.counters.increment(&key, 1, p.clock.now().plus(Duration::from_secs(60))).await { Ok(n) => text(n.to_string()), Err(e) => text(e.to_string()) } }
            "/remove" => { let key = CounterKey::new("t", "o", &header("x-key"), 7); text(format!("{:?}", p.counters.remove(&key).await)) }
            "/secret" => { let s = p.secrets.get("POSTERN_SECRET_X").await; text(format!("{:?} {:?} ip {:?} {:?} region {:?} {:?} {}", s.map(|s| s.len()), p.secrets.get("POSTERN_SECRET_NONE").await.is_none(), client.ip, client.version, self.settings.region, self.settings.base_url, self.settings.max_request_size)) }
            "/random" => { let mut b = [0u8; 16]; p.random.fill(&mut b); text(format!("{b:?} {}", p.clock.now().to_rfc3339())) }
            "/task" => { let q = p.clone(); p.tasks.wait_until(Box::pin(async move { let r = q.store.put("task/done", b"1", None).await; q.log.write(&format!("{{\"task\":{:?}}}", r.is_ok())); })); text("ok".into()) }
            "/echo" => { let body = request.into_body(); Response::new(body) }
            "/read" => { match request.into_body().buffer(1 << 20).await { Ok((b, body)) => { p.log.write(&format!("{{\"read\":{}}}", b.len())); Response::new(body) } Err(e) => { let mut r = text(e.to_string()); *r.status_mut() = http::StatusCode::PAYLOAD_TOO_LARGE; r } } }
            "/stream" => { Response::new(Body::Stream(Box::pin(Count(0)))) }
            "/retry" => { let (_, body) = match request.into_body().buffer(1 << 20).await { Ok(x) => x, Err(e) => return text(e.to_string()) };
                let r1 = p.http.send(http::Request::builder().uri(&upstream).body(Body::Empty).unwrap_or_default_(), SendOptions::default()).await;
                drop(r1); let mut r = http::Request::new(body); *r.method_mut() = http::Method::POST; *r.uri_mut() = upstream.parse().unwrap_or_default();
                match p.http.send(r, SendOptions::default()).await { Ok(r) => r, Err(e) => text(e.to_string()) } }
            _ => {
                let (mut head, body) = request.into_parts();
                let reads = head.headers.contains_key("x-read");
                let body = if reads { match body.buffer(4 << 20).await { Ok((_, b)) => b, Err(e) => { let mut r = text(e.to_string()); *r.status_mut() = http::StatusCode::PAYLOAD_TOO_LARGE; return r } } } else { body };
                let base: http::Uri = upstream.parse().unwrap_or_default();
                let uri = format!("{}://{}{}", base.scheme_str().unwrap_or("http"), base.authority().map(|a| a.as_str()).unwrap_or("x"), head.uri.path_and_query().map(|p| p.as_str()).unwrap_or("/"));
                head.uri = uri.parse().unwrap_or_default();
                for n in ["x-upstream", "x-same", "x-read", "cf-connecting-ip", "host", "content-length"] { head.headers.remove(n); }
                head.headers.insert("authorization", http::HeaderValue::from_static("Bearer injected"));
                let timeout = head.headers.remove("x-timeout").and_then(|v| v.to_str().ok()?.parse().ok()).map(Duration::from_millis);
                match p.http.send(http::Request::from_parts(head, body), SendOptions { timeout, ..SendOptions::default() }).await {
                    Ok(mut r) => { if !same { r.headers_mut().insert("x-request-id", http::HeaderValue::from_static("1")); r.headers_mut().remove("server"); } r }
                    Err(e) => { let mut r = text(e.to_string()); *r.status_mut() = http::StatusCode::BAD_GATEWAY; r }
                }
            }
        }
    }
}
trait OrDefault { fn unwrap_or_default_(self) -> http::Request<Body>; }
impl OrDefault for Result<http::Request<Body>, http::Error> { fn unwrap_or_default_(self) -> http::Request<Body> { self.unwrap_or_else(|_| http::Request::new(Body::Empty)) } }
struct Count(u32);
impl http_body::Body for Count {
    type Data = bytes::Bytes; type Error = BodyError;
    fn poll_frame(mut self: std::pin::Pin<&mut Self>, _: &mut std::task::Context<'_>) -> std::task::Poll<Option<Result<http_body::Frame<bytes::Bytes>, BodyError>>> {
        self.0 += 1;
        if self.0 > 5 { return std::task::Poll::Ready(None) }
        std::task::Poll::Ready(Some(Ok(http_body::Frame::data(bytes::Bytes::from(format!("data: {}\n\n", self.0))))))
    }
}
