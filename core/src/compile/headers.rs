use http::{HeaderName, HeaderValue};

use super::{Scope, at_most, exactly_one, expression, url};
use crate::platform::Capability;
use crate::problem::Problems;
use crate::resource::service::{HeaderRules, HostRule, SetHeader};

const MAX_HEADERS: usize = 256;

/// Headers in which credentials travel.
const CREDENTIALS: [&str; 6] = ["authorization", "proxy-authorization", "x-api-key", "api-key", "x-goog-api-key", "cookie"];

impl Scope<'_> {
    pub(super) fn header_rules(&self, rules: &HeaderRules, problems: &mut Problems) {
        for (field, headers) in [("addRequestHeaders", &rules.add_request_headers), ("addResponseHeaders", &rules.add_response_headers)] {
            at_most(problems, field, headers.len(), MAX_HEADERS, "headers");
            super::each(problems, field, headers, |p, header| set_header(header, p));
        }
        for (field, names) in
            [("removeRequestHeaders", &rules.remove_request_headers), ("removeResponseHeaders", &rules.remove_response_headers)]
        {
            super::each(problems, field, names, |p, header| name(header, p));
        }
        if let Some(host) = &rules.host {
            problems.at("host", |p| self.host_rule(host, p));
        }
    }

    fn host_rule(&self, rule: &HostRule, problems: &mut Problems) {
        exactly_one(problems, &[("preserve", rule.preserve), ("value", rule.value.is_some()), ("eval", rule.eval.is_some())]);
        self.needs(Capability::HostOverride, "a `Host` that differs from the upstream's address", problems);
        if let Some(value) = &rule.value {
            problems.at("value", |p| {
                let host = value.rsplit_once(':').map_or(value.as_str(), |(host, _)| host).to_ascii_lowercase();
                if url::parse(&format!("https://{value}")).is_err() || !url::is_host_name(&host) {
                    p.error(format!("{value:?} is not a host name"));
                }
            });
        }
        if let Some(source) = &rule.eval {
            problems.at("eval", |p| expression::check(source, p));
        }
    }
}

fn set_header(header: &SetHeader, problems: &mut Problems) {
    problems.at("key", |p| {
        name(&header.key, p);
        if header.key.eq_ignore_ascii_case("host") {
            p.error_with_help("`Host` cannot be set here", "use `header.host`");
        }
    });
    exactly_one(problems, &[("value", header.value.is_some()), ("eval", header.eval.is_some())]);
    if let Some(text) = &header.value {
        problems.at("value", |p| {
            value(text, p);
            if CREDENTIALS.iter().any(|name| header.key.eq_ignore_ascii_case(name)) {
                p.warning_with_help(
                    "this looks like a credential, and anybody who reads the file sees it",
                    "use `http.auth` with a Secret",
                );
            }
        });
    }
    if let Some(source) = &header.eval {
        problems.at("eval", |p| expression::check(source, p));
    }
}

/// A field name (RFC 9110 §5.1).
pub fn name(text: &str, problems: &mut Problems) {
    if HeaderName::from_bytes(text.as_bytes()).is_err() {
        problems.error(format!("{text:?} is not the name of a header"));
    }
}

/// A field value (RFC 9110 §5.5).
pub fn value(text: &str, problems: &mut Problems) {
    if HeaderValue::from_str(text).is_err() {
        problems.error("this has a character that a header cannot have");
    }
}
