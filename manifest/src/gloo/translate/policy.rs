//! Policies, and what they add to the Services of the routes that they select.

use std::cell::Cell;
use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::route::Route;
use super::world::World;
use super::{api_key, basic_auth, header, jwt, rate_limit, rbac, settings, transformation};
use crate::gloo::document::{
    AuthStep, BasicLimit, ConfigRef, Document, ExtAuthPolicy, JwtPolicy, Options, RateLimitActions, RateLimitPolicy, RouteSelector,
    ServerLimits, ValidationPolicy,
};
use crate::gloo::{At, Found, Kind, Made};

/// The kinds that select routes by labels, in the order in which they are applied.
const KINDS: [Kind; 6] = [
    Kind::ExtAuthPolicy,
    Kind::JwtPolicy,
    Kind::RateLimitPolicy,
    Kind::TransformationPolicy,
    Kind::HeaderManipulationPolicy,
    Kind::RetryTimeoutPolicy,
];

/// All policies.
pub struct Policies<'a> {
    list: Vec<Policy<'a>>,
}

struct Policy<'a> {
    at: At,
    document: &'a Document,
    is_used: Cell<bool>,
}

impl<'a> Policies<'a> {
    pub fn collect(world: &mut World<'a>) -> Self {
        let of_kind = |kind| world.of_kind(kind).map(|(at, document)| Policy { at, document, is_used: Cell::new(false) });
        let mut list: Vec<Policy<'a>> = KINDS.into_iter().flat_map(of_kind).collect();
        // Transformations have an order of their own.
        list.sort_by_key(|policy| match policy.document {
            Document::TransformationPolicy(document) => document
                .spec
                .config
                .phase
                .as_ref()
                .and_then(|phase| phase.pre_authz.as_ref().or(phase.post_authz.as_ref()).map(|phase| phase.priority))
                .unwrap_or_default(),
            _ => 0,
        });
        Self { list }
    }

    /// Finishes the Service of a route.
    pub fn attach(&self, world: &mut World<'a>, mut route: Route<'a>) {
        let selected: Vec<&Policy<'a>> = self.list.iter().filter(|policy| selects(selectors(policy.document), &route.labels)).collect();
        selected.iter().for_each(|policy| policy.is_used.set(true));
        let access = access(world, &mut route, &selected);
        for policy in selected {
            match policy.document {
                Document::RateLimitPolicy(document) => {
                    rate_limits(world, &mut route.service, &document.metadata.name, &document.spec, access, &policy.at);
                }
                Document::TransformationPolicy(document) => {
                    transformation::write(world, &mut route.service, &document.metadata, &document.spec, &policy.at);
                }
                Document::HeaderManipulationPolicy(document) => {
                    header::policy(&mut route.service, &document.spec, &policy.at.field("spec.config"));
                }
                Document::RetryTimeoutPolicy(document) => {
                    let (config, at) = (&document.spec.config, policy.at.field("spec.config"));
                    if let Some(text) = &config.request_timeout {
                        settings::timeout(world, &mut route.service, text, &at.field("requestTimeout"));
                    }
                    if let Some(retries) = &config.retries {
                        settings::retries(world, &mut route.service, retries, &at.field("retries"));
                    }
                }
                _ => {}
            }
        }
        for (options, at) in std::mem::take(&mut route.options) {
            write_options(world, &mut route, options, access, &at);
        }
        // Without an end, what is wrong with it has been told.
        let has_end = ["config.upstream", "config.http.response"].iter().any(|field| route.service.get(field).is_some());
        if has_end {
            world.add(route.service);
        }
    }

    pub fn warn_unused(&self, world: &mut World<'a>) {
        for policy in self.list.iter().filter(|policy| !policy.is_used.get()) {
            let help = "a route is selected by the `labels` that a RouteTable gives it, or that an HTTPRoute has in its metadata";
            world.tell(
                Found::warning(&policy.at.field("spec"), "no route has the labels of this policy, so it does nothing").with_help(help),
            );
        }
    }
}

/// Who may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    Open,
    /// Whoever has proven who they are.
    Authenticated,
    /// The same, by a token with claims.
    Jwt,
}

