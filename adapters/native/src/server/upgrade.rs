use std::time::Duration;

use http::header::UPGRADE;
use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use postern_core::platform::Body;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, copy, split};
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

/// After one side has ended, the other may still finish what it was saying.
const FAREWELL: Duration = Duration::from_secs(5);

/// The client's side of a possible upgrade (RFC 9110 §7.8), if the request asks for one.
pub(super) fn take(request: &mut Request<Incoming>) -> Option<OnUpgrade> {
    request.headers().contains_key(UPGRADE).then(|| request.extensions_mut().remove()).flatten()
}

/// Joins the client's connection with the upstream's, which the client of this host left in the response's extensions. A 101 that
/// lacks one of the two is a 502.
pub(super) fn connect(tasks: &TaskTracker, client: Option<OnUpgrade>, mut response: Response<Body>) -> Response<Body> {
    let upstream = response.extensions_mut().remove::<OnUpgrade>();
    let (Some(client), Some(upstream)) = (client, upstream) else {
        let mut refusal = Response::new(Body::Empty);
        *refusal.status_mut() = StatusCode::BAD_GATEWAY;
        return refusal;
    };
    tasks.spawn_local(async move {
        // Either side may be gone before it has begun; the other is then dropped, and so closed.
        if let Ok((client, upstream)) = tokio::try_join!(client, upstream) {
            pipe(client, upstream).await;
        }
    });
    response
}

/// Copies both ways until either side has ended.
async fn pipe(client: Upgraded, upstream: Upgraded) {
    let (mut from_client, mut to_client) = split(TokioIo::new(client));
    let (mut from_upstream, mut to_upstream) = split(TokioIo::new(upstream));
    let mut up = std::pin::pin!(forward(&mut from_client, &mut to_upstream));
    let mut down = std::pin::pin!(forward(&mut from_upstream, &mut to_client));
    // Whether the rest arrives is up to that side.
    let _ = tokio::select! {
        () = &mut up => timeout(FAREWELL, down).await,
        () = &mut down => timeout(FAREWELL, up).await,
    };
}

async fn forward(from: &mut (impl AsyncRead + Unpin), to: &mut (impl AsyncWrite + Unpin)) {
    // A broken connection is an end like another: there is nobody left to tell.
    let _ = copy(from, to).await;
    let _ = to.shutdown().await;
}
