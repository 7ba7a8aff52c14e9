use http::{Response, StatusCode};
use serde_json::{Map, Value, json};

use super::client::Client;
use super::{Call, Refusal, json as json_response};
use crate::auth::AuthFailure;
use crate::auth::authenticator::Accepted;
use crate::platform::Body;

/// Says what a token is good for (RFC 7662 §2.2). Of one that is not good, whatever the reason, it says only that.
pub(super) async fn answer(call: &Call<'_>, body: Body) -> Result<Response<Body>, Refusal> {
    let form = call.form(body).await?;
    Client::authenticate(call, &form).await?;
    let token = form.get("token").ok_or(Refusal::Request("token is missing"))?;
    let document = match call.authenticator.accept(call.platform, token).await {
        Ok(accepted) => describe(&accepted, call.authenticator.issuer()),
        // Unknown is not inactive: who asks would let a revoked token pass later, or lock out a good one now.
        Err(AuthFailure::Unavailable(outage)) => return Err(Refusal::Unavailable(outage)),
        Err(_) => json!({"active": false}),
    };
    Ok(json_response(StatusCode::OK, &document))
}

fn describe(accepted: &Accepted, issuer: &str) -> Value {
    let principal = &accepted.principal;
    let members = [
        ("active", Some(json!(true))),
        ("token_type", Some(json!("Bearer"))),
        ("client_id", accepted.material.as_ref().and_then(|material| material.client_id.as_ref()).map(|id| json!(id))),
        ("username", Some(json!(principal.user.metadata.name))),
        ("sub", Some(json!(principal.user_uid))),
        ("iss", Some(json!(issuer))),
        ("aud", Some(json!(issuer))),
        ("jti", Some(json!(accepted.token_id))),
        ("iat", accepted.issued_at.map(|at| json!(at))),
        ("exp", accepted.expires_at.map(|at| json!(at))),
        ("scope", (!accepted.scopes.is_unlimited()).then(|| json!(accepted.scopes.to_string()))),
    ];
    let present = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(present.collect::<Map<_, _>>())
}