/// A policy without selectors is for all routes, so that what was meant to protect is never left away.
fn selects(selectors: &[RouteSelector], labels: &BTreeMap<String, String>) -> bool {
    let has_all = |selector: &RouteSelector| selector.route.labels.iter().all(|(key, value)| labels.get(key) == Some(value));
    selectors.is_empty() || selectors.iter().any(has_all)
}

fn selectors(document: &Document) -> &[RouteSelector] {
    match document {
        Document::ExtAuthPolicy(document) => &document.spec.apply_to_routes,
        Document::JwtPolicy(document) => &document.spec.apply_to_routes,
        Document::RateLimitPolicy(document) => &document.spec.apply_to_routes,
        Document::TransformationPolicy(document) => &document.spec.apply_to_routes,
        Document::HeaderManipulationPolicy(document) => &document.spec.apply_to_routes,
        Document::RetryTimeoutPolicy(document) => &document.spec.apply_to_routes,
        _ => &[],
    }
}

/// Writes how callers prove who they are, and who of them may call.
fn access<'a>(world: &mut World<'a>, route: &mut Route<'a>, selected: &[&Policy<'a>]) -> Access {
    let mut ext_auth: Option<&At> = None;
    let mut has_jwt = false;
    for policy in selected {
        match policy.document {
            Document::ExtAuthPolicy(document) if !document.spec.config.disable => {
                if ext_auth.is_some() {
                    world.error(&policy.at.field("spec"), "another ExtAuthPolicy is for the same route, and only one can be");
                }
                ext_auth = Some(&policy.at);
                write_ext_auth(world, &mut route.service, &document.metadata.name, &document.spec, &policy.at.field("spec.config"));
            }
            Document::JwtPolicy(document) if !document.spec.config.disable => {
                has_jwt = true;
                write_jwt(world, &mut route.service, &document.spec, &policy.at.field("spec.config"));
            }
            _ => {}
        }
    }
    let access = match (ext_auth, has_jwt) {
        (None, false) => Access::Open,
        (Some(_), false) => Access::Authenticated,
        (None, true) => Access::Jwt,
        (Some(at), true) => {
            // Either would be enough here, which is less than both.
            world.error(
                &at.field("spec"),
                "a JWTPolicy is for the same route: that callers have to prove themselves in both ways is not supported yet",
            );
            Access::Jwt
        }
    };
    authorization(world, route, access, selected);
    access
}

