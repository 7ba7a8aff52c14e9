use super::{Scope, metadata};
use crate::check::{each, unsupported};
use crate::problem::Problems;
use crate::resource::{User, UserType};

impl Scope<'_> {
    pub(super) fn user(&self, user: &User, problems: &mut Problems) {
        each(problems, "groups", &user.groups, |p, group| self.reference("Group", group, p));
        if let Some(email) = &user.email {
            problems.at("email", |p| email_address(email, user.kind, p));
        }
        if user.session.is_some() {
            unsupported(problems, "session");
        }
        if user.authentication.is_some() {
            unsupported(problems, "authentication");
        }
        metadata::attrs(&user.attrs, problems);
    }
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
