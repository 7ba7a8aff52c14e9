use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::Scope;
use crate::check::unsupported;
use crate::problem::Problems;
use crate::resource::{Credential, CredentialType, SessionType, UserType};

impl Scope<'_> {
    pub(super) fn credential(&self, credential: &Credential, problems: &mut Problems) {
        problems.at("user", |p| self.reference("User", &credential.user, p));
        problems.at("type", |p| match credential.kind {
            CredentialType::Oauth2 | CredentialType::AccessToken => {
                if self.names.user(&credential.user).is_some_and(|user| user.kind != UserType::Workload) {
                    p.error(format!("a credential of this type needs a `WORKLOAD` user, and `{}` is none", credential.user));
                }
            }
            CredentialType::ApiKey | CredentialType::AuthToken => {
                p.error(format!("credentials of type `{}` are not supported yet", credential.kind.as_str()));
            }
        });
        if let Some(time) = &credential.expires_at
            && OffsetDateTime::parse(time, &Rfc3339).is_err()
        {
            problems.at("expiresAt", |p| p.error_with_help("this is not a time (RFC 3339)", "write it as `2027-01-31T00:00:00Z`"));
        }
        if credential.session_type == SessionType::Client {
            problems.at("sessionType", |p| p.error("there are no tunnels at the edge: only `CLIENTLESS` is supported"));
        }
        if credential.max_authentications.is_some() {
            unsupported(problems, "maxAuthentications");
        }
        if credential.auto_delete {
            unsupported(problems, "autoDelete");
        }
    }
}