fn authorization(world: &mut World<'_>, route: &mut Route<'_>, access: Access, selected: &[&Policy<'_>]) {
    let rbac = route.options.iter().find_map(|(options, at)| Some((options.rbac.as_ref().filter(|rbac| !rbac.disable)?, at.field("rbac"))));
    let at = selected
        .iter()
        .find(|policy| matches!(policy.document, Document::ExtAuthPolicy(_) | Document::JwtPolicy(_)))
        .map(|policy| policy.at.field("spec"));
    let at = at.unwrap_or_else(|| route.at.clone());
    match (access, rbac) {
        (Access::Open, None) => route.service.set("isAnonymous", true, &route.at.clone()),
        (Access::Jwt, Some((rbac, at))) => {
            let policy = rbac::policy(world, rbac, &at);
            route.service.push("authorization.inlinePolicies", policy, &at);
        }
        (_, Some((_, at))) => {
            let found = Found::error(&at, "`rbac` reads the claims of a token, and no JWTPolicy is for this route");
            world.tell(found.with_help("select the route with a JWTPolicy"));
        }
        (_, None) => {
            let rule = json!({ "name": "authenticated", "condition": { "matchAny": true }, "effect": "ALLOW" });
            let policy = json!({ "name": "authenticated", "spec": { "rules": [rule] } });
            route.service.push("authorization.inlinePolicies", policy, &at);
        }
    }
    let has_credential = |config: &Value| config.pointer("/http/auth").is_some();
    let in_pool =
        route.service.get("dynamicConfig.configs").and_then(Value::as_array).is_some_and(|configs| configs.iter().any(has_credential));
    let leads_somewhere = route.service.get("config.upstream").is_some();
    if access != Access::Open && leads_somewhere && !in_pool && route.service.get("config.http.auth").is_none() {
        route.service.set("config.http.header.authorizationMode", "PASS", &at);
    }
}

fn write_ext_auth(world: &mut World<'_>, service: &mut Made, name: &str, policy: &ExtAuthPolicy, at: &At) {
    let Some(auth) = &policy.config.gloo_auth else {
        return world.error(at, "`glooAuth` says how callers prove who they are");
    };
    let at = at.field("glooAuth");
    if auth.configs.is_empty() {
        world.error(&at, "`configs` says how callers prove who they are");
    }
    if auth.configs.len() > 1 && !is_any_of(auth.boolean_expr.as_deref(), &auth.configs) {
        let help = "`booleanExpr: a || b` over all names is supported";
        let found = Found::error(&at.field("configs"), "that several configs have to pass is not supported yet");
        world.tell(found.with_help(help));
    }
    for (index, step) in auth.configs.iter().enumerate() {
        let at = at.field("configs").item(index);
        match (&step.api_key_auth, &step.basic_auth) {
            (Some(auth), None) => {
                let at = at.field("apiKeyAuth");
                let json = api_key::authentication(world, auth, name, &at);
                service.set("authentication.apiKey", json, &at);
            }
            (None, Some(auth)) => {
                let at = at.field("basicAuth");
                let json = basic_auth::authentication(world, auth, &at);
                service.set("authentication.basic", json, &at);
            }
            _ => world.error(&at, "exactly one of `apiKeyAuth` and `basicAuth` is needed"),
        }
    }
}

/// Whether one of the configs is enough: `a || b`, over all of them.
fn is_any_of(expression: Option<&str>, configs: &[AuthStep]) -> bool {
    let Some(expression) = expression else { return false };
    let mut named: Vec<&str> = expression.split("||").map(str::trim).collect();
    let mut names: Vec<&str> = configs.iter().filter_map(|config| config.name.as_deref()).collect();
    named.sort_unstable();
    names.sort_unstable();
    named == names && names.len() == configs.len()
}

fn write_jwt(world: &mut World<'_>, service: &mut Made, policy: &JwtPolicy, at: &At) {
    let config = &policy.config;
    if config.providers.is_empty() {
        world.error(at, "`providers` says whose tokens are taken");
    }
    for (name, provider) in &config.providers {
        let at = at.field("providers").key(name);
        let json = jwt::provider(world, name, provider, &at);
        service.push("authentication.jwt", json, &at);
    }
    let validation = match (config.allow_missing_or_failed_jwt, config.validation_policy) {
        (Some(true), _) => "ALLOW_MISSING_OR_FAILED",
        (_, Some(ValidationPolicy::AllowMissing)) => "ALLOW_MISSING",
        (_, Some(ValidationPolicy::AllowMissingOrFailed)) => "ALLOW_MISSING_OR_FAILED",
        (_, Some(ValidationPolicy::RequireValid) | None) => return,
    };
    service.set("authentication.jwtPolicy", validation, &at.field("validationPolicy"));
}

fn rate_limits(world: &mut World<'_>, service: &mut Made, name: &str, policy: &RateLimitPolicy, access: Access, at: &At) {
    let at = at.field("spec.config");
    let config = &policy.config;
    if let Some(basic) = &config.ratelimit_basic {
        write_basic(service, name, basic.anonymous_limits, basic.authorized_limits, access, &at.field("ratelimitBasic"));
    }
    let mut actions: Vec<(&RateLimitActions, At)> = Vec::new();
    if let Some(raw) = &config.raw {
        actions.extend(listed(&raw.rate_limits, &at.field("raw.rateLimits")));
    }
    if let Some(reference) = &config.ratelimit_client_config
        && let Some((client, document)) = followed(world, Kind::RateLimitClientConfig, reference, &at.field("ratelimitClientConfig"))
        && let Document::RateLimitClientConfig(document) = document
    {
        actions.extend(listed(&document.spec.raw.rate_limits, &client.field("spec.raw.rateLimits")));
    }
    let limits = match &config.ratelimit_server_config {
        Some(reference) => match followed(world, Kind::RateLimitServerConfig, reference, &at.field("ratelimitServerConfig")) {
            Some((at, Document::RateLimitServerConfig(document))) => vec![(&document.spec.raw, at.field("spec.raw"))],
            _ => return,
        },
        None => server_limits(world),
    };
    let is_early = config.phase.as_ref().is_some_and(|phase| phase.pre_authz.is_some());
    write_actions(world, service, name, &actions, &limits, is_early.then_some("PRE_AUTH"));
}

fn listed<'d>(list: &'d [RateLimitActions], at: &At) -> Vec<(&'d RateLimitActions, At)> {
    list.iter().enumerate().map(|(index, actions)| (actions, at.item(index))).collect()
}

