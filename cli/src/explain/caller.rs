use anyhow::{Context, Result, anyhow, bail};
use http_body_util::BodyExt;
use postern_core::auth::{NewCredential, Plaintext, StoreWrite, issue};
use postern_core::gateway::{Client, Gateway, Incoming};
use postern_core::platform::{Body, Clock};
use postern_core::resource::service::Authentication;
use postern_core::resource::{CredentialType, Resource, Service};
use postern_core::secret::SecretValue;
use postern_core::snapshot::Snapshot;
use serde_json::Value;
use serde_json::value::to_raw_value;

use super::foreign::Foreign;
use super::world::World;

/// Who sends the request.
pub enum Caller {
    Known(Known),
    Foreign(Foreign),
}

/// Somebody with a credential of the gateway's own.
pub struct Known {
    /// The name of the credential.
    pub credential: String,
    pub kind: CredentialType,
    /// `None` where a Credential resource says whose it is.
    pub user: Option<String>,
    /// Of the token.
    pub scope: Option<String>,
}

impl Caller {
    /// The configuration with Services that take this caller, whatever they want from others. Everything after that is as it would be.
    ///
    /// # Errors
    /// When a Service of the Snapshot cannot be read.
    pub(super) fn admitted_by(&self, snapshot: Snapshot) -> Result<Snapshot> {
        changed(snapshot, |authentication| match self {
            Self::Known(_) => admit_known(authentication),
            Self::Foreign(foreign) => foreign.admit(authentication),
        })
    }

    /// An access token as this caller would have one.
    pub(super) async fn token(&self, world: &World, gateway: &Gateway, client: Client) -> Result<String> {
        match self {
            Self::Known(known) => known.token(world, gateway, client).await,
            Self::Foreign(foreign) => Ok(foreign.token(world.memory.clock.now())),
        }
    }
}

impl Known {
    async fn token(&self, world: &World, gateway: &Gateway, client: Client) -> Result<String> {
        let scope = if self.kind != CredentialType::Oauth2 { self.scope.as_deref() } else { None };
        let new = NewCredential { name: &self.credential, kind: self.kind, user: self.user.as_deref(), scope, expires_at: None };
        let issued = issue(&world.ring, &world.random, world.memory.clock.now(), &new)
            .map_err(|error| anyhow!("nobody can call as {:?}: {error}", self.credential))?;
        for write in issued.writes {
            if let StoreWrite::Put { key, value } = write {
                world.memory.store.insert(&key, value);
            }
        }
        match issued.plaintext {
            Plaintext::AccessToken(token) | Plaintext::ApiKey(token) => Ok(text(&token)),
            Plaintext::Oauth2 { client_id, client_secret } => {
                let scope = self.scope.as_ref().map(|scope| format!("&scope={}", scope.replace(' ', "%20"))).unwrap_or_default();
                let form = format!("grant_type=client_credentials&client_id={client_id}&client_secret={}{scope}", text(&client_secret));
                ask(world, gateway, client, form).await
            }
        }
    }
}

/// `Authorization: Bearer` with a token, or with a key where the Service takes keys.
fn admit_known(authentication: &mut Authentication) {
    authentication.token.get_or_insert_default();
    if let Some(keys) = &mut authentication.api_key {
        keys.headers.push("authorization".to_owned());
    }
}

/// Changes how callers prove who they are, in every Service that says so.
fn changed(mut snapshot: Snapshot, change: impl Fn(&mut Authentication)) -> Result<Snapshot> {
    for document in snapshot.services.values_mut().filter(|document| document.get().contains("\"authentication\"")) {
        let mut service: Resource<Service> = serde_json::from_str(document.get())?;
        let Some(authentication) = &mut service.spec.authentication else { continue };
        change(authentication);
        *document = to_raw_value(&service)?;
    }
    Ok(snapshot)
}

/// From the gateway's own token endpoint, as clients do.
async fn ask(world: &World, gateway: &Gateway, client: Client, form: String) -> Result<String> {
    let request = http::Request::post(format!("http://{}/oauth2/token", world.domain))
        .header(http::header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(form))?;
    let response = gateway.handle(&world.platform(), Incoming { request, client }).await;
    let body = response.into_body().collect().await.map(http_body_util::Collected::to_bytes).map_err(|error| anyhow!(error.to_string()))?;
    let answer: Value = serde_json::from_slice(&body).context("the token endpoint did not answer in JSON")?;
    match answer.get("access_token").and_then(Value::as_str) {
        Some(token) => Ok(token.to_owned()),
        None => bail!("the token endpoint refuses this caller: {answer}"),
    }
}

fn text(secret: &SecretValue) -> String {
    String::from_utf8_lossy(secret.expose()).into_owned()
}
