//! `path`: cuts a prefix from the path and puts another before it, for the plugins that come later and for the upstream.

use super::{Action, Call, Draft, Flow};
use crate::error::GatewayError;
use crate::platform::LocalBoxFuture;
use crate::problem::Problems;
use crate::resource::service::PathRules;
use crate::upstream::PathChange;

#[derive(Debug)]
pub struct ChangePath(PathChange);

impl ChangePath {
    /// Compiles; every problem is reported at its place.
    pub fn compile(source: &PathRules, problems: &mut Problems) -> Self {
        if source.replace_prefix.is_some() {
            problems.at("replacePrefix", |p| p.error_with_help("a plugin knows of no route", "use `http.path`, or `replaceFullPath`"));
        }
        Self(PathChange::compile(source, problems))
    }
}

impl Action for ChangePath {
    fn on_request<'a>(&'a self, _: &'a Call<'a>, draft: &'a mut Draft) -> LocalBoxFuture<'a, Result<Flow, GatewayError>> {
        Box::pin(async move {
            draft.path = self.0.apply(&draft.path, None)?;
            Ok(Flow::Continue)
        })
    }
}
