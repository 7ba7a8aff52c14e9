use http::{Response, StatusCode};
use serde_json::json;

use super::client::Client;
use super::{Call, Form, Refusal, json as json_response};
use crate::auth::Scopes;
use crate::auth::jwt::{self, Claims};
use crate::hex;
use crate::platform::{Body, SecureRandom};
use crate::resource::UserType;

/// Issues an access token (RFC 6749 §4.4.3). Nothing is written, so tokens before it stay good, and any number may live at once.
pub(super) async fn answer(call: &Call<'_>, body: Body) -> Result<Response<Body>, Refusal> {
    let form = call.form(body).await?;
    // Before the client, as another grant has other parameters.
    match form.get("grant_type") {
        Some("client_credentials") => {}
        Some(_) => return Err(Refusal::Grant),
        None => return Err(Refusal::Request("grant_type is missing")),
    }
    let client = Client::authenticate(call, &form).await?;
    if client.principal.user.spec.kind != UserType::Workload {
        return Err(Refusal::User);
    }
    let (authenticator, platform) = (call.authenticator, call.platform);
    let scopes = scopes(&client, &form)?;
    let now = platform.clock.now();
    // Not beyond the credential itself.
    let expires = client.credential_expires_at.into_iter().chain([now.plus(authenticator.lifetime())]).min().unwrap_or(now);
    let scope = (!scopes.is_unlimited()).then(|| scopes.to_string());
    let claims = Claims {
        iss: authenticator.issuer().to_owned(),
        aud: authenticator.issuer().to_owned(),
        sub: client.principal.user_uid.clone(),
        client_id: client.material.client_id.clone().unwrap_or_default(),
        iat: now.seconds(),
        nbf: None,
        exp: expires.seconds(),
        jti: token_id(&*platform.random),
        scope: scope.clone(),
        cred: client.material.name.clone(),
        generation: client.material.generation,
    };
    let token = jwt::sign(&client.ring, now, &claims);
    let mut document = json!({"access_token": token, "token_type": "Bearer", "expires_in": claims.exp - claims.iat});
    if let (Some(scope), Some(document)) = (scope, document.as_object_mut()) {
        document.insert("scope".into(), json!(scope));
    }
    Ok(json_response(StatusCode::OK, &document))
}

fn scopes(client: &Client, form: &Form) -> Result<Scopes, Refusal> {
    let read = |text: Option<&str>| text.map(Scopes::parse).transpose().map_err(|_| Refusal::Scope);
    let granted = read(client.material.scope.as_deref())?.unwrap_or_default();
    let requested = read(form.get("scope"))?.unwrap_or_default();
    granted.narrow(requested).map_err(|_| Refusal::Scope)
}

fn token_id(random: &dyn SecureRandom) -> String {
    let mut bytes = [0; 16];
    random.fill(&mut bytes);
    hex::encode(&bytes)
}
