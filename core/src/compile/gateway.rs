use std::time::Duration;

use super::Scope;
use crate::callout::Origins;
use crate::check::{each, max_request_size, unsupported, url};
use crate::problem::Problems;
use crate::resource::{Gateway, OtlpExporter};
use crate::telemetry::{self, is_credential};
use crate::web::Pages;

const TOKEN_DURATION: std::ops::RangeInclusive<Duration> = Duration::from_secs(60)..=Duration::from_secs(86_400);

impl Scope<'_> {
    pub(super) fn gateway(&self, gateway: &Gateway, problems: &mut Problems) {
        if let Some(domain) = &gateway.domain
            && !url::is_host_name(domain)
        {
            problems.at("domain", |p| {
                p.error_with_help(format!("{domain:?} is not a domain"), "write a name in lower case, as in `example.com`")
            });
        }
        if let Some(address) = &gateway.url {
            problems.at("url", |p| public_url(address, p));
        }
        if gateway.tokens.access_token_duration.is_some_and(|duration| !TOKEN_DURATION.contains(&duration.to_std())) {
            problems.at("tokens", |p| p.at("accessTokenDuration", |p| p.error("this is 1 minute to 24 hours")));
        }
        problems.at("limits", |p| {
            max_request_size(p, gateway.limits.max_request_size);
            if gateway.limits.token_requests_per_minute == Some(0) {
                p.at("tokenRequestsPerMinute", |p| p.error("this is at least 1"));
            }
        });
        problems.at("callouts", |p| Origins::compile("allow", &gateway.callouts.allow, p));
        problems.at("web", |p| Pages::compile(&gateway.web, p));
        if let Some(otlp) = gateway.telemetry.as_ref().and_then(|telemetry| telemetry.otlp.as_ref()) {
            problems.at("telemetry", |p| p.at("otlp", |p| self.otlp(otlp, p)));
        }
        if gateway.session.is_some() {
            unsupported(problems, "session");
        }
    }
}

impl Scope<'_> {
    fn otlp(&self, otlp: &OtlpExporter, problems: &mut Problems) {
        // As an instance will.
        telemetry::check(otlp, problems);
        each(problems, "headers", &otlp.headers, |p, header| {
            if let Some(secret) = &header.from_secret {
                p.at("fromSecret", |p| self.known_secret(secret, p));
            } else if is_credential(&header.key.to_ascii_lowercase()) {
                let help = "keep the value as a Secret, and name it in `fromSecret`";
                p.at("value", |p| p.warning_with_help("anybody who reads the file sees this credential", help));
            }
        });
    }
}

/// An issuer has neither query nor fragment (RFC 8414 §2).
fn public_url(address: &str, problems: &mut Problems) {
    match url::parse(address) {
        Err(fault) => problems.error(fault),
        Ok(uri) if !matches!(uri.scheme_str(), Some("http" | "https")) => problems.error("the scheme is `https` or `http`"),
        Ok(uri) if !url::is_origin(&uri) => problems.error("the gateway's address has neither path nor query"),
        Ok(_) => {}
    }
}
