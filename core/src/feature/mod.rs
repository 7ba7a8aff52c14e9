//! Parts of the gateway that a build carries only when its configuration uses them, as each takes a share of a Worker's size.

pub(crate) mod part;
#[cfg(test)]
mod tests;
mod used;

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::problem::Problems;

/// A part, by the name of its cargo feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Feature {
    /// What providers of language models expect.
    AiProviders,
    /// Ways for callers to prove who they are besides the gateway's own tokens.
    Authentication,
    /// Answers that are kept.
    Cache,
    /// Upstreams in containers.
    Containers,
    /// Functions of expressions beyond comparing, counting and looking for text.
    ExpressionLibrary,
    /// External processors.
    ExtProc,
    /// JSON Schemas, of plugins and of `body.validation`.
    JsonSchema,
    /// JSON Web Tokens of other issuers.
    Jwt,
    /// Scripts.
    Lua,
    /// Copies of requests.
    Mirrors,
    /// Configurations that rules of `dynamicConfig` make.
    MadeConfigs,
    /// Tokens of upstreams' own token endpoints.
    Oauth2Client,
    /// Telemetry by OTLP.
    Otlp,
    /// Pools of configurations, for failover.
    Pools,
    /// Rate limits.
    RateLimit,
    /// Rego, in conditions and in `dynamicConfig`.
    Rego,
    /// Routes, and paths that are rewritten by regular expressions.
    Routing,
    /// Signatures for AWS.
    #[serde(rename = "sigv4")]
    SigV4,
    /// Templates, of `transform` plugins.
    Templates,
}

/// A set of parts.
pub type Features = BTreeSet<Feature>;

impl Feature {
    pub const ALL: [Self; 19] = [
        Self::AiProviders,
        Self::Authentication,
        Self::Cache,
        Self::Containers,
        Self::ExpressionLibrary,
        Self::ExtProc,
        Self::JsonSchema,
        Self::Jwt,
        Self::Lua,
        Self::MadeConfigs,
        Self::Mirrors,
        Self::Oauth2Client,
        Self::Otlp,
        Self::Pools,
        Self::RateLimit,
        Self::Rego,
        Self::Routing,
        Self::SigV4,
        Self::Templates,
    ];

    /// The cargo feature, as in `--features lua`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AiProviders => "ai-providers",
            Self::Authentication => "authentication",
            Self::Cache => "cache",
            Self::Containers => "containers",
            Self::ExpressionLibrary => "expression-library",
            Self::ExtProc => "ext-proc",
            Self::JsonSchema => "json-schema",
            Self::Jwt => "jwt",
            Self::Lua => "lua",
            Self::MadeConfigs => "made-configs",
            Self::Mirrors => "mirrors",
            Self::Oauth2Client => "oauth2-client",
            Self::Otlp => "otlp",
            Self::Pools => "pools",
            Self::RateLimit => "rate-limit",
            Self::Rego => "rego",
            Self::Routing => "routing",
            Self::SigV4 => "sigv4",
            Self::Templates => "templates",
        }
    }

    /// By the name of its cargo feature.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|feature| feature.as_str() == name)
    }

    /// Reports that this build lacks it. What needs the part stands in the other branch of `if const { Feature::X.is_built() }`, which
    /// is not even compiled where that is false.
    pub fn refuse<T>(self, problems: &mut Problems) -> Option<T> {
        problems.error(self.refusal());
        None
    }

    /// For a configuration that needs it where the build has none.
    pub fn refusal(self) -> String {
        format!("this build has no {self}: build it with the feature `{}`", self.as_str())
    }

    /// Whether this build carries it.
    pub const fn is_built(self) -> bool {
        match self {
            Self::AiProviders => cfg!(feature = "ai-providers"),
            Self::Authentication => cfg!(feature = "authentication"),
            Self::Cache => cfg!(feature = "cache"),
            Self::Containers => cfg!(feature = "containers"),
            Self::ExpressionLibrary => cfg!(feature = "expression-library"),
            Self::ExtProc => cfg!(feature = "ext-proc"),
            Self::JsonSchema => cfg!(feature = "json-schema"),
            Self::Jwt => cfg!(feature = "jwt"),
            Self::Lua => cfg!(feature = "lua"),
            Self::MadeConfigs => cfg!(feature = "made-configs"),
            Self::Mirrors => cfg!(feature = "mirrors"),
            Self::Oauth2Client => cfg!(feature = "oauth2-client"),
            Self::Otlp => cfg!(feature = "otlp"),
            Self::Pools => cfg!(feature = "pools"),
            Self::RateLimit => cfg!(feature = "rate-limit"),
            Self::Rego => cfg!(feature = "rego"),
            Self::Routing => cfg!(feature = "routing"),
            Self::SigV4 => cfg!(feature = "sigv4"),
            Self::Templates => cfg!(feature = "templates"),
        }
    }
}

/// Those that this build lacks.
pub fn missing(features: &Features) -> Features {
    features.iter().copied().filter(|feature| !feature.is_built()).collect()
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AiProviders => "providers of language models",
            Self::Authentication => "API keys, passwords and tokens of other issuers",
            Self::Cache => "cache",
            Self::Containers => "containers",
            Self::ExpressionLibrary => "library of functions for expressions",
            Self::ExtProc => "external processors",
            Self::JsonSchema => "JSON Schema",
            Self::Jwt => "JWT",
            Self::Lua => "Lua",
            Self::MadeConfigs => "rules that make configurations",
            Self::Mirrors => "mirrors",
            Self::Oauth2Client => "OAuth2 for upstreams",
            Self::Otlp => "OTLP",
            Self::Pools => "pools",
            Self::RateLimit => "rate limits",
            Self::Rego => "Rego",
            Self::Routing => "routes and regular expressions in paths",
            Self::SigV4 => "AWS signatures",
            Self::Templates => "templates",
        })
    }
}
