use std::rc::Rc;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use zeroize::Zeroizing;

use super::form::decode;
use super::{Call, Form, Refusal, throttle};
use crate::auth::principal::Principal;
use crate::auth::{Authenticator, Material, TokenFault, digest};
use crate::platform::{Platform, Timestamp};
use crate::resource::CredentialType;
use crate::secret::{KeyRing, Purpose};

/// A client that has proven who it is.
pub(super) struct Client {
    pub(super) ring: Rc<KeyRing>,
    pub(super) material: Arc<Material>,
    pub(super) principal: Arc<Principal>,
    pub(super) credential_expires_at: Option<Timestamp>,
}

/// What a client presents.
struct Presented {
    id: Zeroizing<String>,
    secret: Zeroizing<String>,
}

impl Client {
    /// Authenticates by `client_secret_basic` or `client_secret_post` (RFC 6749 §2.3.1).
    pub(super) async fn authenticate(call: &Call<'_>, form: &Form) -> Result<Self, Refusal> {
        let (authenticator, platform) = (call.authenticator, call.platform);
        let presented = Presented::read(&call.parts.headers, form)?;
        let ring = authenticator.keys.ring(platform).await?;
        let now = platform.clock.now();
        let material = find(authenticator, platform, &ring, &presented.id).await?;
        if material.is_some() {
            throttle::by_client(call, &presented.id).await?;
        }
        if !proves(&ring, material.as_deref(), &presented, now) {
            return Err(Refusal::Client);
        }
        let material = material.ok_or(Refusal::Client)?;
        let (principal, credential_expires_at) = authenticator.principal(&material, now).map_err(|fault| match fault {
            TokenFault::UserDisabled => Refusal::User,
            _ => Refusal::Client,
        })?;
        Ok(Self { ring, material, principal, credential_expires_at })
    }
}

impl Presented {
    /// Exactly one way of the two.
    fn read(headers: &HeaderMap, form: &Form) -> Result<Self, Refusal> {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let presented = match (values.next(), values.next()) {
            (Some(_), Some(_)) => return Err(Refusal::Request("there is more than one Authorization header")),
            (Some(value), None) => {
                if form.get("client_secret").is_some() {
                    return Err(Refusal::Request("the client authenticates in the header and in the body: use one"));
                }
                let basic = value.to_str().ok().and_then(Self::from_basic).ok_or(Refusal::Client)?;
                if form.get("client_id").is_some_and(|id| id != basic.id.as_str()) {
                    return Err(Refusal::Request("client_id is not the client of the Authorization header"));
                }
                basic
            }
            (None, _) => {
                let (Some(id), Some(secret)) = (form.get("client_id"), form.get("client_secret")) else { return Err(Refusal::Client) };
                Self { id: Zeroizing::new(id.to_owned()), secret: Zeroizing::new(secret.to_owned()) }
            }
        };
        // No other way is offered, and a request that uses it as well uses two.
        if form.get("client_assertion").is_some() {
            return Err(Refusal::Request("client assertions are not supported"));
        }
        Ok(presented)
    }

    /// Clients disagree on whether id and secret are form-encoded before base64, as the RFC wants. Those that are issued here
    /// have only characters that read the same both ways.
    fn from_basic(value: &str) -> Option<Self> {
        let (scheme, rest) = value.trim().split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let decoded = Zeroizing::new(STANDARD.decode(rest.trim()).ok()?);
        let colon = decoded.iter().position(|byte| *byte == b':')?;
        let (id, secret) = decoded.split_at_checked(colon)?;
        Some(Self { id: decode(id)?, secret: decode(secret.get(1..)?)? })
    }
}

async fn find(
    authenticator: &Authenticator,
    platform: &Platform,
    ring: &KeyRing,
    client_id: &str,
) -> Result<Option<Arc<Material>>, Refusal> {
    let Some(name) = authenticator.state.name_of_client(platform, client_id).await? else { return Ok(None) };
    let found = authenticator.state.material(platform, ring, &name).await??;
    // The index may be older than the record.
    Ok(found.filter(|material| material.kind == CredentialType::Oauth2 && material.client_id.as_deref() == Some(client_id)))
}

/// Whether the secret is one of the client's live ones. The digests are computed whether or not there is such a client, and all
/// are compared, so that the work says nothing of what exists.
fn proves(ring: &KeyRing, material: Option<&Material>, presented: &Presented, now: Timestamp) -> bool {
    let mut proven = false;
    for key in ring.all(Purpose::Digest) {
        let digest = digest::client_secret(&key, &presented.id, &presented.secret);
        for live in material.into_iter().flat_map(|material| material.live(now)) {
            proven |= live.key_id == key.id().as_str() && digest::equal(live.digest.as_bytes(), digest.as_bytes());
        }
    }
    proven
}