fn followed<'a>(world: &mut World<'a>, kind: Kind, reference: &ConfigRef, at: &At) -> Option<(At, &'a Document)> {
    let (name, namespace) = match (&reference.reference, &reference.name) {
        (Some(reference), _) => (reference.name.as_str(), reference.namespace.as_deref()),
        (None, Some(name)) => (name.as_str(), reference.namespace.as_deref()),
        (None, None) => {
            world.error(at, "`name` is missing");
            return None;
        }
    };
    world.follow(kind, name, namespace, at)
}

/// The limits of all server configurations, which one server would have.
fn server_limits<'a>(world: &World<'a>) -> Vec<(&'a ServerLimits, At)> {
    let of_document = |(at, document): (At, &'a Document)| match document {
        Document::RateLimitServerConfig(document) => Some((&document.spec.raw, at.field("spec.raw"))),
        _ => None,
    };
    world.of_kind(Kind::RateLimitServerConfig).filter_map(of_document).collect()
}

fn write_actions(
    world: &mut World<'_>,
    service: &mut Made,
    name: &str,
    actions: &[(&RateLimitActions, At)],
    limits: &[(&ServerLimits, At)],
    phase: Option<&str>,
) {
    let Some((_, limits_at)) = limits.first() else {
        if let Some((_, at)) = actions.first() {
            let found = Found::error(at, "there is no RateLimitServerConfig that says how many requests there may be");
            world.tell(found.with_help("`spec.raw.descriptors` of one has the limits"));
        }
        return;
    };
    let mut all = ServerLimits::default();
    for (limits, _) in limits {
        all.descriptors.extend(limits.descriptors.clone());
        all.set_descriptors.extend(limits.set_descriptors.clone());
    }
    for (index, (tuple, at)) in actions.iter().enumerate() {
        let name = if actions.len() == 1 { name.to_owned() } else { format!("{name}-{}", index + 1) };
        rate_limit::write(world, service, &name, tuple, (&all, limits_at), phase, at);
    }
}

fn write_basic(service: &mut Made, name: &str, anonymous: Option<BasicLimit>, authorized: Option<BasicLimit>, access: Access, at: &At) {
    let is_authenticated = access != Access::Open;
    if let Some(limit) = if is_authenticated { authorized } else { anonymous } {
        rate_limit::write_basic(service, &super::name::legal(name), limit, is_authenticated, at);
    }
}

fn write_options<'a>(world: &mut World<'a>, route: &mut Route<'a>, options: &Options, access: Access, at: &At) {
    let service = &mut route.service;
    if let Some(basic) = &options.ratelimit_basic {
        write_basic(service, "basic-limit", basic.anonymous_limits, basic.authorized_limits, access, &at.field("ratelimitBasic"));
    }
    if let Some(ratelimit) = &options.ratelimit {
        let actions = listed(&ratelimit.rate_limits, &at.field("ratelimit.rateLimits"));
        let limits = server_limits(world);
        write_actions(world, service, "route-limit", &actions, &limits, None);
    }
    if let Some(changes) = &options.header_manipulation {
        header::option(service, changes, &at.field("headerManipulation"));
    }
    if let Some(text) = &options.timeout {
        settings::timeout(world, service, text, &at.field("timeout"));
    }
    if let Some(text) = &options.idle_timeout {
        let at = at.field("idleTimeout");
        // Zero is no limit, whatever the host's own is.
        service.set("config.http.idleTimeout", json!({ "seconds": 0 }), &at);
        settings::limit(world, service, "config.http.idleTimeout", text, &at);
    }
    if let Some(text) = options.max_stream_duration.as_ref().and_then(|longest| longest.max_stream_duration.as_ref()) {
        settings::limit(world, service, "config.http.maxStreamDuration", text, &at.field("maxStreamDuration.maxStreamDuration"));
    }
    if let Some(retries) = &options.retries {
        settings::retries(world, service, retries, &at.field("retries"));
    }
}
