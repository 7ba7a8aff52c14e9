use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{Scope, at_most, exactly_one, headers, unsupported};
use crate::problem::Problems;
use crate::resource::service::{BodySettings, DirectResponse, Http, PathRules, Plugin, UpstreamAuth, Visibility};

const MAX_BODY: u64 = 64 << 20;

impl Scope<'_> {
    pub(super) fn http(&self, http: &Http, problems: &mut Problems) {
        if let Some(auth) = &http.auth {
            problems.at("auth", |p| self.upstream_auth(auth, p));
        }
        problems.at("header", |p| self.header_rules(&http.header, p));
        problems.at("path", |p| path(&http.path, p));
        problems.at("body", |p| body(&http.body, p));
        if let Some(direct) = http.response.as_ref().and_then(|response| response.direct.as_ref()) {
            problems.at("response", |p| p.at("direct", |p| direct_response(direct, p)));
        }
        problems.at("visibility", |p| visibility(&http.visibility, p));
        if http.cors.is_some() {
            unsupported(problems, "cors");
        }
        if http.retry.is_some() {
            unsupported(problems, "retry");
        }
        plugins(&http.plugins, problems);
    }

    fn upstream_auth(&self, auth: &UpstreamAuth, problems: &mut Problems) {
        let arms = [
            ("bearer", auth.bearer.is_some()),
            ("basic", auth.basic.is_some()),
            ("custom", auth.custom.is_some()),
            ("oauth2ClientCredentials", auth.oauth2_client_credentials.is_some()),
            ("sigv4", auth.sigv4.is_some()),
        ];
        exactly_one(problems, &arms);
        if let Some(bearer) = &auth.bearer {
            problems.at("bearer", |p| p.at("fromSecret", |p| self.secret_reference(&bearer.from_secret, p)));
        }
        for (arm, _) in arms.iter().filter(|(arm, set)| *set && *arm != "bearer") {
            unsupported(problems, arm);
        }
    }
}

fn path(path: &PathRules, problems: &mut Problems) {
    for (field, prefix) in [("addPrefix", &path.add_prefix), ("removePrefix", &path.remove_prefix)] {
        let Some(prefix) = prefix else { continue };
        at_most(problems, field, prefix.chars().count(), 512, "characters");
        problems.at(field, |p| {
            if !prefix.is_empty() && !prefix.starts_with('/') {
                p.error_with_help(format!("`{prefix}` is not the start of a path"), format!("write `/{prefix}`"));
            } else if prefix.contains(['?', '#', '\\']) || prefix.chars().any(|c| c.is_control() || c == ' ') {
                p.error(format!("{prefix:?} has a character that a path cannot have"));
            } else if prefix.split('/').any(|segment| segment == "." || segment == "..") {
                p.error(format!("`{prefix}` has a `.` or `..` in it"));
            }
        });
    }
}

fn body(body: &BodySettings, problems: &mut Problems) {
    if body.max_request_size.is_some_and(|size| size == 0 || size > MAX_BODY) {
        problems.at("maxRequestSize", |p| p.error(format!("this is 1 to {MAX_BODY} bytes")));
    }
    if body.validation.is_some() {
        unsupported(problems, "validation");
    }
}

fn direct_response(direct: &DirectResponse, problems: &mut Problems) {
    exactly_one(problems, &[("inline", direct.inline.is_some()), ("inlineBytes", direct.inline_bytes.is_some())]);
    if direct.status_code.is_some_and(|status| !(200..=599).contains(&status)) {
        problems.at("statusCode", |p| p.error("a status is 200 to 599"));
    }
    if let Some(content_type) = &direct.content_type {
        at_most(problems, "contentType", content_type.len(), 128, "bytes");
        problems.at("contentType", |p| headers::value(content_type, p));
    }
    at_most(problems, "inline", direct.inline.as_ref().map_or(0, String::len), 50_000, "bytes");
    if let Some(text) = &direct.inline_bytes {
        match STANDARD.decode(text) {
            Ok(bytes) => at_most(problems, "inlineBytes", bytes.len(), 35_000, "bytes"),
            Err(_) => problems.at("inlineBytes", |p| p.error("this is not base64 (RFC 4648 §4, with padding)")),
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
    for (field, names) in [
        ("includeRequestHeaders", &visibility.include_request_headers),
        ("includeResponseHeaders", &visibility.include_response_headers),
        ("excludeRequestHeaders", &visibility.exclude_request_headers),
        ("excludeResponseHeaders", &visibility.exclude_response_headers),
    ] {
        super::each(problems, field, names, |p, name| headers::name(name, p));
    }
}

/// Each plugin is reported at its own place, under the key that says what it does.
fn plugins(plugins: &[Plugin], problems: &mut Problems) {
    at_most(problems, "plugins", plugins.len(), 256, "plugins");
    let mut names = BTreeSet::new();
    super::each(problems, "plugins", plugins, |p, plugin| {
        if !names.insert(plugin.name.as_str()) {
            p.at("name", |p| p.error(format!("there is a plugin `{}` already", plugin.name)));
        }
        let kinds = [
            ("lua", plugin.lua.is_some()),
            ("direct", plugin.direct.is_some()),
            ("path", plugin.path.is_some()),
            ("rateLimit", plugin.rate_limit.is_some()),
            ("cache", plugin.cache.is_some()),
            ("jsonSchema", plugin.json_schema.is_some()),
            ("extProc", plugin.ext_proc.is_some()),
        ];
        exactly_one(p, &kinds);
        for (kind, _) in kinds.iter().filter(|(_, set)| *set) {
            p.at(kind, |p| p.error(format!("the plugin `{kind}` is not supported yet")));
        }
    });
}
