use crate::check::at_most;
use crate::error::{ErrorKind, GatewayError};
use crate::problem::Problems;
use crate::receive::CleanPath;
use crate::resource::service::PathRules;

/// `removePrefix` and `addPrefix`, in this order.
#[derive(Debug, Default)]
pub struct PathChange {
    remove: Option<String>,
    add: Option<String>,
}

/// Bytes of a prefix.
const MAX_PREFIX: usize = 512;

impl PathChange {
    /// Compiles; every problem is reported at its place.
    pub fn compile(source: &PathRules, problems: &mut Problems) -> Self {
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
        Self { remove: given(&source.remove_prefix), add: given(&source.add_prefix) }
    }

    /// The path with the prefix cut, where it starts so, and the other one put before it.
    ///
    /// # Errors
    /// 400 when the result would leave the prefix that was added.
    pub fn apply(&self, path: &CleanPath) -> Result<CleanPath, GatewayError> {
        path.rebased(self.remove.as_deref(), self.add.as_deref())
            .map_err(|why| GatewayError::new(ErrorKind::BadRequest, "the path would leave its prefix").saying(why.to_string()))
    }
}

fn check_prefix(prefix: &str, problems: &mut Problems) {
    if !prefix.starts_with('/') {
        problems.error_with_help(format!("`{prefix}` is not the start of a path"), format!("write `/{prefix}`"));
    } else if prefix.contains(['?', '#', '\\']) || prefix.chars().any(|c| c.is_control() || c == ' ') {
        problems.error(format!("{prefix:?} has a character that a path cannot have"));
    } else if prefix.split('/').any(|segment| segment == "." || segment == "..") {
        problems.error(format!("`{prefix}` has a `.` or `..` in it"));
    }
}
