//! What a module may read of its input, derived from its text; never less than it does read. From it follows which parts of the
//! input are built, and whether the request's body is buffered and parsed at all.

use std::collections::BTreeMap;

use regorus::unstable::{Expr, Module};

use super::outline::{Locals, Outline, alias, other_name};
use super::path::{Path, literal};
use super::walk;
use crate::expression::Reads;
use crate::json::Projection;

/// What is wanted of `input`. In every doubt it is everything: a key that is computed, or a part that is passed on as a value.
pub(super) fn wanted<'m>(module: &'m Module, outline: &Outline<'m>, decision: &str) -> Projection {
    let mut reader = Reader { outline, locals: BTreeMap::new(), wanted: Projection::default() };
    for rule in &module.policy {
        reader.locals = Locals::of(rule).aliases;
        let is_alias = other_name(rule).is_some() && super::outline::name(rule).is_some_and(|name| name.root.text() != decision);
        walk::rule(rule, &mut |tree| {
            if let Some((_, path)) = alias(tree) {
                reader.exists(&path);
                return false;
            }
            let Some(path) = Path::of(tree) else { return reader.got(tree) };
            if is_alias {
                reader.exists(&path)
            } else {
                reader.read(&path, 0)
            }
            false
        });
    }
    reader.wanted
}

/// What that means for the request's body.
pub(super) fn of_request(wanted: &Projection) -> Reads {
    let ctx = wanted.member("ctx");
    let http = ctx.and_then(|ctx| ctx.member("request")).and_then(|request| request.member("http"));
    let member = |key: &str| http.and_then(|http| http.member(key));
    Reads {
        body: member("body").is_some(),
        body_map: member("bodyMap").cloned().unwrap_or_default(),
        size: member("size").is_some(),
        caller: ["user", "groups", "session"].into_iter().any(|key| ctx.and_then(|ctx| ctx.member(key)).is_some()),
    }
}

/// A key that nothing has: what wants it wants to know only whether there is something that could have it.
const NO_KEY: &str = "\0";

/// Names that stand for names that stand for names.
const MAX_HOPS: usize = 16;

struct Reader<'o, 'm> {
    outline: &'o Outline<'m>,
    locals: BTreeMap<&'m str, Vec<Path<'m>>>,
    wanted: Projection,
}

impl<'m> Reader<'_, 'm> {
    /// The value at the path is used.
    fn read(&mut self, path: &Path<'m>, hops: usize) {
        if hops > MAX_HOPS {
            self.wanted = Projection::whole();
            return;
        }
        let (name, keys) = match path.root.text() {
            "input" => return self.wanted.add(path.keys()),
            "data" => match self.outline.rule_in_data(path) {
                Some(rule) => (rule, path.keys.get(self.outline.package.len() + 1..).unwrap_or_default()),
                // The whole package as a value, and with it what its rules are other names for.
                None => return self.wanted = Projection::whole(),
            },
            name => (name, path.keys.as_slice()),
        };
        let locals = self.locals.get(name).into_iter().flatten();
        let targets: Vec<Path<'m>> = locals.chain(self.outline.aliases.get(name).into_iter().flatten()).cloned().collect();
        for mut target in targets {
            target.keys.extend_from_slice(keys);
            self.read(&target, hops + 1);
        }
    }

    /// It matters whether there is a value at the path.
    fn exists(&mut self, path: &Path<'m>) {
        let mut inside = path.clone();
        inside.keys.push((NO_KEY, path.root));
        self.read(&inside, 0);
    }

    /// `object.get(input.ctx.request.http.bodyMap, "model", "")`, which is how Rego reads a key with a default. Gives whether its
    /// parts have to be looked at.
    fn got(&mut self, tree: &'m Expr) -> bool {
        let Expr::Call { fcn, params, .. } = tree else { return true };
        let is_get = Path::of(fcn).is_some_and(|name| name.dotted() == "object.get" && !self.outline.rules.contains_key("object"));
        let [of, key, default] = params.as_slice() else { return true };
        let Some(mut path) = Path::of(of).filter(|_| is_get) else { return true };
        let keys = match &**key {
            Expr::Array { items, .. } => items.iter().map(|item| Some((literal(item)?, item.span()))).collect::<Option<Vec<_>>>(),
            key => literal(key).map(|text| vec![(text, key.span())]),
        };
        let Some(keys) = keys else { return true };
        path.keys.extend(keys);
        self.read(&path, 0);
        let mut inner = |tree| {
            let Some(path) = Path::of(tree) else { return self.got(tree) };
            self.read(&path, 0);
            false
        };
        walk::expression(default, &mut inner);
        false
    }
}
