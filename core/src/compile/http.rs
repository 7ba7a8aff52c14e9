use super::Scope;
use crate::check::unsupported;
use crate::problem::Problems;
use crate::resource::service::{Http, UpstreamAuth, Visibility};

impl Scope<'_> {
    pub(super) fn http(&self, http: &Http, problems: &mut Problems) {
        for (place, secret) in http.auth.iter().flat_map(UpstreamAuth::secrets) {
            problems.at("auth", |p| p.at_fields(place, |p| p.at("fromSecret", |p| self.known_secret(&secret.from_secret, p))));
        }
        problems.at("header", |p| self.header_rules(&http.header, p));
        if http.body.validation.is_some() {
            problems.at("body", |p| unsupported(p, "validation"));
        }
        problems.at("visibility", |p| visibility(&http.visibility, p));
        if http.retry.is_some() {
            unsupported(problems, "retry");
        }
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
