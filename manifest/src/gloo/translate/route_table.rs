//! Routes of RouteTables, in the order in which they are looked at.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::matcher::{Match, PathKind};
use super::route::Route;
use super::settings;
use super::target::{self, Share};
use super::world::World;
use crate::gloo::document::{
    Delegate, Destination, DirectResponse, Document, Envelope, ForwardTo, LabelRef, Matcher, RedirectTo, RouteTable, SortMethod, TableRoute,
};
use crate::gloo::{At, Found, Kind};

/// Tables that a request passes through at most, from one to the next.
const MAX_DEPTH: usize = 16;
/// Routes that are looked at. Those of tables that several others delegate to multiply.
const MAX_ROUTES: usize = 20_000;

/// All routes of all tables that have hosts, numbered.
pub fn routes<'a>(world: &mut World<'a>) -> Vec<Route<'a>> {
    let tables = tables(world);
    let mut walk = Walk { tables: &tables, delegated: BTreeSet::new(), routes: Vec::new(), order: 0, visits: 0 };
    for table in tables.iter().filter(|table| !table.document.spec.hosts.is_empty()) {
        walk.table(world, table, &Parent::of_host(table), &mut vec![table.at.document]);
    }
    let (delegated, routes) = (walk.delegated, walk.routes);
    for table in tables.iter().filter(|table| table.document.spec.hosts.is_empty() && !delegated.contains(&table.at.document)) {
        let help = "name its `hosts`, such as `'*'`";
        world.tell(
            Found::warning(&table.at.field("spec"), "no hosts, and no table delegates to this one: it serves nothing").with_help(help),
        );
    }
    routes
}

#[derive(Clone)]
struct Table<'a> {
    at: At,
    document: &'a Envelope<RouteTable>,
}

/// What a route has from the table that delegated to it.
#[derive(Clone)]
struct Parent {
    hosts: Vec<String>,
    hosts_at: At,
    matches: Vec<Match>,
    labels: BTreeMap<String, String>,
}

impl Parent {
    fn of_host(table: &Table<'_>) -> Self {
        let hosts = table.document.spec.hosts.clone();
        Self { hosts, hosts_at: table.at.field("spec.hosts"), matches: Vec::new(), labels: BTreeMap::new() }
    }
}

struct Walk<'t, 'a> {
    tables: &'t [Table<'a>],
    delegated: BTreeSet<usize>,
    routes: Vec<Route<'a>>,
    order: i32,
    /// Routes that were looked at, also those that delegate or that no request reaches.
    visits: usize,
}

