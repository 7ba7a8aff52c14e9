use crate::body::{BodyNeeds, BodySchema};
use std::time::Duration;

use crate::check::{at_most, each, exactly_one, header, max_request_size};
use crate::cors::Cors;
use crate::error::Shape;
use crate::events::Protocol;
use crate::feature::Feature;
use crate::json::Projection;
use crate::platform::Deadlines;
use crate::plugin::Plugins;
use crate::problem::Problems;
use crate::resource::service as resource;
use crate::resource::service::{AuthorizationMode, BodyMode};
use crate::retry::Retry;
use crate::telemetry::Visibility;
use crate::upstream::{Ai, Container, Credential, Direct, HeaderRules, Mirror, Origin, Origins, PathChange, Pools, QueryRules, Redirect};

/// One configuration of a Service, compiled: where its requests go and what is done to them on the way.
#[derive(Debug)]
pub struct Config {
    /// `None` for the default configuration.
    pub name: Option<String>,
    pub target: Target,
    pub path: PathChange,
    pub query: QueryRules,
    pub plugins: Plugins,
    pub headers: HeaderRules,
    /// What is injected; `None` for an upstream that needs nothing.
    pub credential: Option<Credential>,
    /// What the upstream expects as a provider of language models.
    ai: Option<Ai>,
    /// Speak HTTP/2 to the upstream, with prior knowledge.
    pub http2: bool,
    pub visibility: Visibility,
    /// That of the default configuration holds, as a browser asks before any other is chosen.
    pub cors: Option<Cors>,
    /// Sends a request again that failed.
    pub retry: Option<Retry>,
    /// Until the head of the upstream's response; `None` leaves it to the host.
    pub timeout: Option<Duration>,
    /// For the body of the upstream's response.
    pub deadlines: Deadlines,
    /// What gets a copy of requests.
    mirrors: Vec<Mirror>,
    /// `body.mode: JSON`.
    pub only_json: bool,
    /// `body.validation`.
    pub schema: Option<BodySchema>,
    /// Bytes of a body that rules may read.
    pub max_request_size: Option<u64>,
    needs: BodyNeeds,
}

/// Who answers.
#[derive(Debug)]
pub enum Target {
    /// A server elsewhere, or one of several.
    Upstream(Origins),
    /// A container that the host runs.
    Container(Box<Container>),
    /// Other configurations of the Service, until one of them answers.
    Pools(Pools),
    /// The gateway itself, with a fixed answer.
    Direct(Direct),
    /// The gateway itself, with another address.
    Redirect(Box<Redirect>),
    /// Known, but nothing this build can reach; the text is for the log.
    Unreachable(&'static str),
}

/// Nobody waits longer for an answer, and timers of some hosts end at some weeks.
const LONGEST: Duration = Duration::from_secs(3600);
const LONGEST_STREAM: Duration = Duration::from_secs(24 * 3600);
const MAX_MIRRORS: usize = 4;

/// Of a configuration that has problems, which no request comes to.
const NOWHERE: Target = Target::Unreachable("the configuration names no upstream");

impl Config {
    /// Compiles a configuration that is whole; every problem is reported at its place.
    pub fn compile(source: &resource::Config, name: Option<String>, problems: &mut Problems) -> Self {
        match source.upstream.as_ref().map(arms) {
            Some(arms) if !is_any(&arms) => problems.at("upstream", |problems| exactly_one(problems, &arms)),
            None if answers(source).is_none_or(|answers| answers.direct.is_none() && answers.redirect.is_none()) => {
                problems.error_with_help("`upstream` is missing", "say where requests go: `upstream: {url: https://…}`");
            }
            _ => {}
        }
        Self::compile_part(source, name, problems)
    }

