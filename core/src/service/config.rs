use crate::body::BodyNeeds;
use crate::condition::Condition;
use crate::json::Projection;
use crate::problem::Problems;
use crate::resource::service as resource;
use crate::resource::service::BodyMode;
use crate::secret::SecretName;
use crate::telemetry::Visible;
use crate::upstream::{Direct, HeaderRules, Origin};

/// One configuration of a Service, compiled: where its requests go and what is done to them on the way.
#[derive(Debug)]
pub struct Config {
    /// `None` for the default configuration.
    pub name: Option<String>,
    pub target: Target,
    pub remove_prefix: Option<String>,
    pub add_prefix: Option<String>,
    pub headers: HeaderRules,
    pub credential: Option<Credential>,
    pub http2: bool,
    pub visibility: Visibility,
    /// `body.mode: JSON`.
    pub only_json: bool,
    /// Bytes of a body that rules may read.
    pub max_request_size: Option<u64>,
    needs: BodyNeeds,
}

/// Who answers.
#[derive(Debug)]
pub enum Target {
    Upstream(Origin),
    Direct(Direct),
    /// Known, but nothing this build can reach; the text is for the log.
    Unreachable(&'static str),
    /// The configuration names none.
    Nobody,
}

/// What is injected.
#[derive(Debug)]
pub enum Credential {
    Bearer(SecretName),
}

/// What the access log may hold.
#[derive(Debug)]
pub struct Visibility {
    pub request_headers: Visible,
    pub response_headers: Visible,
    pub body: bool,
    pub body_map: bool,
}

/// Chooses a configuration when its condition applies.
#[derive(Debug)]
pub struct Rule {
    pub condition: Condition,
    pub config: usize,
}

impl Config {
    pub fn compile(source: &resource::Config, name: Option<String>, problems: &mut Problems) -> Self {
        let http = source.http.clone().unwrap_or_default();
        let target = compile_target(source, problems);
        problems.at("http", |problems| {
            let headers = problems.at("header", |problems| HeaderRules::compile(&http.header, problems));
            let (remove_prefix, add_prefix) = problems.at("path", |problems| compile_path(&http.path, problems));
            let only_json = http.body.mode == BodyMode::Json;
            let mut needs = BodyNeeds { buffer: http.enable_request_buffering, ..BodyNeeds::default() };
            needs.reads(&headers.reads());
            if only_json {
                needs.map.get_or_insert_default();
            }
            if http.visibility.enable_request_body_map && needs.any() {
                needs.map = Some(Projection::whole());
            }
            Self {
                name,
                target,
                remove_prefix,
                add_prefix,
                credential: http.auth.as_ref().and_then(|auth| problems.at("auth", |problems| compile_credential(auth, problems))),
                http2: http.is_upstream_http2,
                visibility: Visibility {
                    request_headers: visible(
                        &http.visibility.include_request_headers,
                        http.visibility.include_all_request_headers,
                        &http.visibility.exclude_request_headers,
                    ),
                    response_headers: visible(
                        &http.visibility.include_response_headers,
                        http.visibility.include_all_response_headers,
                        &http.visibility.exclude_response_headers,
                    ),
                    body: http.visibility.enable_request_body,
                    body_map: http.visibility.enable_request_body_map,
                },
                headers,
                only_json,
                max_request_size: http.body.max_request_size,
                needs,
            }
        })
    }

    /// What this configuration alone needs of a request's body.
    pub fn needs(&self) -> &BodyNeeds {
        &self.needs
    }
}

fn compile_target(source: &resource::Config, problems: &mut Problems) -> Target {
    let direct = source.http.as_ref().and_then(|http| http.response.as_ref()).and_then(|response| response.direct.as_ref());
    if let Some(direct) = direct {
        let compiled = problems
            .at("http", |problems| problems.at("response", |problems| problems.at("direct", |problems| Direct::compile(direct, problems))));
        return compiled.map_or(Target::Nobody, Target::Direct);
    }
    let Some(upstream) = &source.upstream else { return Target::Nobody };
    if upstream.user.is_some() {
        return Target::Unreachable("`upstream.user` needs a tunnel, and there is none at the edge");
    }
    if upstream.container.is_some() {
        return Target::Unreachable("`upstream.container` is not supported yet");
    }
    match &upstream.url {
        Some(url) => problems
            .at("upstream", |problems| problems.at("url", |problems| Origin::compile(url, problems)))
            .map_or(Target::Nobody, Target::Upstream),
        None => Target::Nobody,
    }
}

fn compile_path(source: &resource::PathRules, problems: &mut Problems) -> (Option<String>, Option<String>) {
    let mut prefix = |field: &str, value: &Option<String>| {
        let value = value.as_ref().filter(|value| !value.is_empty())?;
        problems.at(field, |problems| {
            if value.len() > 512 {
                problems.error("a prefix has at most 512 characters");
            } else if value.contains(['?', '#']) {
                problems.error("a prefix must not contain `?` or `#`");
            } else if field == "addPrefix" && crate::receive::CleanPath::new(value).map(|path| path.as_str() != value) != Ok(false) {
                problems.error_with_help("a prefix starts with a slash and has no dot segments", "write it as in /v1beta/openai");
            }
        });
        Some(value.clone())
    };
    (prefix("removePrefix", &source.remove_prefix), prefix("addPrefix", &source.add_prefix))
}

fn compile_credential(source: &resource::UpstreamAuth, problems: &mut Problems) -> Option<Credential> {
    let Some(bearer) = &source.bearer else {
        problems.error("no kind of credential is given");
        return None;
    };
    problems.at("bearer", |problems| {
        problems.at("fromSecret", |problems| match SecretName::parse(&bearer.from_secret) {
            Ok(name) => Some(Credential::Bearer(name)),
            Err(error) => {
                problems.error(error.to_string());
                None
            }
        })
    })
}

fn visible(include: &[String], all: bool, exclude: &[String]) -> Visible {
    Visible::new(all, include, exclude)
}