impl<'a> Walk<'_, 'a> {
    fn table(&mut self, world: &mut World<'a>, table: &Table<'a>, parent: &Parent, path: &mut Vec<usize>) {
        for index in 0..table.document.spec.http.len() {
            self.route(world, table, index, parent, path);
        }
    }

    fn route(&mut self, world: &mut World<'a>, table: &Table<'a>, index: usize, parent: &Parent, path: &mut Vec<usize>) {
        let Some(route) = table.document.spec.http.get(index) else { return };
        let at = table.at.field("spec.http").item(index);
        self.visits = self.visits.saturating_add(1);
        if self.visits > MAX_ROUTES {
            if self.visits == MAX_ROUTES + 1 {
                let found = Found::error(&at, format!("there are more than {MAX_ROUTES} routes"));
                world.tell(found.with_help("a table counts once for each way that delegation leads to it"));
            }
            return;
        }
        let Some(matches) = matches(world, route, parent, &at) else { return };
        let mut labels = parent.labels.clone();
        labels.extend(route.labels.clone());
        let actions = [route.forward_to.is_some(), route.redirect_to.is_some(), route.direct_response.is_some(), route.delegate.is_some()];
        if actions.iter().filter(|is_set| **is_set).count() != 1 {
            return world.error(&at, "a route has exactly one of `forwardTo`, `redirectTo`, `directResponse` and `delegate`");
        }
        if let Some(delegate) = &route.delegate {
            let parent = Parent { matches, labels, ..parent.clone() };
            return self.delegate(world, delegate, &table.document.metadata.namespace, &parent, &at.field("delegate"), path);
        }
        self.order = self.order.saturating_add(1);
        let name = route.name.clone().unwrap_or_else(|| (index + 1).to_string());
        let wanted = format!("{}-{name}", table.document.metadata.name);
        let mut service = settings::service(world, &wanted, &table.document.metadata, &at);
        let rewrites = route.forward_to.as_ref().is_some_and(|forward| forward.path_rewrite.is_some());
        service.push("routes", json!({ "name": name, "order": self.order }), &at);
        service.set_item("routes", 0, "hosts", parent.hosts.clone().into(), &parent.hosts_at);
        let is_any = matches.iter().all(|one| one.to_json(rewrites) == json!({}));
        if !is_any {
            let list: Vec<Value> = matches.iter().map(|one| one.to_json(rewrites)).collect();
            service.set_item("routes", 0, "matches", list.into(), &at.field("matchers"));
            for (index, one) in matches.iter().enumerate() {
                service.comes_from(&format!("spec.routes[0].matches[{index}]"), &one.at);
            }
        }
        let options = route.options.iter().map(|options| (options, at.field("options"))).collect();
        let mut made = Route { service, at: at.clone(), labels, options };
        match (&route.forward_to, &route.redirect_to, &route.direct_response) {
            (Some(forward), ..) => forward_to(world, &mut made, forward, table, &at.field("forwardTo")),
            (_, Some(redirect), _) => redirect_to(world, &mut made, redirect, &at.field("redirectTo")),
            (.., Some(answer)) => direct_response(&mut made, answer, &at.field("directResponse")),
            _ => {}
        }
        self.routes.push(made);
    }

    fn delegate(
        &mut self,
        world: &mut World<'a>,
        delegate: &Delegate,
        namespace: &Option<String>,
        parent: &Parent,
        at: &At,
        path: &mut Vec<usize>,
    ) {
        let mut chosen: Vec<Table<'a>> = Vec::new();
        for (index, reference) in delegate.route_tables.iter().enumerate() {
            let at = at.field("routeTables").item(index);
            let found = self.selected(world, reference, namespace.as_deref(), &at);
            chosen.extend(found.into_iter().filter(|table| !chosen.iter().any(|other| other.at == table.at)).collect::<Vec<_>>());
        }
        chosen.sort_by_key(|table| table.document.spec.weight);
        self.delegated.extend(chosen.iter().map(|table| table.at.document));
        if path.len() >= MAX_DEPTH {
            return world.error(at, format!("more than {MAX_DEPTH} tables delegate to each other in a row"));
        }
        for (table, index) in in_order(&chosen, delegate.sort_method) {
            if path.contains(&table.at.document) {
                let message = format!("a circle: the table `{}` is delegated to from itself", table.document.metadata.name);
                world.error(&table.at.field("metadata.name"), message);
                continue;
            }
            path.push(table.at.document);
            self.route(world, &table, index, parent, path);
            path.pop();
        }
    }

    fn selected(&self, world: &mut World<'a>, reference: &LabelRef, namespace: Option<&str>, at: &At) -> Vec<Table<'a>> {
        if let Some(name) = &reference.name {
            let found = world.follow(Kind::RouteTable, name, reference.namespace.as_deref().or(namespace), &at.field("name"));
            return found.and_then(|(at, document)| table(at, document)).into_iter().collect();
        }
        let has_all = |table: &&Table<'a>| {
            let metadata = &table.document.metadata;
            let is_of_namespace = reference.namespace.is_none() || reference.namespace == metadata.namespace;
            is_of_namespace && reference.labels.iter().all(|(key, value)| metadata.labels.get(key) == Some(value))
        };
        let found: Vec<_> = self.tables.iter().filter(has_all).cloned().collect();
        if found.is_empty() || reference.labels.is_empty() {
            world.error(at, "no RouteTable has these labels");
        }
        found
    }
}

fn tables<'a>(world: &World<'a>) -> Vec<Table<'a>> {
    let mut tables: Vec<_> = world.of_kind(Kind::RouteTable).filter_map(|(at, document)| table(at, document)).collect();
    tables.sort_by_key(|table| table.document.spec.weight);
    tables
}