    /// Compiles one that may leave its upstream to its parent.
    pub fn compile_part(source: &resource::Config, name: Option<String>, problems: &mut Problems) -> Self {
        let http = source.http.clone().unwrap_or_default();
        let target = compile_target(source, name.as_ref(), problems);
        let ai = source.ai.as_ref().and_then(|ai| problems.at("ai", |problems| compile_ai(ai, problems)));
        check_combination(source, &http, problems);
        problems.at("http", |problems| {
            problems.at("visibility", |problems| check_visibility(&http.visibility, problems));
            let schema = problems.at("body", |problems| {
                max_request_size(problems, http.body.max_request_size);
                compile_schema(&http.body, problems)
            });
            let headers = problems.at("header", |problems| HeaderRules::compile(&http.header, problems));
            let path = problems.at("path", |problems| PathChange::compile(&http.path, problems));
            let query = problems.at("query", |problems| QueryRules::compile(&http.query, problems));
            at_most(problems, "mirror", http.mirror.len(), MAX_MIRRORS, "mirrors");
            let mirrors = each(problems, "mirror", &http.mirror, compile_mirror);
            let timeout = limit(problems, "timeout", http.timeout, (LONGEST, "1 hour"));
            let deadlines = Deadlines {
                idle: http.idle_timeout.map(crate::resource::Duration::to_std),
                total: limit(problems, "maxStreamDuration", http.max_stream_duration, (LONGEST_STREAM, "24 hours")),
            };
            if deadlines.idle.is_some_and(|idle| idle > LONGEST) {
                problems.at("idleTimeout", |p| p.error("this is 1 millisecond to 1 hour, or 0 for no limit"));
            }
            let plugins = Plugins::compile(&http.plugins, problems);
            let only_json = http.body.mode == BodyMode::Json;
            let mut needs = BodyNeeds { buffer: http.enable_request_buffering, ..BodyNeeds::default() };
            needs.reads(&headers.reads());
            needs.reads(&query.reads());
            needs.merge(&Plugins::needs(&plugins.post_auth));
            if only_json {
                needs.map.get_or_insert_default();
            }
            if http.visibility.enable_request_body_map && needs.any() {
                needs.map = Some(Projection::whole());
            }
            Self {
                name,
                target,
                path,
                query,
                timeout,
                deadlines,
                mirrors: mirrors.into_iter().flatten().collect(),
                plugins,
                credential: compile_credential(&http, problems),
                ai,
                http2: http.is_upstream_http2,
                visibility: Visibility::from(&http.visibility),
                cors: http.cors.as_ref().map(|cors| problems.at("cors", |problems| Cors::compile(cors, problems))),
                retry: http.retry.as_ref().map(|retry| problems.at("retry", |problems| Retry::compile(retry, problems))),
                headers,
                only_json,
                schema,
                max_request_size: http.body.max_request_size,
                needs,
            }
        })
    }

    /// Whether the caller's own `Authorization` may go on. A token of this gateway never does.
    pub fn passes_authorization(&self, is_anonymous: bool) -> bool {
        let is_passthrough = self.credential.as_ref().is_some_and(Credential::passes_authorization);
        is_passthrough || !self.replaces_keys() && self.headers.passes_authorization(is_anonymous)
    }

    /// Whether the credential stands in the place of all keys by which a caller may be known to a provider.
    pub fn replaces_keys(&self) -> bool {
        self.ai().is_some() && self.credential.as_ref().is_some_and(|credential| !credential.passes_authorization())
    }

    /// What errors look like to those who call this upstream; `None` where nobody said what it is.
    pub fn shape(&self) -> Option<Shape> {
        self.ai().map(Ai::shape)
    }

    /// What the upstream expects as a provider of language models.
    pub fn ai(&self) -> Option<&Ai> {
        if const { Feature::AiProviders.is_built() } { self.ai.as_ref() } else { None }
    }

    /// What gets a copy of requests.
    pub fn mirrors(&self) -> &[Mirror] {
        if const { Feature::Mirrors.is_built() } { &self.mirrors } else { &[] }
    }

    /// How streams of this configuration's provider end, where it is known.
    pub fn protocol(&self) -> Option<Protocol> {
        self.ai().map(Ai::protocol)
    }

