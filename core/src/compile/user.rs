use super::snapshot::Derived;
use super::{Scope, metadata};
use crate::check::{at_most, each, unsupported};
use crate::problem::Problems;
use crate::resource::{Identity, Resource, State, User, UserAuthentication, UserType};

const MAX_IDENTITIES: usize = 64;

impl Scope<'_> {
    pub(super) fn user(&self, resource: &Resource<User>, problems: &mut Problems, derived: &mut Derived) {
        let user = &resource.spec;
        each(problems, "groups", &user.groups, |p, group| self.reference("Group", group, p));
        if let Some(email) = &user.email {
            problems.at("email", |p| email_address(email, user.kind, p));
        }
        if user.session.is_some() {
            unsupported(problems, "session");
        }
        if let Some(authentication) = &user.authentication {
            problems.at("authentication", |p| identities(&resource.metadata.name, authentication, p, derived));
        }
        metadata::attrs(&user.attrs, problems);
    }
}

/// Nobody must be two users.
fn identities(user: &str, authentication: &UserAuthentication, problems: &mut Problems, derived: &mut Derived) {
    if authentication.authenticator_default_state != State::default() {
        unsupported(problems, "authenticatorDefaultState");
    }
    at_most(problems, "identities", authentication.identities.len(), MAX_IDENTITIES, "identities");
    each(problems, "identities", &authentication.identities, |problems, Identity { identity_provider, identifier }| {
        for (field, text) in [("identityProvider", identity_provider), ("identifier", identifier)] {
            if text.is_empty() {
                problems.at(field, |p| p.error("this is empty"));
            }
        }
        let of_provider = derived.identities.entry(identity_provider.clone()).or_default();
        match of_provider.insert(identifier.clone(), user.to_owned()) {
            Some(other) if other != user => problems.error(format!("the User `{other}` has this identity too")),
            _ => {}
        }
    });
}

fn email_address(email: &str, kind: UserType, problems: &mut Problems) {
    let well_formed = email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !host.contains('@'));
    if kind != UserType::Human {
        problems.error("only a `HUMAN` user has an e-mail address");
    } else if !well_formed || email.contains(char::is_whitespace) {
        problems.error(format!("{email:?} is not an e-mail address"));
    } else if email.chars().any(char::is_uppercase) {
        problems.error_with_help("an e-mail address is written in lower case here", format!("write `{}`", email.to_lowercase()));
    }
}
