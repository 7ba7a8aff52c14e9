//! Parts of the gateway that a build carries only when its configuration uses them, as each takes a share of a Worker's size.

mod used;

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A part, by the name of its cargo feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Feature {
    /// JSON Schemas, of plugins and of `body.validation`.
    JsonSchema,
    /// Scripts.
    Lua,
    /// Telemetry by OTLP.
    Otlp,
    /// Rego, in conditions and in `dynamicConfig`.
    Rego,
    /// Templates, of `transform` plugins.
    Templates,
}

/// A set of parts.
pub type Features = BTreeSet<Feature>;

impl Feature {
    pub const ALL: [Self; 5] = [Self::JsonSchema, Self::Lua, Self::Otlp, Self::Rego, Self::Templates];

    /// The cargo feature, as in `--features lua`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::JsonSchema => "json-schema",
            Self::Lua => "lua",
            Self::Otlp => "otlp",
            Self::Rego => "rego",
            Self::Templates => "templates",
        }
    }

    /// By the name of its cargo feature.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|feature| feature.as_str() == name)
    }

    /// For a configuration that needs it where the build has none.
    pub fn refusal(self) -> String {
        format!("this build has no {self}: build it with the feature `{}`", self.as_str())
    }

    /// Whether this build carries it.
    pub fn is_built(self) -> bool {
        match self {
            Self::JsonSchema => cfg!(feature = "json-schema"),
            Self::Lua => cfg!(feature = "lua"),
            Self::Otlp => cfg!(feature = "otlp"),
            Self::Rego => cfg!(feature = "rego"),
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
            Self::JsonSchema => "JSON Schema",
            Self::Lua => "Lua",
            Self::Otlp => "OTLP",
            Self::Rego => "Rego",
            Self::Templates => "templates",
        })
    }
}
