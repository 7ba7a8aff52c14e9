//! `http.path`: the path that goes on.

mod substitution;
#[cfg(test)]
mod tests;

use crate::check::{at_most, exactly_one};
use crate::error::{ErrorKind, GatewayError};
use crate::feature::Feature;
use crate::problem::Problems;
use crate::receive::{CleanPath, PathRefusal};
use crate::resource::service::{PathRegex, PathRules};
use crate::route::Prefix;
use substitution::Substitution;

/// What becomes of a path.
#[derive(Debug)]
pub enum PathChange {
    /// `removePrefix` and `addPrefix`, in this order.
    Rebased { remove: Option<String>, add: Option<String> },
    /// `replacePrefix`.
    Prefix(NewPrefix),
    /// `replaceFullPath`.
    Whole(CleanPath),
    /// `regex`.
    Regex(Box<Substitution>),
}

/// What takes the place of the prefix by which a route was chosen.
#[derive(Debug)]
pub struct NewPrefix(String);

/// Bytes of a prefix or path.
const MAX_PREFIX: usize = 512;

impl PathChange {
    /// Compiles; every problem is reported at its place.
    pub fn compile(source: &PathRules, problems: &mut Problems) -> Self {
        let rebases = source.remove_prefix.is_some() || source.add_prefix.is_some();
        let arms = [
            ("removePrefix` with `addPrefix", rebases),
            ("replacePrefix", source.replace_prefix.is_some()),
            ("replaceFullPath", source.replace_full_path.is_some()),
            ("regex", source.regex.is_some()),
        ];
        if arms.iter().any(|(_, set)| *set) {
            exactly_one(problems, &arms);
        }
        let prefix = source.replace_prefix.as_ref().map(|text| NewPrefix::compile("replacePrefix", text, problems).map(Self::Prefix));
        let whole = source.replace_full_path.as_ref().map(|text| compile_path("replaceFullPath", text, problems).map(Self::Whole));
        let regex = source
            .regex
            .as_ref()
            .map(|regex| problems.at("regex", |problems| compile_regex(regex, problems)).map(|it| Self::Regex(Box::new(it))));
        let rebased = compile_rebased(source, problems);
        prefix.or(whole).or(regex).flatten().unwrap_or(rebased)
    }

    /// The new path; `prefix` is what of it the request's route was chosen by.
    ///
    /// # Errors
    /// 400 when the result would leave the prefix that was added, begin with two slashes, or hold dot segments.
    pub fn apply(&self, path: &CleanPath, prefix: Option<&Prefix>) -> Result<CleanPath, GatewayError> {
        match self {
            Self::Rebased { remove, add } => path.rebased(remove.as_deref(), add.as_deref()),
            Self::Prefix(new) => new.apply(path, prefix),
            Self::Whole(path) => Ok(path.clone()),
            Self::Regex(substitution) => {
                if const { Feature::Routing.is_built() } {
                    substitution.apply(path)
                } else {
                    Ok(path.clone())
                }
            }
        }
        .map_err(refused)
    }
}

impl Default for PathChange {
    fn default() -> Self {
        Self::Rebased { remove: None, add: None }
    }
}

impl NewPrefix {
    /// Compiles; problems are reported at the field.
    pub fn compile(field: &str, text: &str, problems: &mut Problems) -> Option<Self> {
        if text.is_empty() {
            return Some(Self(String::new()));
        }
        compile_path(field, text, problems).map(|path| Self(path.as_str().to_owned()))
    }

    /// The path with it in the place of the prefix, or of the whole path without one. A path that no longer starts with the prefix, as a
    /// plugin made another of it, stays.
    ///
    /// # Errors
    /// When the result would begin with two slashes or hold dot segments.
    pub fn apply(&self, path: &CleanPath, prefix: Option<&Prefix>) -> Result<CleanPath, PathRefusal> {
        let rest = match prefix.map(|prefix| prefix.rest(path)) {
            None | Some(Some("")) => return CleanPath::rewritten(if self.0.is_empty() { "/" } else { &self.0 }),
            Some(Some(rest)) => rest,
            Some(None) => return Ok(path.clone()),
        };
        CleanPath::rewritten(&format!("{}{rest}", self.0.trim_end_matches('/')))
    }
}

fn compile_regex(source: &PathRegex, problems: &mut Problems) -> Option<Substitution> {
    if const { Feature::Routing.is_built() } { Substitution::compile(source, problems) } else { Feature::Routing.refuse(problems) }
}

/// A path that is the same for every request.
pub fn compile_path(field: &str, text: &str, problems: &mut Problems) -> Option<CleanPath> {
    at_most(problems, field, text.len(), MAX_PREFIX, "bytes");
    problems.at(field, |problems| {
        if !check_prefix(text, problems) {
            return None;
        }
        if !text.is_ascii() {
            problems.error_with_help(format!("`{text}` has characters beyond ASCII"), "percent-encode them, as in `%C3%BC`");
        }
        CleanPath::rewritten(text).map_err(|refusal| problems.error(refusal.to_string())).ok()
    })
}

/// A path that rules would make and nobody should be sent.
pub fn refused(why: PathRefusal) -> GatewayError {
    GatewayError::new(ErrorKind::BadRequest, "the path would leave its prefix").saying(why.to_string())
}

fn compile_rebased(source: &PathRules, problems: &mut Problems) -> PathChange {
    for (field, prefix) in [("removePrefix", &source.remove_prefix), ("addPrefix", &source.add_prefix)] {
        let Some(prefix) = prefix.as_deref().filter(|prefix| !prefix.is_empty()) else { continue };
        at_most(problems, field, prefix.len(), MAX_PREFIX, "bytes");
        problems.at(field, |problems| check_prefix(prefix, problems));
    }
    // What is added becomes the path of every request, so it has to be one that no server reads in another way.
    if let Some(Err(refusal)) = source.add_prefix.as_deref().filter(|prefix| prefix.starts_with('/')).map(CleanPath::new) {
        problems.at("addPrefix", |problems| problems.error(refusal.to_string()));
    }
    let given = |prefix: &Option<String>| prefix.clone().filter(|prefix| !prefix.is_empty());
    PathChange::Rebased { remove: given(&source.remove_prefix), add: given(&source.add_prefix) }
}

fn check_prefix(prefix: &str, problems: &mut Problems) -> bool {
    if !prefix.starts_with('/') {
        problems.error_with_help(format!("`{prefix}` is not the start of a path"), format!("write `/{prefix}`"));
    } else if prefix.contains(['?', '#', '\\']) || prefix.chars().any(|c| c.is_control() || c == ' ') {
        problems.error(format!("{prefix:?} has a character that a path cannot have"));
    } else if prefix.split('/').any(|segment| segment == "." || segment == "..") {
        problems.error(format!("`{prefix}` has a `.` or `..` in it"));
    } else {
        return true;
    }
    false
}