fn table(at: At, document: &Document) -> Option<Table<'_>> {
    match document {
        Document::RouteTable(document) => Some(Table { at, document }),
        _ => None,
    }
}

/// The routes of tables that are sorted by weight. Those of tables with one weight are sorted among each other: more methods first,
/// then by the kind of their path, then the greater path, so that `/foo/bar` comes before `/foo`.
fn in_order<'a>(tables: &[Table<'a>], method: Option<SortMethod>) -> Vec<(Table<'a>, usize)> {
    let mut ordered = Vec::new();
    let of_one_weight = |a: &Table<'_>, b: &Table<'_>| match method {
        Some(SortMethod::TableWeight) => false,
        Some(SortMethod::RouteSpecificity) => true,
        None => a.document.spec.weight == b.document.spec.weight,
    };
    for group in tables.chunk_by(of_one_weight) {
        let mut routes: Vec<_> =
            group.iter().flat_map(|table| (0..table.document.spec.http.len()).map(move |index| (table.clone(), index))).collect();
        if group.len() > 1 {
            routes.sort_by_key(|(table, index)| table.document.spec.http.get(*index).map(specificity));
        }
        ordered.extend(routes);
    }
    ordered
}

type Specificity = (std::cmp::Reverse<usize>, u8, std::cmp::Reverse<String>);

fn specificity(route: &TableRoute) -> Option<Specificity> {
    let of_matcher = |matcher: &Matcher| {
        let uri = matcher.uri.clone().unwrap_or_default();
        let paths = [
            (1, uri.exact.or(matcher.exact.clone())),
            (2, uri.regex.or(matcher.regex.clone())),
            (3, uri.prefix.or(matcher.prefix.clone())),
        ];
        let (rank, path) = paths.into_iter().find_map(|(rank, path)| Some((rank, path?))).unwrap_or_default();
        (std::cmp::Reverse(matcher.methods.len() + usize::from(matcher.method.is_some())), rank, std::cmp::Reverse(path))
    };
    route.matchers.iter().map(of_matcher).min()
}

/// What requests the route is for; nothing when no request can reach it, which is told.
fn matches(world: &mut World<'_>, route: &TableRoute, parent: &Parent, at: &At) -> Option<Vec<Match>> {
    let matchers = at.field("matchers");
    let own: Vec<Match> =
        route.matchers.iter().enumerate().map(|(index, matcher)| Match::of_table(matcher, &matchers.item(index), world)).collect();
    if route.delegate.is_some()
        && let Some(exact) = own.iter().find(|one| one.path.as_ref().is_some_and(|path| path.kind != PathKind::Prefix))
    {
        world.error(&exact.at, "a route that delegates has a `prefix`");
        return None;
    }
    if parent.matches.is_empty() {
        return Some(own);
    }
    if own.is_empty() {
        return Some(parent.matches.iter().map(|one| Match { at: at.clone(), ..one.clone() }).collect());
    }
    let joined: Vec<Match> = parent.matches.iter().flat_map(|parent| own.iter().filter_map(|own| parent.with_child(own))).collect();
    if joined.is_empty() {
        world.error(&matchers, "no request comes here: this is outside of what the route that delegates is for");
        return None;
    }
    Some(joined)
}

fn forward_to<'a>(world: &mut World<'a>, route: &mut Route<'a>, forward: &ForwardTo, table: &Table<'_>, at: &At) {
    match (&forward.path_rewrite, &forward.regex_rewrite) {
        (Some(_), Some(_)) => world.error(at, "at most one of `pathRewrite` and `regexRewrite` is needed"),
        (Some(path), None) => route.service.set("config.http.path.replacePrefix", path.as_str(), &at.field("pathRewrite")),
        (None, Some(rewrite)) => {
            let regex = json!({ "pattern": rewrite.pattern.regex, "substitution": rewrite.substitution });
            route.service.set("config.http.path.regex", regex, &at.field("regexRewrite"));
        }
        (None, None) => {}
    }
    if let Some(text) = &forward.timeout {
        settings::timeout(world, &mut route.service, text, &at.field("timeout"));
    }
    if let Some(retries) = &forward.retries {
        settings::retries(world, &mut route.service, retries, &at.field("retries"));
    }
    let destinations = at.field("destinations");
    if forward.destinations.is_empty() {
        return world.error(at, "`destinations` says where the requests go");
    }
    let namespace = table.document.metadata.namespace.as_deref();
    let mut shares = Vec::new();
    let mut is_whole = true;
    for (index, destination) in forward.destinations.iter().enumerate() {
        match share(world, destination, namespace, &destinations.item(index)) {
            Some(share) => shares.push(share),
            None => is_whole = false,
        }
    }
    if forward.auto_host_rewrite && forward.host_rewrite.is_some() {
        world.error(&at.field("autoHostRewrite"), "at most one of `hostRewrite` and `autoHostRewrite` is needed");
    }
    let rewrite_at = at.field("hostRewrite");
    if is_whole {
        let host = forward.host_rewrite.as_deref().map(|host| (host, &rewrite_at));
        target::write(world, &mut route.service, shares, host, &destinations);
    }
}

