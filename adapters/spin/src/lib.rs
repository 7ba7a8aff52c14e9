//! Postern as a Spin component.
//!
//! One instance serves up to 16 requests at once, so a panic would end them all, and no request may wait for another's future.

mod body;
mod counters;
mod http_client;
mod instance;
mod platform;
mod response;
mod store;

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;
use postern_core::error::{ErrorKind, GatewayError};
use postern_core::gateway::{Client, Incoming};
use postern_core::platform::LogSink;
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> impl IntoResponse {
    let is_head = request.method() == http::Method::HEAD;
    let gateway = match instance::gateway().await {
        Ok(gateway) => gateway,
        Err(why) => {
            platform::Spin.write(&serde_json::json!({ "level": "error", "message": why }).to_string());
            let error = GatewayError::new(ErrorKind::StoreUnavailable, why).saying("The gateway has no configuration.");
            return response::send(error.into_response(), is_head);
        }
    };
    let client = Client { ip: client_ip(request.headers()), version: request.version() };
    let incoming = Incoming { request: body::incoming(request), client };
    let answer = gateway.handle(&platform::platform(), incoming).await;
    response::send(answer, is_head)
}

/// Spin appends its `spin-client-addr` to what the client sent, so only the last one is true.
fn client_ip(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all("spin-client-addr").iter().next_back()?;
    last.to_str().ok()?.parse::<SocketAddr>().ok().map(|address| address.ip())
}
