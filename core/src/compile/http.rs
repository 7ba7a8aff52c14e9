use super::Scope;
use crate::check::unsupported;
use crate::problem::Problems;
use crate::resource::service::Http;

impl Scope<'_> {
    pub(super) fn http(&self, http: &Http, problems: &mut Problems) {
        if let Some(bearer) = http.auth.as_ref().and_then(|auth| auth.bearer.as_ref()) {
            problems.at("auth", |p| p.at("bearer", |p| p.at("fromSecret", |p| self.known_secret(&bearer.from_secret, p))));
        }
        problems.at("header", |p| self.header_rules(&http.header, p));
        if http.body.validation.is_some() {
            problems.at("body", |p| unsupported(p, "validation"));
        }
        if http.cors.is_some() {
            unsupported(problems, "cors");
        }
        if http.retry.is_some() {
            unsupported(problems, "retry");
        }
    }
}
