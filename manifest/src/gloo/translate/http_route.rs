//! Rules of HTTPRoutes. Which of several rules a request goes to is decided by how much each says, as for routes of the gateway's own,
//! and among equals by the order that the Gateway API has for them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::duration::duration;
use super::header;
use super::matcher::{Match, PathKind, PathMatch};
use super::route::Route;
use super::settings;
use super::target::{self, Leads, Share};
use super::world::World;
use crate::gloo::document::{
    BackendRef, Document, Envelope, Filter, FilterType, HttpRoute, Metadata, PathMatchType, PathModifier, PortRef, RedirectFilter,
    RouteMatch, RouteRule, ValueMatch, ValueMatchType,
};
use crate::gloo::{At, Found, Kind};

/// A route for each rule of each HTTPRoute.
pub fn routes<'a>(world: &mut World<'a>) -> Vec<Route<'a>> {
    let documents: Vec<_> = world
        .of_kind(Kind::HttpRoute)
        .filter_map(|(at, document)| match document {
            Document::HttpRoute(document) => Some((at, document)),
            _ => None,
        })
        .collect();
    let mut in_order: Vec<&HttpRouteDocument> = documents.iter().map(|(_, document)| *document).collect();
    in_order.sort_by_key(|document| precedence(document));
    // The place of each document's first rule among all rules.
    let (mut firsts, mut place) = (BTreeMap::new(), 0);
    for document in in_order {
        firsts.insert(precedence(document), place);
        place += document.spec.rules.len();
    }
    let mut routes = Vec::new();
    for (at, document) in &documents {
        let first = firsts.get(&precedence(document)).copied().unwrap_or_default();
        for index in 0..document.spec.rules.len() {
            routes.extend(rule(world, document, index, first + index, at));
        }
    }
    routes
}

/// The least is asked first: the oldest, then by namespace and name. What has no age is not known to be old.
fn precedence(document: &HttpRouteDocument) -> (bool, Option<&str>, &str, &str) {
    let Metadata { name, namespace, created, .. } = &document.metadata;
    (created.is_none(), created.as_deref(), namespace.as_deref().unwrap_or("default"), name)
}

fn rule<'a>(world: &mut World<'a>, document: &'a HttpRouteDocument, index: usize, place: usize, home: &At) -> Option<Route<'a>> {
    let rule = document.spec.rules.get(index)?;
    let at = home.field("spec.rules").item(index);
    let metadata = &document.metadata;
    let wanted = match &rule.name {
        Some(name) => format!("{}-{name}", metadata.name),
        None if document.spec.rules.len() == 1 => metadata.name.clone(),
        None => format!("{}-{}", metadata.name, index + 1),
    };
    let service = settings::service(world, &wanted, metadata, &at);
    let mut route = Route { service, at: at.clone(), labels: metadata.labels.clone(), options: Vec::new() };
    write_route(world, &mut route, document, rule, home);
    if place > 0 {
        route.service.set_item("routes", 0, "tieBreak", place.into(), &at);
    }
    if let Some(text) = rule.timeouts.as_ref().and_then(|timeouts| timeouts.request.as_ref().or(timeouts.backend_request.as_ref())) {
        settings::timeout(world, &mut route.service, text, &at.field("timeouts"));
    }
    if let Some(retry) = &rule.retry {
        let at = at.field("retry");
        route.service.set("config.http.retry.maxRetries", retry.attempts.unwrap_or(1), &at);
        for (index, code) in retry.codes.iter().enumerate() {
            route.service.push("config.http.retry.statusCodes", *code, &at.field("codes").item(index));
        }
        if let Some(time) = retry.backoff.as_ref().and_then(|text| world.take(duration(text), &at.field("backoff"))).flatten() {
            route.service.set("config.http.retry.initialInterval", time, &at.field("backoff"));
        }
    }
    let mut hostname = None;
    for (index, written) in rule.filters.iter().enumerate() {
        filter(world, &mut route, written, metadata.namespace.as_deref(), &mut hostname, &at.field("filters").item(index));
    }
    options(world, &mut route, metadata.name.as_str(), rule.name.as_deref());
    if route.service.get("config.http.response.redirect").is_none() {
        backends(world, &mut route, rule, metadata.namespace.as_deref(), hostname.as_ref(), &at);
    }
    Some(route)
}

