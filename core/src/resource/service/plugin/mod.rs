//! What else may be done to requests and responses.

mod cache;
mod concurrency_limit;
mod direct;
mod ext_proc;
mod rate_limit;
mod transform;

use serde::{Deserialize, Serialize};

pub use cache::{CacheKey, CachePlugin};
pub use concurrency_limit::ConcurrencyLimitPlugin;
pub use direct::{DirectPlugin, InlineBody, JsonSchemaPlugin, KeyValue};
pub use ext_proc::{BodySendMode, ExtProcContainer, ExtProcPlugin, ExtProcProtocol, HeaderSendMode, ProcessingMode};
pub use rate_limit::{RateLimitKey, RateLimitPlugin, StoreFailure};
pub use transform::{
    AppendHeader, EscapeMode, ExtractMode, Extractor, MergeJsonKeys, MergedKey, ParseBodyBehavior, QueryTransformation, TemplateText,
    TransformPlugin, Transformation,
};

use super::PathRules;
use crate::resource::wire_enum::wire_enum;
use crate::resource::{Condition, is_default};

/// One thing to do when a condition applies: exactly one of `lua`, `direct`, `path`, `rateLimit`, `concurrencyLimit`, `cache`, `jsonSchema`,
/// `transform` and `extProc`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Plugin {
    /// Unique among the plugins of the configuration.
    pub name: String,
    /// A disabled plugin is skipped.
    #[serde(default, skip_serializing_if = "is_default")]
    pub is_disabled: bool,
    /// Before or after authentication. A `PRE_AUTH` plugin is read from the default configuration only, and its condition sees only
    /// `ctx.request` and `ctx.service`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub phase: Phase,
    /// When it runs. Default: always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
    /// A script.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::feature::part::lua")]
    pub lua: Option<LuaPlugin>,
    /// An answer without the upstream.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direct: Option<DirectPlugin>,
    /// Changes to the path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<PathRules>,
    /// A bound on how often callers may ask.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::feature::part::rate_limit")]
    pub rate_limit: Option<RateLimitPlugin>,
    /// A bound on how many requests of a caller are under way at once.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::feature::part::rate_limit")]
    pub concurrency_limit: Option<ConcurrencyLimitPlugin>,
    /// Answers from memory.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::feature::part::cache")]
    pub cache: Option<CachePlugin>,
    /// What the body must conform to.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::feature::part::json_schema")]
    pub json_schema: Option<JsonSchemaPlugin>,
    /// Changes by templates.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::feature::part::templates")]
    pub transform: Option<TransformPlugin>,
    /// A program of your own that sees and changes requests and responses.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::feature::part::ext_proc")]
    pub ext_proc: Option<ExtProcPlugin>,
}

wire_enum! {
    /// When a plugin runs.
    pub enum Phase (default PhaseUnset) {
        /// As `POST_AUTH`.
        PhaseUnset = 0 "PHASE_UNSET",
        /// Before authentication.
        PreAuth = 1 "PRE_AUTH",
        /// After authorization.
        PostAuth = 2 "POST_AUTH",
    }
}

/// A Lua 5.1 script with `onRequest(ctx)`, `onResponse(ctx)` or both.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LuaPlugin {
    /// The script, at most 20,000 bytes.
    pub inline: String,
}
