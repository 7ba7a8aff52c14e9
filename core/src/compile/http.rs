use std::collections::BTreeSet;

use super::Scope;
use crate::check::{at_most, each, exactly_one, unsupported};
use crate::problem::Problems;
use crate::resource::service::{Http, Plugin};

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
        plugins(&http.plugins, problems);
    }
}

/// Each plugin is reported at its own place, under the key that says what it does.
fn plugins(plugins: &[Plugin], problems: &mut Problems) {
    at_most(problems, "plugins", plugins.len(), 256, "plugins");
    let mut names = BTreeSet::new();
    each(problems, "plugins", plugins, |p, plugin| {
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
