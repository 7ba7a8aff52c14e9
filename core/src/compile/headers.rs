use super::Scope;
use crate::check::each;
use crate::platform::Capability;
use crate::problem::Problems;
use crate::resource::service::{HeaderRules, SetHeader};

/// Headers in which credentials travel.
const CREDENTIALS: [&str; 6] = ["authorization", "proxy-authorization", "x-api-key", "api-key", "x-goog-api-key", "cookie"];

impl Scope<'_> {
    pub(super) fn header_rules(&self, rules: &HeaderRules, problems: &mut Problems) {
        each(problems, "addRequestHeaders", &rules.add_request_headers, |p, header| warn_of_credential(header, p));
        each(problems, "addResponseHeaders", &rules.add_response_headers, |p, header| warn_of_credential(header, p));
        if rules.host.is_some() {
            problems.at("host", |p| self.needs(Capability::HostOverride, "a `Host` that differs from the upstream's address", p));
        }
    }
}

/// Whether a header is one that credentials travel in, and its value stands there.
pub(super) fn is_credential(header: &SetHeader) -> bool {
    header.value.is_some() && CREDENTIALS.iter().any(|name| header.key.eq_ignore_ascii_case(name))
}

fn warn_of_credential(header: &SetHeader, problems: &mut Problems) {
    if is_credential(header) {
        problems.at("value", |p| {
            p.warning_with_help("this looks like a credential, and anybody who reads the file sees it", "use `http.auth` with a Secret");
        });
    }
}
