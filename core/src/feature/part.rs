//! Fields that only a build with a part reads, for `#[serde(deserialize_with)]`. Without the part, what stands there is only noticed:
//! compiling it is refused, and nothing has to know its structure.

use serde::de::{Deserialize, Deserializer, IgnoredAny};

use super::Feature;

macro_rules! parts {
    ($($name:ident: $feature:ident;)*) => { $(
        pub fn $name<'de, D, F>(deserializer: D) -> Result<F, D::Error>
        where
            D: Deserializer<'de>,
            F: Field + Deserialize<'de>,
        {
            if const { Feature::$feature.is_built() } { F::deserialize(deserializer) } else { F::noticed(deserializer) }
        }
    )* };
}

parts! {
    ai_providers: AiProviders;
    authentication: Authentication;
    cache: Cache;
    containers: Containers;
    ext_proc: ExtProc;
    json_schema: JsonSchema;
    jwt: Jwt;
    lua: Lua;
    mirrors: Mirrors;
    oauth2_client: Oauth2Client;
    otlp: Otlp;
    pools: Pools;
    rate_limit: RateLimit;
    routing: Routing;
    sigv4: SigV4;
    templates: Templates;
}

/// A field that may be absent.
pub trait Field: Sized {
    /// Present or absent, and no more.
    ///
    /// # Errors
    /// What the format cannot read.
    fn noticed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
}

impl<T: Default> Field for Option<T> {
    fn noticed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<IgnoredAny>::deserialize(deserializer)?.map(|_| T::default()))
    }
}

impl<T: Default> Field for Vec<T> {
    fn noticed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::<IgnoredAny>::deserialize(deserializer)?.into_iter().map(|_| T::default()).collect())
    }
}
