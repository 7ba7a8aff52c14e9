//! Parts of the gateway that a build carries only when its configuration uses them, as each takes a share of a Worker's size.

mod used;

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::problem::Problems;

/// A part, by the name of its cargo feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Feature {
    /// Answers that are kept.
    Cache,
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
    /// Configurations that rules of `dynamicConfig` make.
    MadeConfigs,
    /// Tokens of upstreams' own token endpoints.
    Oauth2Client,
    /// Telemetry by OTLP.
    Otlp,
    /// Rate limits.
    RateLimit,
    /// Rego, in conditions and in `dynamicConfig`.
    Rego,
    /// Signatures for AWS.
    #[serde(rename = "sigv4")]
    SigV4,
    /// Templates, of `transform` plugins.
    Templates,
}

/// A set of parts.
pub type Features = BTreeSet<Feature>;

impl Feature {
    pub const ALL: [Self; 13] = [
        Self::Cache,
        Self::ExpressionLibrary,
        Self::ExtProc,
        Self::JsonSchema,
        Self::Jwt,
        Self::Lua,
        Self::MadeConfigs,
        Self::Oauth2Client,
        Self::Otlp,
        Self::RateLimit,
        Self::Rego,
        Self::SigV4,
        Self::Templates,
    ];

    /// The cargo feature, as in `--features lua`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cache => "cache",
            Self::ExpressionLibrary => "expression-library",
            Self::ExtProc => "ext-proc",
            Self::JsonSchema => "json-schema",
            Self::Jwt => "jwt",
            Self::Lua => "lua",
            Self::MadeConfigs => "made-configs",
            Self::Oauth2Client => "oauth2-client",
            Self::Otlp => "otlp",
            Self::RateLimit => "rate-limit",
            Self::Rego => "rego",
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
            Self::Cache => cfg!(feature = "cache"),
            Self::ExpressionLibrary => cfg!(feature = "expression-library"),
            Self::ExtProc => cfg!(feature = "ext-proc"),
            Self::JsonSchema => cfg!(feature = "json-schema"),
            Self::Jwt => cfg!(feature = "jwt"),
            Self::Lua => cfg!(feature = "lua"),
            Self::MadeConfigs => cfg!(feature = "made-configs"),
            Self::Oauth2Client => cfg!(feature = "oauth2-client"),
            Self::Otlp => cfg!(feature = "otlp"),
            Self::RateLimit => cfg!(feature = "rate-limit"),
            Self::Rego => cfg!(feature = "rego"),
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
            Self::Cache => "cache",
            Self::ExpressionLibrary => "library of functions for expressions",
            Self::ExtProc => "external processors",
            Self::JsonSchema => "JSON Schema",
            Self::Jwt => "JWT",
            Self::Lua => "Lua",
            Self::MadeConfigs => "rules that make configurations",
            Self::Oauth2Client => "OAuth2 for upstreams",
            Self::Otlp => "OTLP",
            Self::RateLimit => "rate limits",
            Self::Rego => "Rego",
            Self::SigV4 => "AWS signatures",
            Self::Templates => "templates",
        })
    }
}