    /// What this configuration alone needs of a request's body.
    pub fn needs(&self) -> &BodyNeeds {
        &self.needs
    }
}

fn compile_ai(source: &resource::Ai, problems: &mut Problems) -> Option<Ai> {
    if const { Feature::AiProviders.is_built() } { Ai::compile(source, problems) } else { Feature::AiProviders.refuse(problems) }
}

fn compile_mirror(problems: &mut Problems, source: &resource::Mirror) -> Option<Mirror> {
    if const { Feature::Mirrors.is_built() } { Mirror::compile(source, problems) } else { Feature::Mirrors.refuse(problems) }
}

fn compile_schema(source: &resource::BodySettings, problems: &mut Problems) -> Option<BodySchema> {
    let validation = source.validation.as_ref()?;
    problems.at("validation", |problems| match &validation.json_schema {
        Some(schema) => problems.at("jsonSchema", |problems| BodySchema::compile(&schema.inline, problems)),
        None => {
            problems.error("`jsonSchema` is missing");
            None
        }
    })
}

fn answers(source: &resource::Config) -> Option<&resource::ResponseSettings> {
    source.http.as_ref()?.response.as_ref()
}

fn compile_target(source: &resource::Config, name: Option<&String>, problems: &mut Problems) -> Target {
    let upstream = source.upstream.as_ref();
    let upstream = upstream.map(|upstream| problems.at("upstream", |problems| compile_upstream(upstream, name, problems)));
    let Some(answers) = answers(source) else { return upstream.unwrap_or(NOWHERE) };
    let own = problems.at("http", |problems| {
        problems.at("response", |problems| {
            let direct = answers.direct.as_ref();
            let direct = direct.map(|direct| problems.at("direct", |problems| Direct::compile(direct, problems)).map(Target::Direct));
            let redirect = answers.redirect.as_ref();
            let redirect = redirect.map(|redirect| problems.at("redirect", |problems| Redirect::compile(redirect, problems)));
            if direct.is_some() && redirect.is_some() {
                problems.error("at most one of `direct` and `redirect`, found both");
            }
            direct.or(redirect.map(|redirect| redirect.map(|redirect| Target::Redirect(Box::new(redirect)))))
        })
    });
    own.map_or(upstream, |own| Some(own.unwrap_or(NOWHERE))).unwrap_or(NOWHERE)
}

fn arms(upstream: &resource::Upstream) -> [(&'static str, bool); 4] {
    [
        ("url", upstream.url.is_some()),
        ("loadbalance", upstream.loadbalance.is_some()),
        ("container", upstream.container.is_some()),
        ("pools", !upstream.pools.is_empty()),
    ]
}

fn is_any(arms: &[(&str, bool)]) -> bool {
    arms.iter().any(|(_, set)| *set)
}

fn compile_upstream(upstream: &resource::Upstream, name: Option<&String>, problems: &mut Problems) -> Target {
    let arms = arms(upstream);
    if is_any(&arms) {
        exactly_one(problems, &arms);
    }
    let origin = upstream.url.as_ref().and_then(|url| problems.at("url", |problems| Origin::compile(url, problems)));
    let balanced = upstream.loadbalance.as_ref().and_then(|balance| problems.at("loadbalance", |p| Origins::compile(balance, p)));
    let has_user = |balance: &resource::LoadBalance| balance.endpoints.iter().any(|endpoint| endpoint.user.is_some());
    if upstream.user.is_some() || upstream.loadbalance.as_ref().is_some_and(has_user) {
        return Target::Unreachable("`upstream.user` needs a tunnel, and there is none at the edge");
    }
    if !upstream.pools.is_empty() {
        return if const { Feature::Pools.is_built() } {
            Target::Pools(Pools::compile(&upstream.pools, problems))
        } else {
            problems.at("pools", |problems| Feature::Pools.refuse(problems)).unwrap_or(NOWHERE)
        };
    }
    if let Some(container) = &upstream.container {
        let compiled = problems.at("container", |problems| {
            if const { Feature::Containers.is_built() } {
                Container::compile(container, name.cloned(), problems)
            } else {
                Feature::Containers.refuse(problems)
            }
        });
        return compiled.map_or(Target::Unreachable("`upstream.container` needs Kubernetes"), |it| Target::Container(Box::new(it)));
    }
    origin.map(Origins::one).or(balanced).map_or(NOWHERE, Target::Upstream)
}

/// What cannot stand beside something else.
fn check_combination(source: &resource::Config, http: &resource::Http, problems: &mut Problems) {
    let auth = http.auth.as_ref();
    if source.upstream.as_ref().is_some_and(|upstream| !upstream.pools.is_empty()) {
        let of_members = [
            ("ai", source.ai.is_some()),
            ("http.auth", auth.is_some()),
            ("http.mirror", !http.mirror.is_empty()),
            ("http.retry", http.retry.is_some()),
        ];
        for (field, _) in of_members.into_iter().filter(|(_, is_set)| *is_set) {
            let help = "put it into the configurations that the pools name";
            let help = if field == "http.retry" { "take it away: where one fails, the next is tried" } else { help };
            problems.error_with_help(format!("a configuration with pools cannot have `{field}`"), help);
        }
    }
    let injects = auth.is_some_and(|auth| auth.passthrough.is_none());
    if source.ai.is_some() && injects && http.header.authorization_mode == AuthorizationMode::Pass {
        let help = "take `authorizationMode: PASS` away, or use `auth.passthrough`";
        let message = "the caller's `Authorization` cannot go on beside a credential of the gateway's";
        problems.at("http", |p| p.at("header", |p| p.at("authorizationMode", |p| p.error_with_help(message, help))));
    }
}

fn compile_credential(source: &resource::Http, problems: &mut Problems) -> Option<Credential> {
    let auth = source.auth.as_ref()?;
    problems.at("auth", |problems| {
        let credential = Credential::compile(auth, problems);
        if auth.passthrough.is_some() && source.header.authorization_mode == AuthorizationMode::Delete {
            let help = "take `authorizationMode: DELETE` away";
            problems.at("passthrough", |p| p.error_with_help("the caller's `Authorization` cannot both go on and be removed", help));
        }
        credential
    })
}

/// A limit of time, at most `longest`, which is also given in words.
fn limit(
    problems: &mut Problems,
    field: &str,
    source: Option<crate::resource::Duration>,
    (longest, words): (Duration, &str),
) -> Option<Duration> {
    let limit = source?.to_std();
    if limit.is_zero() || limit > longest {
        problems.at(field, |p| p.error(format!("this is 1 millisecond to {words}")));
    }
    Some(limit)
}

fn check_visibility(visibility: &resource::Visibility, problems: &mut Problems) {
    for (field, names) in [
        ("includeRequestHeaders", &visibility.include_request_headers),
        ("includeResponseHeaders", &visibility.include_response_headers),
        ("excludeRequestHeaders", &visibility.exclude_request_headers),
        ("excludeResponseHeaders", &visibility.exclude_response_headers),
    ] {
        each(problems, field, names, |problems, name| header::name(name, problems));
    }
}
