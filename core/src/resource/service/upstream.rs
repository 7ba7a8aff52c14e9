use serde::{Deserialize, Serialize};

use super::{Container, Pool};

/// What a Service stands in front of: exactly one of `url`, `loadbalance`, `container` and `pools`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Upstream {
    /// `http`, `https`, `ws`, `wss`, or for HTTP/2 without TLS `grpc` or `h2c`; a host and perhaps a port; no path, which belongs in `http.path.addPrefix`. At most 2048
    /// characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Reach the upstream through a connected client of this User. There are no tunnels at the edge: the configuration answers 501.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Several upstreams that share the requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loadbalance: Option<LoadBalance>,
    /// A container that is started for the Service. Only Cloudflare runs containers: elsewhere the configuration answers 501.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::feature::part::containers")]
    pub container: Option<Box<Container>>,
    /// Other configurations, which are tried one after the other until one answers: all of the first pool, then all of the second. The
    /// next one is tried where there is no connection, where it broke or no answer came in time, on 429 and on any 5xx, and where the
    /// credential cannot be had; whatever the method. Each is tried at most once a request, 16 in all. The body is kept for it, within
    /// `body.maxRequestSize`. A response that has begun is never repeated.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "crate::feature::part::pools")]
    pub pools: Vec<Pool>,
}

/// Upstreams that share the requests: each request goes to one of them, chosen by chance, in proportion to their weights. With
/// `http.retry` the next attempt goes to another. Nobody watches whether they are well.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LoadBalance {
    /// 1 to 100, all of one scheme.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub endpoints: Vec<Endpoint>,
}

/// One of several upstreams.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Endpoint {
    /// As `upstream.url`.
    pub url: String,
    /// Its share of the requests, beside the weights of the others: 0 to 1,000,000, where 0 gets none. Default 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<u32>,
    /// As `upstream.user`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
}
