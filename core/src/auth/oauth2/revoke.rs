use http::{Response, StatusCode};
use serde_json::json;

use super::client::Client;
use super::{Call, Refusal, json as json_response};
use crate::auth::jwt;
use crate::platform::Body;

/// Ends a token of the client's own (RFC 7009 §2.1). The answer is 200 for any token: one that is unknown, expired or another
/// client's needs no revocation by this one, and the client learns nothing of it (§2.2).
pub(super) async fn answer(call: &Call<'_>, body: Body) -> Result<Response<Body>, Refusal> {
    let form = call.form(body).await?;
    let client = Client::authenticate(call, &form).await?;
    let token = form.get("token").ok_or(Refusal::Request("token is missing"))?;
    let (authenticator, platform) = (call.authenticator, call.platform);
    if let Ok(claims) = jwt::verify(&client.ring, platform.clock.now(), authenticator.issuer(), token)
        && Some(&claims.client_id) == client.material.client_id.as_ref()
    {
        authenticator.state.revoke(platform, &claims.jti, claims.exp).await?;
    }
    Ok(json_response(StatusCode::OK, &json!({})))
}
