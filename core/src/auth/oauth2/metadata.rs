use http::{Method, Response, StatusCode};
use serde_json::json;

use super::{Refusal, json as json_response};
use crate::auth::Authenticator;
use crate::platform::Body;

/// RFC 8414 §3.
pub(super) const PATH: &str = "/.well-known/oauth-authorization-server";

/// What clients need to know (RFC 8414 §2). The issuer is the URL under which they asked, as they compare it.
pub(super) fn answer(authenticator: &Authenticator, method: &Method, base: &str) -> Result<Response<Body>, Refusal> {
    if method != Method::GET && method != Method::HEAD {
        return Err(Refusal::Method("GET, HEAD"));
    }
    let issuer = authenticator.snapshot.gateway.spec.url.as_deref().unwrap_or(base);
    let at = |path: &str| format!("{}{path}", issuer.trim_end_matches('/'));
    let methods = ["client_secret_basic", "client_secret_post"];
    let document = json!({
        "issuer": issuer,
        "token_endpoint": at("/oauth2/token"),
        "introspection_endpoint": at("/oauth2/introspect"),
        "revocation_endpoint": at("/oauth2/revoke"),
        "grant_types_supported": ["client_credentials"],
        // Required, and not empty (§3.2), although there is no authorization endpoint: the registered name of no response.
        "response_types_supported": ["none"],
        "token_endpoint_auth_methods_supported": methods,
        "introspection_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_methods_supported": methods,
    });
    let mut response = json_response(StatusCode::OK, &document);
    if method == Method::HEAD {
        *response.body_mut() = Body::Empty;
    }
    Ok(response)
}