fn write_route(world: &mut World<'_>, route: &mut Route<'_>, document: &HttpRouteDocument, rule: &RouteRule, home: &At) {
    let name = rule.name.clone().unwrap_or_else(|| route.service.name.clone());
    route.service.push("routes", json!({ "name": name }), &route.at.clone());
    if !document.spec.hostnames.is_empty() {
        route.service.set_item("routes", 0, "hosts", document.spec.hostnames.clone().into(), &home.field("spec.hostnames"));
    }
    let at = route.at.field("matches");
    let all = Match::all(&at);
    let mut matches: Vec<Match> = rule.matches.iter().enumerate().map(|(index, one)| of_rule(world, one, &at.item(index))).collect();
    if matches.is_empty() {
        matches.push(all);
    }
    let list: Vec<Value> = matches.iter().map(|one| one.to_json(true)).collect();
    route.service.set_item("routes", 0, "matches", list.into(), &at);
    for (index, one) in matches.iter().enumerate() {
        route.service.comes_from(&format!("spec.routes[0].matches[{index}]"), &one.at);
    }
}

type HttpRouteDocument = Envelope<HttpRoute>;

fn of_rule(world: &mut World<'_>, written: &RouteMatch, at: &At) -> Match {
    let path = written.path.as_ref().map(|path| {
        let kind = match path.kind {
            Some(PathMatchType::Exact) => PathKind::Exact,
            Some(PathMatchType::RegularExpression) => PathKind::Regex,
            Some(PathMatchType::PathPrefix) | None => PathKind::Prefix,
        };
        PathMatch { kind, text: path.value.clone().unwrap_or_else(|| "/".to_owned()), ignore_case: false }
    });
    for (field, list) in [("headers", &written.headers), ("queryParams", &written.query_params)] {
        for (index, one) in list.iter().enumerate().filter(|(_, one)| one.value.is_empty()) {
            world.error(&at.field(field).item(index), format!("`{}` has no value to compare with", one.name));
        }
    }
    Match {
        at: at.clone(),
        path,
        methods: written.method.iter().cloned().collect(),
        headers: written.headers.iter().map(value_match).collect(),
        query: written.query_params.iter().map(value_match).collect(),
    }
}

fn value_match(one: &ValueMatch) -> Value {
    match one.kind {
        Some(ValueMatchType::RegularExpression) => json!({ "name": one.name, "regex": one.value }),
        _ => json!({ "name": one.name, "value": one.value }),
    }
}

fn filter<'a>(
    world: &mut World<'a>,
    route: &mut Route<'a>,
    filter: &Filter,
    namespace: Option<&str>,
    hostname: &mut Option<(String, At)>,
    at: &At,
) {
    match filter.kind {
        FilterType::RequestHeaderModifier | FilterType::ResponseHeaderModifier => {
            let is_request = filter.kind == FilterType::RequestHeaderModifier;
            let (field, changes) = if is_request {
                ("requestHeaderModifier", &filter.request_header_modifier)
            } else {
                ("responseHeaderModifier", &filter.response_header_modifier)
            };
            match changes {
                Some(changes) => header::filter(&mut route.service, changes, is_request, &at.field(field)),
                None => missing(world, field, at),
            }
        }
        FilterType::UrlRewrite => match &filter.url_rewrite {
            Some(rewrite) => {
                let at = at.field("urlRewrite");
                if let Some(host) = &rewrite.hostname {
                    *hostname = Some((host.clone(), at.field("hostname")));
                }
                if let Some(path) = &rewrite.path {
                    path_rewrite(world, route, path, &at.field("path"));
                }
            }
            None => missing(world, "urlRewrite", at),
        },
        FilterType::RequestRedirect => match &filter.request_redirect {
            Some(redirect) => request_redirect(world, route, redirect, &at.field("requestRedirect")),
            None => missing(world, "requestRedirect", at),
        },
        FilterType::RequestMirror => match &filter.request_mirror {
            Some(mirror) => {
                let at = at.field("requestMirror");
                let percent = match &mirror.fraction {
                    Some(fraction) => u64::from(fraction.numerator) * 100 / u64::from(fraction.denominator.unwrap_or(100).max(1)),
                    None => u64::from(mirror.percent.unwrap_or(100)),
                };
                if let Some(Leads::One(target)) = leads(world, &mirror.backend_ref, namespace, &at.field("backendRef")) {
                    for url in &target.urls {
                        route.service.push("config.http.mirror", json!({ "url": url, "percent": percent }), &at);
                    }
                }
            }
            None => missing(world, "requestMirror", at),
        },
        FilterType::ExtensionRef => match &filter.extension_ref {
            Some(reference) if reference.kind == Kind::RouteOption.name() => {
                let at = at.field("extensionRef.name");
                let found = world.follow(Kind::RouteOption, &reference.name, namespace, &at);
                if let Some((at, Document::RouteOption(option))) = found {
                    route.options.push((&option.spec.options, at.field("spec.options")));
                }
            }
            Some(reference) => {
                world.error(&at.field("extensionRef.kind"), format!("extensions of the kind `{}` are not supported yet", reference.kind))
            }
            None => missing(world, "extensionRef", at),
        },
    }
}

