//! HTTP/2 clients that make work for others and wait for none of it. Whatever one connection does, the next client is answered, and no
//! call to an upstream stays open.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::Request;
use hyper::body::Incoming;
use postern_core::gateway::Gateway;
use tokio::io::AsyncWriteExt;

use crate::fixture::{Body, Client, Host, Upstream, bytes, soon, until};
use crate::gateway::snapshot;
use crate::http2::{AUTHORITY, GOAWAY, METHOD, RST_STREAM, SCHEME, SETTINGS, connect, frame, read_frame, request};

const PING: u8 = 6;
const WINDOW_UPDATE: u8 = 8;
/// Of the streams of a connection that are open at once: hyper's default.
const STREAMS: usize = 200;
/// More than what sockets hold on their way.
const LIMIT: usize = 64 << 20;
/// RFC 9113 §7.
const CANCEL: [u8; 4] = [0, 0, 0, 8];
const REFUSED_STREAM: [u8; 4] = [0, 0, 0, 7];
const ENHANCE_YOUR_CALM: [u8; 4] = [0, 0, 0, 11];

/// Never answers `/held`, and counts the calls that wait for it.
struct Holding {
    upstream: Upstream,
    begun: Arc<AtomicUsize>,
    open: Arc<AtomicUsize>,
}

