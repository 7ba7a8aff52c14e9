use http::HeaderValue;
use http::uri::PathAndQuery;

use super::{Ai, MAX_MODEL, Path, segment};
use crate::check::{at_most, exactly_one, header};
use crate::percent::is_unreserved;
use crate::problem::Problems;
use crate::receive::CleanPath;
use crate::resource::service as resource;
use crate::resource::service::{AiPath, AiProvider};

/// Bytes of a path or prefix.
const MAX_PATH: usize = 512;

impl Ai {
    /// Compiles; every problem is reported at its place.
    pub fn compile(source: &resource::Ai, problems: &mut Problems) -> Option<Self> {
        let provider = source.provider;
        if provider == AiProvider::Unset {
            problems.at("provider", |p| p.error_with_help("`provider` has to be set", "write `provider: OPENAI`, for example"));
        }
        let is_azure = provider == AiProvider::AzureOpenAi;
        for (field, is_set, is_good, help) in [
            ("version", source.version.is_some(), provider == AiProvider::Anthropic, "it is a header of `ANTHROPIC`'s"),
            (
                "apiVersion",
                source.api_version.is_some(),
                is_azure || provider == AiProvider::Gemini,
                "`GEMINI` and `AZURE_OPENAI` have one",
            ),
            ("deployment", source.deployment.is_some(), is_azure, "only `AZURE_OPENAI` has deployments"),
            ("model", source.model.is_some(), !is_azure, "a deployment has one model: name it in `deployment`"),
        ] {
            if is_set && !is_good && provider != AiProvider::Unset {
                problems.at(field, |p| p.error_with_help(format!("`{field}` has no meaning for `{}`", provider.as_str()), help));
            }
        }
        for (field, name) in [("model", &source.model), ("deployment", &source.deployment)] {
            let Some(name) = name else { continue };
            at_most(problems, field, name.len(), MAX_MODEL, "bytes");
            if segment(name).is_none() && name.len() <= MAX_MODEL {
                problems.at(field, |p| p.error(format!("{name:?} is not the name of a model")));
            }
        }
        if source.api_version.as_ref().is_some_and(|text| !is_api_version(text)) {
            problems.at("apiVersion", |p| p.error("this is 1 to 64 letters, digits, dots and hyphens, as in `v1beta`"));
        }
        let version = source.version.as_ref().map(|text| problems.at("version", |p| compile_version(text, p)));
        let path = match &source.path {
            Some(path) => problems.at("path", |problems| compile_path(path, problems)),
            None => Some(Path::Base(String::new())),
        };
        Some(Self {
            provider,
            model: source.model.clone(),
            version: version.flatten(),
            api_version: source.api_version.clone(),
            deployment: source.deployment.clone(),
            path: path?,
            streaming: source.streaming,
        })
    }
}

fn compile_version(text: &str, problems: &mut Problems) -> Option<HeaderValue> {
    if text.is_empty() || text.len() > 64 {
        problems.error("a version has 1 to 64 bytes, as in `2023-06-01`");
        return None;
    }
    header::value(text, problems)
}

/// It stands in a path or in a query.
fn is_api_version(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(is_unreserved) && !text.starts_with('.')
}

fn compile_path(source: &AiPath, problems: &mut Problems) -> Option<Path> {
    exactly_one(problems, &[("full", source.full.is_some()), ("base", source.base.is_some())]);
    if let Some(base) = &source.base {
        problems.at("base", |problems| checked(base, problems))?;
        return Some(Path::Base(base.clone()));
    }
    problems.at("full", |problems| {
        let full = source.full.as_ref()?;
        let (path, query) = full.split_once('?').map_or((full.as_str(), None), |(path, query)| (path, Some(query)));
        let path = checked(path, problems)?;
        if full.parse::<PathAndQuery>().is_err() || full.contains('#') {
            problems.error("the query has characters that must be percent-encoded");
            return None;
        }
        Some(Path::Full { path, query: query.map(str::to_owned) })
    })
}

/// A path that no server reads in another way.
fn checked(path: &str, problems: &mut Problems) -> Option<CleanPath> {
    if path.len() > MAX_PATH {
        problems.error(format!("at most {MAX_PATH} bytes, found {}", path.len()));
        return None;
    }
    if !path.starts_with('/') {
        problems.error_with_help(format!("`{path}` is not a path"), format!("write `/{path}`"));
        return None;
    }
    let is_plain = !path.contains(['?', '#']) && path.parse::<PathAndQuery>().is_ok();
    let clean = CleanPath::new(path).ok().filter(|clean| is_plain && clean.as_str() == path);
    if clean.is_none() {
        problems.error(format!("{path:?} is not a path as all servers read it"));
    }
    clean
}
