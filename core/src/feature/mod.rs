//! Parts of the gateway that a build carries only when its configuration uses them, as each takes a share of a Worker's size.

pub(crate) mod part;
#[cfg(test)]
mod tests;
mod used;

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::problem::Problems;

macro_rules! features {
    ($($(#[$doc:meta])* $part:ident = $name:literal, $noun:literal;)*) => {
        /// A part, by the name of its cargo feature.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Feature {
            $($(#[$doc])* #[serde(rename = $name)] $part,)*
        }

        impl Feature {
            pub const ALL: &'static [Self] = &[$(Self::$part),*];

            /// The cargo feature, as in `--features lua`.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$part => $name,)* }
            }

            /// Whether this build carries it.
            pub const fn is_built(self) -> bool {
                match self { $(Self::$part => cfg!(feature = $name),)* }
            }
        }

        impl fmt::Display for Feature {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Self::$part => $noun,)* })
            }
        }
    };
}

// Each part, its cargo feature, and what messages call it.
features! {
    /// What providers of language models expect.
    AiProviders = "ai-providers", "providers of language models";
    /// Ways for callers to prove who they are besides the gateway's own tokens.
    Authentication = "authentication", "API keys, passwords and tokens of other issuers";
    /// Answers that are kept.
    Cache = "cache", "cache";
    /// Upstreams in containers.
    Containers = "containers", "containers";
    /// Functions of expressions beyond comparing, counting and looking for text.
    ExpressionLibrary = "expression-library", "library of functions for expressions";
    /// External processors.
    ExtProc = "ext-proc", "external processors";
    /// JSON Schemas, of plugins and of `body.validation`.
    JsonSchema = "json-schema", "JSON Schema";
    /// JSON Web Tokens of other issuers.
    Jwt = "jwt", "JWT";
    /// Scripts.
    Lua = "lua", "Lua";
    /// Configurations that rules of `dynamicConfig` make.
    MadeConfigs = "made-configs", "rules that make configurations";
    /// Copies of requests.
    Mirrors = "mirrors", "mirrors";
    /// Tokens of upstreams' own token endpoints.
    Oauth2Client = "oauth2-client", "OAuth2 for upstreams";
    /// Telemetry by OTLP.
    Otlp = "otlp", "OTLP";
    /// Pools of configurations, for failover.
    Pools = "pools", "pools";
    /// Rate limits, and limits of requests at once.
    RateLimit = "rate-limit", "rate limits";
    /// Rego, in conditions and in `dynamicConfig`.
    Rego = "rego", "Rego";
    /// Routes, and paths that are rewritten by regular expressions.
    Routing = "routing", "routes and regular expressions in paths";
    /// Signatures for AWS.
    SigV4 = "sigv4", "AWS signatures";
    /// Templates, of `transform` plugins.
    Templates = "templates", "templates";
}

/// A set of parts.
pub type Features = BTreeSet<Feature>;

impl Feature {
    /// By the name of its cargo feature.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|feature| feature.as_str() == name)
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
}

/// Those that this build lacks.
pub fn missing(features: &Features) -> Features {
    features.iter().copied().filter(|feature| !feature.is_built()).collect()
}