fn share(world: &mut World<'_>, destination: &Destination, namespace: Option<&str>, at: &At) -> Option<Share> {
    let name = &destination.reference.name;
    let namespace = destination.reference.namespace.as_deref().or(namespace);
    let leads = match destination.kind.as_deref() {
        Some("EXTERNAL_SERVICE") => target::external(world, name, namespace, destination.port.as_ref(), at),
        Some("UPSTREAM") => target::upstream(world, name, namespace, &at.field("ref.name")),
        None | Some("SERVICE") => {
            let help = "make an ExternalService with its host, and write `kind: EXTERNAL_SERVICE`";
            let found = Found::error(at, format!("`{name}` is a Service of Kubernetes, which is known only inside its cluster"));
            world.tell(found.with_help(help));
            None
        }
        Some(kind) => {
            let found = Found::error(&at.field("kind"), format!("destinations of the kind `{kind}` are not supported yet"));
            world.tell(found.with_help("the kinds are `EXTERNAL_SERVICE` and `UPSTREAM`"));
            None
        }
    }?;
    Some(Share { leads, weight: destination.weight.unwrap_or(1) })
}

fn redirect_to(world: &mut World<'_>, route: &mut Route<'_>, redirect: &RedirectTo, at: &At) {
    let mut set = |field: &str, value: Value| route.service.set(&format!("config.http.response.redirect.{field}"), value, at);
    let scheme = redirect.scheme_redirect.clone().or_else(|| redirect.https_redirect.then(|| "https".to_owned()));
    let texts = [
        ("scheme", scheme),
        ("host", redirect.host_redirect.clone()),
        ("path", redirect.path_redirect.clone()),
        ("prefix", redirect.prefix_rewrite.clone()),
    ];
    for (field, text) in texts {
        if let Some(text) = text {
            set(field, text.into());
        }
    }
    if let Some(port) = redirect.port_redirect {
        set("port", port.into());
    }
    if redirect.strip_query {
        set("stripQuery", true.into());
    }
    match status(redirect.response_code.as_ref()) {
        Some(code) => set("statusCode", code.into()),
        None => world.error(&at.field("responseCode"), "a redirect is 301, 302, 303, 307 or 308"),
    }
}

/// A status by its number, or by Envoy's name for it; 301 by default.
fn status(code: Option<&Value>) -> Option<u64> {
    match code {
        None => Some(301),
        Some(Value::Number(number)) => number.as_u64().filter(|code| [301, 302, 303, 307, 308].contains(code)),
        Some(Value::String(name)) => match name.as_str() {
            "MOVED_PERMANENTLY" => Some(301),
            "FOUND" => Some(302),
            "SEE_OTHER" => Some(303),
            "TEMPORARY_REDIRECT" => Some(307),
            "PERMANENT_REDIRECT" => Some(308),
            _ => None,
        },
        Some(_) => None,
    }
}

fn direct_response(route: &mut Route<'_>, answer: &DirectResponse, at: &At) {
    route.service.set("config.http.response.direct.statusCode", answer.status, at);
    route.service.set("config.http.response.direct.inline", answer.body.clone().unwrap_or_default(), at);
    route.service.set("config.http.response.direct.contentType", "text/plain", at);
}
