use regorus::unstable::Import;

use super::{Checked, Checker};
use crate::expression::missing_key;
use crate::rego::Purpose;
use crate::rego::error::ModuleError;
use crate::rego::path::Path;

const INPUT: &str = "the input is `{ctx, attrs}`, with `attrs` in policies only";

impl<'m> Checker<'_, 'm> {
    /// Refuses a reference to what no request can ever have: it would be undefined for ever, and a rule that denies would silently
    /// allow.
    pub(super) fn reference(&self, path: &Path<'m>) -> Checked {
        let name = path.root.text();
        if self.locals.bound.contains(name) {
            return Ok(());
        }
        match name {
            "input" => input(path, self.purpose),
            "data" => self.data(path),
            _ => match self.outline.aliases.get(name).map(Vec::as_slice) {
                Some([target]) if target.root.text() == "input" && !self.outline.rules.contains_key(name) => {
                    let mut whole = target.clone();
                    whole.keys.extend_from_slice(&path.keys);
                    input(&whole, self.purpose)
                }
                _ => Ok(()),
            },
        }
    }

    fn data(&self, path: &Path<'m>) -> Checked {
        let is_known = self.outline.rule_in_data(path).is_some_and(|rule| self.outline.rules.contains_key(rule));
        let is_prefix =
            path.keys().zip(&self.outline.package).all(|(key, part)| key == *part) && path.keys.len() <= self.outline.package.len();
        if is_known || is_prefix {
            return Ok(());
        }
        let error = ModuleError::at(path.root, format!("there is no `{}`", path.dotted()));
        Err(error.with_help("a module sees its own rules and the input, and no other data"))
    }
}

/// What may be imported: the language's own keywords, and parts of the input under a shorter name.
pub(super) fn import(import: &Import, purpose: Purpose) -> Checked {
    match Path::of(&import.refr) {
        Some(path) if path.root.text() == "input" => input(&path, purpose),
        Some(path) if path.root.text() == "data" => {
            Err(ModuleError::at(path.root, "there is no data to import").with_help("a module sees its own rules and the input"))
        }
        _ => Ok(()),
    }
}

fn input(path: &Path<'_>, purpose: Purpose) -> Checked {
    let Some(((first, span), rest)) = path.keys.split_first() else { return Ok(()) };
    match *first {
        "ctx" => {}
        "attrs" if purpose == Purpose::Condition => return Ok(()),
        key => return Err(ModuleError::at(span, format!("`input` has no `{key}` here")).with_help(INPUT)),
    }
    let mut before = Vec::new();
    for (key, span) in rest {
        if let Some((message, help)) = missing_key(&before, key) {
            return Err(ModuleError::at(span, message).with_help(help));
        }
        before.push(*key);
    }
    Ok(())
}
