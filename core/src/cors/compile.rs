use http::HeaderValue;

use super::origin::written;
use super::{Cors, is_list};
use crate::check::{at_most, each};
use crate::problem::Problems;
use crate::resource::service as resource;

const MAX_ORIGINS: usize = 64;

impl Cors {
    /// Compiles; every problem is reported at its place.
    pub fn compile(source: &resource::Cors, problems: &mut Problems) -> Self {
        at_most(problems, "allowOriginStringMatch", source.allow_origin_string_match.len(), MAX_ORIGINS, "origins");
        let origins = each(problems, "allowOriginStringMatch", &source.allow_origin_string_match, |problems, text| {
            if text == "*" {
                return refuse_any(source.allow_credentials, problems);
            }
            if text == "null" && source.allow_credentials {
                problems.warning("every page in a sandbox has the origin `null`, whoever wrote it, and these may send credentials");
            }
            written(text).map_err(|(fault, help)| problems.error_with_help(fault, help)).ok()
        });
        if source.allow_origin_string_match.is_empty() && !source.allow_cluster_services {
            problems.warning_with_help("no origin is allowed", "list some in `allowOriginStringMatch`");
        }
        let credentials = source.allow_credentials;
        Self {
            any_origin: source.allow_origin_string_match.iter().any(|text| text == "*"),
            origins: origins.into_iter().flatten().collect(),
            cluster_services: source.allow_cluster_services,
            methods: names("allowMethods", source.allow_methods.as_deref(), credentials, problems),
            headers: header_names(source.allow_headers.as_deref(), credentials, problems),
            expose: names("exposeHeaders", source.expose_headers.as_deref(), credentials, problems),
            max_age: source.max_age.as_deref().and_then(|text| problems.at("maxAge", |problems| seconds(text, problems))),
            credentials,
        }
    }
}

/// With it every page of the world could act with the cookies of whoever visits it.
fn refuse_any(credentials: bool, problems: &mut Problems) -> Option<String> {
    if credentials {
        problems.error_with_help("`*` together with `allowCredentials` lets every page act for its visitors", "list the origins that may");
    }
    None
}

fn header_names(text: Option<&str>, credentials: bool, problems: &mut Problems) -> Option<HeaderValue> {
    // Fetch Standard §4.9: `Authorization` has to be named.
    if text.is_some_and(|text| text.trim() == "*") && !credentials {
        let help = "leave `allowHeaders` away: then whatever headers a page asks for are allowed";
        problems.at("allowHeaders", |p| p.warning_with_help("for browsers `*` does not cover `Authorization`", help));
    }
    names("allowHeaders", text, credentials, problems)
}

/// Methods or headers, separated by commas. Empty text is no list.
fn names(field: &str, text: Option<&str>, credentials: bool, problems: &mut Problems) -> Option<HeaderValue> {
    let text = text.map(str::trim).filter(|text| !text.is_empty())?;
    problems.at(field, |problems| {
        if !is_list(text.as_bytes()) {
            problems.error_with_help(format!("{text:?} is not a list of names"), "separate them by commas, as in `GET, POST`");
            return None;
        }
        if credentials && text == "*" {
            problems.warning("where credentials are allowed, browsers take `*` for a name and not for all");
        }
        HeaderValue::from_str(text).ok()
    })
}

fn seconds(text: &str, problems: &mut Problems) -> Option<HeaderValue> {
    let number = text.trim().parse::<u32>().ok();
    if number.is_none() {
        problems.error_with_help(format!("{text:?} is not a number of seconds"), "write it as `\"600\"`");
    }
    number.map(HeaderValue::from)
}
