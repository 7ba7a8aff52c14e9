//! The gateway's own endpoints.

use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http::{Request, Response};

use crate::auth::oauth2::{self, Origin};
use crate::error::{ErrorKind, GatewayError};
use crate::platform::{Body, Platform};
use crate::receive::Received;
use crate::route::HEALTH;
use crate::telemetry::PendingEntry;

use super::installed::Installed;

/// # Errors
/// 404 for a path without an endpoint.
pub async fn answer(
    installed: &Installed,
    platform: &Platform,
    received: Received,
    entry: &mut PendingEntry,
) -> Result<Response<Body>, GatewayError> {
    let path = received.path.as_str();
    let response = if let Some(endpoint) = installed.authenticator.endpoint(path) {
        let base = base(installed.settings.base_url.as_deref(), &received.scheme, &received.authority);
        let origin = Origin { address: received.client.ip, base: &base };
        let request = request(&received)?.map(|()| received.body);
        let (response, failure) = oauth2::serve(&installed.authenticator, platform, endpoint, request, origin).await;
        failure.iter().for_each(|failure| entry.failed(failure));
        response
    } else if path == HEALTH {
        healthy()
    } else {
        return Err(GatewayError::new(ErrorKind::NotFound, "the gateway has no endpoint at this path"));
    };
    entry.decided(response.status().is_success(), None);
    entry.responded(response.status(), response.headers(), None);
    Ok(response)
}

/// Where the gateway is, as the caller sees it. What the host was told counts when it is the authority that was asked, so that a
/// proxy which ends TLS before the gateway does not turn `https` into `http`; else the request itself says it.
fn base(told: Option<&str>, scheme: &str, authority: &str) -> String {
    let told = told.map(|url| url.trim_end_matches('/')).filter(|url| url.split_once("://").is_some_and(|(_, rest)| rest == authority));
    told.map_or_else(|| format!("{scheme}://{authority}"), str::to_owned)
}

fn request(received: &Received) -> Result<Request<()>, GatewayError> {
    let target = match &received.query {
        Some(query) => format!("{}?{query}", received.path.as_str()),
        None => received.path.as_str().to_owned(),
    };
    let mut request = Request::new(());
    *request.method_mut() = received.method.clone();
    *request.uri_mut() = target.parse().map_err(|_| GatewayError::new(ErrorKind::BadRequest, "the path and query are no URI"))?;
    *request.headers_mut() = received.headers.clone();
    Ok(request)
}

fn healthy() -> Response<Body> {
    let mut response = Response::new(Body::from("{\"status\":\"ok\"}".to_owned()));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::base;
    use crate::testing::test;

    #[test]
    fn the_host_may_know_better_how_it_is_reached() {
        let table = [
            (None, "http://gw.example"),
            (Some("https://gw.example"), "https://gw.example"),
            (Some("https://gw.example/"), "https://gw.example"),
            (Some("https://other.example"), "http://gw.example"),
            (Some("https://gw.example:8443"), "http://gw.example"),
        ];
        for (told, expected) in table {
            assert_eq!(base(told, "http", "gw.example"), expected, "{told:?}");
        }
    }
}
