//! The least that a proxy does on Spin: the request goes to the origin that the variable `upstream` names, and its answer back.
//! Postern on Spin is measured against it.

use spin_sdk::http::{IntoResponse, Request, Uri, send};
use spin_sdk::{http_service, variables};

/// What `wasi:http` refuses in a request, or the connection owns (RFC 9110 §7.6.1).
const HOP_BY_HOP: [&str; 9] = [
    "connection",
    "host",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "transfer-encoding",
    "upgrade",
];

#[http_service]
async fn handle(request: Request) -> anyhow::Result<impl IntoResponse> {
    let upstream = variables::get("upstream").await?;
    let (mut parts, body) = request.into_parts();
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    parts.uri = format!("{upstream}{path}").parse::<Uri>()?;
    for name in HOP_BY_HOP {
        parts.headers.remove(name);
    }
    let (mut parts, body) = send(Request::from_parts(parts, body)).await?.into_parts();
    for name in HOP_BY_HOP {
        parts.headers.remove(name);
    }
    Ok(http::Response::from_parts(parts, body))
}