struct Open(Arc<AtomicUsize>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Holding {
    async fn start() -> Self {
        let (begun, open) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let counts = (begun.clone(), open.clone());
        let upstream = Upstream::start(move |request: Request<Incoming>| {
            let (begun, open) = counts.clone();
            async move {
                if request.uri().path() != "/held" {
                    return bytes("ok");
                }
                open.fetch_add(1, Ordering::SeqCst);
                begun.fetch_add(1, Ordering::SeqCst);
                let _open = Open(open);
                std::future::pending().await
            }
        })
        .await;
        Self { upstream, begun, open }
    }

    /// Waits until so many calls have begun.
    async fn begun(&self, calls: usize) {
        until("the call's arrival", || self.begun.load(Ordering::SeqCst) >= calls).await;
    }

    /// Waits until all calls have been given up.
    async fn nothing_is_open(&self) {
        until("the end of all calls", || self.open.load(Ordering::SeqCst) == 0).await;
    }
}

/// A request that the upstream holds, and what takes it back.
fn opened(stream: u32) -> Vec<u8> {
    request(stream, &[METHOD, SCHEME, AUTHORITY, (":path", "/held")])
}

/// The client says that it wants no answer.
fn cancelled(stream: u32) -> Vec<u8> {
    frame(RST_STREAM, 0, stream, &CANCEL)
}

/// A window beyond 2^31-1, so that it is the host that resets the stream (RFC 9113 §6.9.1).
fn made_to_reset(stream: u32) -> Vec<u8> {
    frame(WINDOW_UPDATE, 0, stream, &[0x7f, 0xff, 0xff, 0xff])
}

/// Another client's request, on a connection of its own.
async fn others_are_served(host: &Host) {
    for http2 in [false, true] {
        let request = Request::get("http://svc.localhost/other").body(Body::empty()).unwrap();
        assert_eq!(Client::connect(host.address, http2).await.call(request).await.unwrap().status(), 200);
    }
}

/// The client's streams are odd.
fn streams(count: usize) -> impl Iterator<Item = u32> {
    (1..).step_by(2).take(count)
}

type Ending = fn(u32) -> Vec<u8>;

/// CVE-2023-44487, and CVE-2025-8671 where it is the host that is made to reset.
#[tokio::test]
async fn many_streams_that_are_reset_at_once_end_their_connection() {
    for (name, ending) in [("cancelled", cancelled as Ending), ("made to reset", made_to_reset)] {
        let holding = Holding::start().await;
        let host = Host::serving::<Gateway>(&snapshot(&holding.upstream.url()), |_| {}).unwrap();
        let mut flood = connect(&host).await;
        let frames: Vec<u8> = streams(5000).flat_map(|stream| [opened(stream), ending(stream)].concat()).collect();
        // The host closes before it has read all of it.
        let _ = flood.write_all(&frames).await;
        let reason = soon("the connection's end", async {
            loop {
                match read_frame(&mut flood).await {
                    Some((GOAWAY, _, payload)) => return payload[4..8].to_vec(),
                    Some(_) => {}
                    None => panic!("{name}: closed without a reason"),
                }
            }
        })
        .await;
        assert_eq!(reason, ENHANCE_YOUR_CALM, "{name}");
        others_are_served(&host).await;
        holding.nothing_is_open().await;
    }
}

/// The same by a client that lets each call begin: its connection may stay, and its calls do not.
#[tokio::test]
async fn calls_of_streams_that_are_reset_are_given_up_one_by_one() {
    const CALLS: usize = 2 * STREAMS;
    for (name, ending) in [("cancelled", cancelled as Ending), ("made to reset", made_to_reset)] {
        let holding = Holding::start().await;
        let host = Host::serving::<Gateway>(&snapshot(&holding.upstream.url()), |_| {}).unwrap();
        let mut flood = connect(&host).await;
        for (before, stream) in streams(CALLS).enumerate() {
            flood.write_all(&opened(stream)).await.unwrap();
            holding.begun(before + 1).await;
            flood.write_all(&ending(stream)).await.unwrap();
        }
        holding.nothing_is_open().await;
        others_are_served(&host).await;
        drop(flood);
        host.stop();
        let log = host.log.clone();
        host.wait().await;
        let held = log.text().lines().filter(|line| line.contains("/held")).count();
        assert_eq!(held, CALLS, "{name}: every call has its entry");
    }
}

#[tokio::test]
async fn a_connection_has_so_many_calls_and_no_more() {
    let holding = Holding::start().await;
    let host = Host::serving::<Gateway>(&snapshot(&holding.upstream.url()), |_| {}).unwrap();
    let mut flood = connect(&host).await;
    let frames: Vec<u8> = streams(3 * STREAMS).flat_map(opened).collect();
    flood.write_all(&frames).await.unwrap();
    let refused = soon("what is refused", async {
        let mut refused = 0;
        while refused < 2 * STREAMS {
            match read_frame(&mut flood).await {
                Some((RST_STREAM, _, reason)) if reason == REFUSED_STREAM => refused += 1,
                Some((RST_STREAM | GOAWAY, ..)) | None => panic!("after {refused}"),
                Some(_) => {}
            }
        }
        refused
    })
    .await;
    holding.begun(STREAMS).await;
    others_are_served(&host).await;
    assert_eq!((refused, holding.begun.load(Ordering::SeqCst)), (2 * STREAMS, STREAMS));
    drop(flood);
    holding.nothing_is_open().await;
}

/// CVE-2019-9512 and CVE-2019-9515, and their relatives: frames that cost nothing to send. Where they have to be answered, the host
/// reads no more of them while its answers are not read, so that nothing piles up.
#[tokio::test]
async fn frames_without_end_neither_pile_up_nor_hold_up_others() {
    let upstream = Upstream::start(|_| async { bytes("ok") }).await;
    for (name, flood) in [("pings", frame(PING, 0, 0, &[0; 8])), ("settings", frame(SETTINGS, 0, 0, &[]))] {
        let host = Host::serving::<Gateway>(&snapshot(&upstream.url()), |_| {}).unwrap();
        let stream = connect(&host).await;
        let bytes = flood.repeat(4000);
        let (mut taken, mut offset, mut standing) = (0, 0, 0);
        // It stands when others have been served several times and nothing more was read meanwhile.
        while standing < 5 {
            let before = taken;
            while let Ok(written) = stream.try_write(&bytes[offset..]) {
                taken += written;
                offset = (offset + written) % bytes.len();
                assert!(taken < LIMIT, "{name}: the host reads on and on");
            }
            others_are_served(&host).await;
            standing = if taken == before { standing + 1 } else { 0 };
        }
    }
}
