//! What a configuration does to requests and responses on their way: one folder a kind.
//!
//! Inside a phase plugins run by kind, in the order of [`Kind`], and plugins of one kind in the order of the list. They all see the
//! `ctx` that their phase began with.

mod cache;
mod call;
mod compile;
mod concurrency_limit;
mod content;
mod direct;
mod draft;
mod ext_proc;
mod hook;
mod json_schema;
mod limiter;
#[cfg(feature = "lua")]
pub mod lua;
mod path;
mod rate_limit;
mod refusal;
#[cfg(feature = "templates")]
mod transform;

use std::fmt;

use http::Response;

pub use call::{Call, Principal, Revision, Scope};
pub use draft::Draft;
pub use ext_proc::{HttpProcessor, origin as processor_origin};
pub use hook::{Hooks, ResponseHook};

use crate::body::BodyNeeds;
use crate::condition::Condition;
use crate::error::{ErrorKind, GatewayError};
use crate::explain::{PluginEnd, Step};
use crate::platform::{Body, LocalBoxFuture};

/// One plugin, compiled.
#[derive(Debug)]
pub struct Plugin {
    /// Unique in its configuration.
    pub name: String,
    pub kind: Kind,
    pub condition: Condition,
    pub action: Box<dyn Action>,
}

/// What plugins do, in the order in which they do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Path,
    RateLimit,
    ConcurrencyLimit,
    JsonSchema,
    Direct,
    Cache,
    Lua,
    Transform,
    ExtProc,
}

impl Kind {
    /// The key in a configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::RateLimit => "rateLimit",
            Self::ConcurrencyLimit => "concurrencyLimit",
            Self::JsonSchema => "jsonSchema",
            Self::Direct => "direct",
            Self::Cache => "cache",
            Self::Lua => "lua",
            Self::Transform => "transform",
            Self::ExtProc => "extProc",
        }
    }
}

/// The behaviour of one plugin.
pub trait Action: fmt::Debug {
    /// Works on the request before it is sent on.
    ///
    /// # Errors
    /// What ends the request. A plugin that cannot do its work refuses: it may have been the one that protects.
    fn on_request<'a>(&'a self, call: &'a Call<'a>, draft: &'a mut Draft) -> LocalBoxFuture<'a, Result<Flow, GatewayError>>;

    /// What of the body has to be there before its phase begins. A plugin that may need the body reads it with
    /// [`Draft::read_body`] instead, so that only requests pay for which it runs.
    fn needs(&self) -> BodyNeeds {
        BodyNeeds::default()
    }
}

/// How a request goes on after a plugin.
pub enum Flow {
    Continue,
    /// And the plugin wants to see the response.
    Watch(Box<dyn ResponseHook>),
    /// The plugin answers; no later plugin and no upstream sees the request.
    Answer(Response<Body>),
}

/// The plugins of a configuration, by phase.
#[derive(Debug, Default)]
pub struct Plugins {
    /// Before authentication. Only those of a Service's default configuration run, as no other is chosen yet.
    pub pre_auth: Vec<Plugin>,
    /// After the configuration has been chosen.
    pub post_auth: Vec<Plugin>,
}

/// Runs the plugins of one phase. Returns an answer if one of them gives it.
///
/// # Errors
/// 500 when a condition fails, and what plugins end a request with.
pub async fn run(
    plugins: &[Plugin],
    call: &mut Call<'_>,
    draft: &mut Draft,
    hooks: &mut Hooks,
) -> Result<Option<Response<Body>>, GatewayError> {
    for plugin in plugins {
        call.context.tell(|| Step::Plugin {
            name: &plugin.name,
            kind: plugin.kind.as_str(),
            is_before_authentication: call.is_before_authentication,
        });
        let applies = plugin.condition.applies(call.context, None, call.now);
        if !applies.map_err(|failure| {
            GatewayError::new(ErrorKind::Evaluation, format!("the condition of the plugin {:?} failed: {failure}", plugin.name))
        })? {
            call.context.tell(|| Step::PluginEnded(PluginEnd::Skipped));
            continue;
        }
        call.scope.plugin = plugin.name.clone();
        match plugin.action.on_request(call, draft).await? {
            Flow::Continue => {}
            Flow::Watch(hook) => hooks.add(plugin.kind, hook),
            Flow::Answer(response) => {
                call.context.tell(|| Step::PluginEnded(PluginEnd::Answered));
                return Ok(Some(response));
            }
        }
        call.context.tell(|| Step::PluginEnded(PluginEnd::Ran));
    }
    Ok(None)
}
