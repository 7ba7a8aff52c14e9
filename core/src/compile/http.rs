use super::Scope;
use crate::check::unsupported;
use crate::problem::Problems;
use crate::resource::service::{Http, Visibility};

impl Scope<'_> {
    pub(super) fn http(&self, http: &Http, problems: &mut Problems) {
        if let Some(bearer) = http.auth.as_ref().and_then(|auth| auth.bearer.as_ref()) {
            problems.at("auth", |p| p.at("bearer", |p| p.at("fromSecret", |p| self.known_secret(&bearer.from_secret, p))));
        }
        problems.at("header", |p| self.header_rules(&http.header, p));
        if http.body.validation.is_some() {
            problems.at("body", |p| unsupported(p, "validation"));
        }
        problems.at("visibility", |p| visibility(&http.visibility, p));
    }
}

fn visibility(visibility: &Visibility, problems: &mut Problems) {
    if visibility.enable_response_body {
        unsupported(problems, "enableResponseBody");
    }
    if visibility.enable_response_body_map {
        unsupported(problems, "enableResponseBodyMap");
    }
}