fn missing(world: &mut World<'_>, field: &str, at: &At) {
    world.error(at, format!("`{field}` is missing, which the filter's `type` says is here"));
}

fn path_rewrite(world: &mut World<'_>, route: &mut Route<'_>, path: &PathModifier, at: &At) {
    match (&path.replace_full_path, &path.replace_prefix_match) {
        (Some(full), None) => route.service.set("config.http.path.replaceFullPath", full.as_str(), at),
        (None, Some(prefix)) => {
            let is_prefix = |one: &Value| one.pointer("/path/prefix").is_some();
            let matches = route.service.get("routes.0.matches").and_then(Value::as_array);
            if !matches.is_some_and(|matches| matches.iter().all(is_prefix)) {
                world.error(at, "`replacePrefixMatch` needs matches of the type `PathPrefix`");
            }
            let prefix = if prefix.is_empty() { "/" } else { prefix.as_str() };
            route.service.set("config.http.path.replacePrefix", prefix, at);
        }
        _ => world.error(at, "exactly one of `replaceFullPath` and `replacePrefixMatch` is needed"),
    }
}

fn request_redirect(world: &mut World<'_>, route: &mut Route<'_>, redirect: &RedirectFilter, at: &At) {
    let mut set = |field: &str, value: Value| route.service.set(&format!("config.http.response.redirect.{field}"), value, at);
    set("statusCode", redirect.status_code.unwrap_or(302).into());
    for (field, text) in [("scheme", &redirect.scheme), ("host", &redirect.hostname)] {
        if let Some(text) = text {
            set(field, text.as_str().into());
        }
    }
    if let Some(port) = redirect.port {
        set("port", port.into());
    }
    match redirect.path.as_ref().map(|path| (&path.replace_full_path, &path.replace_prefix_match)) {
        None => {}
        Some((Some(full), None)) => set("path", full.as_str().into()),
        Some((None, Some(prefix))) => set("prefix", if prefix.is_empty() { "/" } else { prefix.as_str() }.into()),
        Some(_) => world.error(&at.field("path"), "exactly one of `replaceFullPath` and `replacePrefixMatch` is needed"),
    }
}

/// Options that name this route, or this rule of it.
fn options<'a>(world: &mut World<'a>, route: &mut Route<'a>, name: &str, rule: Option<&str>) {
    for (at, document) in world.of_kind(Kind::RouteOption).collect::<Vec<_>>() {
        let Document::RouteOption(option) = document else { continue };
        let is_meant = option.spec.target_refs.iter().any(|target| {
            target.kind == Kind::HttpRoute.name()
                && target.name == name
                && (target.section_name.is_none() || target.section_name.as_deref() == rule)
        });
        if is_meant {
            route.options.push((&option.spec.options, at.field("spec.options")));
        }
    }
}

fn backends(world: &mut World<'_>, route: &mut Route<'_>, rule: &RouteRule, namespace: Option<&str>, host: Option<&(String, At)>, at: &At) {
    let refs = at.field("backendRefs");
    if rule.backend_refs.is_empty() {
        return world.error(at, "`backendRefs` says where the requests go");
    }
    let mut shares = Vec::new();
    for (index, backend) in rule.backend_refs.iter().enumerate() {
        match leads(world, backend, namespace, &refs.item(index)) {
            Some(leads) => shares.push(Share { leads, weight: backend.weight.unwrap_or(1) }),
            None => return,
        }
    }
    target::write(world, &mut route.service, shares, host.map(|(host, at)| (host.as_str(), at)), &refs);
}

fn leads(world: &mut World<'_>, backend: &BackendRef, namespace: Option<&str>, at: &At) -> Option<Leads> {
    let namespace = backend.namespace.as_deref().or(namespace);
    match (backend.group.as_str(), backend.kind.as_deref()) {
        ("gloo.solo.io", Some("Upstream")) => target::upstream(world, &backend.name, namespace, &at.field("name")),
        ("networking.gloo.solo.io", Some("ExternalService")) => {
            let port = backend.port.map(|number| PortRef { number: Some(number), name: None });
            target::external(world, &backend.name, namespace, port.as_ref(), at)
        }
        ("" | "core", None | Some("Service")) => {
            let found = Found::error(at, format!("`{}` is a Service of Kubernetes, which is known only inside its cluster", backend.name));
            world.tell(found.with_help("make an Upstream with its host as `static`, and write `group: gloo.solo.io` and `kind: Upstream`"));
            None
        }
        (group, kind) => {
            let kind = kind.unwrap_or("Service");
            let found = Found::error(at, format!("backends of the kind `{kind}` of `{group}` are not supported yet"));
            world.tell(found.with_help("write `group: gloo.solo.io` and `kind: Upstream`"));
            None
        }
    }
}
