//! Postern without a host: what a gateway decides, with everything that touches the outside world behind [`platform`].
//!
//! From what operators write to what runs:
//! - [`resource`]: the documents;
//! - [`compile`]: checks them together and makes a snapshot;
//! - [`problem`]: what is wrong with them, and where;
//! - [`snapshot`]: a checked configuration in one document;
//! - [`publish`]: how a newer one reaches a deployment;
//! - [`feature`]: what a build carries only when it is used.
//!
//! A request, in the order of its steps, which [`gateway`] takes:
//! - [`receive`]: what arrived, in one normal form;
//! - [`route`]: which Service it is for;
//! - [`cors`]: which pages of other origins may call it;
//! - [`auth`]: who calls, and the token endpoint;
//! - [`body`]: the body, as far as rules read it, over the strict [`json`];
//! - [`policy`]: whether the caller may do this;
//! - [`service`]: the Service, compiled, and which of its configurations holds;
//! - [`plugin`]: what the configuration does besides, to the request and the response;
//! - [`callout`]: where plugins may call while they do;
//! - [`upstream`]: path, headers and credential on the way to the upstream and back;
//! - [`json_schema`]: what a body must be, where a configuration says so;
//! - [`retry`]: whether and when a request that failed is sent again;
//! - [`error`]: what went wrong, as a response;
//! - `events`: streams of events, which end in an error where they break off;
//! - [`telemetry`]: the entry in the access log.
//!
//! What rules and steps share:
//! - [`condition`]: when a rule applies;
//! - [`expression`]: the Common Expression Language;
//! - [`rego`]: the language of the Open Policy Agent, in builds that have it;
//! - [`context`]: what a rule sees of a request;
//! - [`limit`]: how many requests in what time;
//! - [`explain`]: the steps of a request, for whoever asks;
//! - [`secret`]: values that upstreams need and no caller sees, and the keys that protect them.

pub mod auth;
pub mod body;
pub mod callout;
mod check;
pub mod compile;
pub mod condition;
pub mod context;
pub mod cors;
pub mod error;
pub mod events;
pub mod explain;
pub mod expression;
pub mod feature;
pub mod gateway;
mod grpc;
mod hex;
pub mod json;
#[cfg(feature = "json-schema")]
pub mod json_schema;
pub mod limit;
#[cfg(any(feature = "json-schema", feature = "templates"))]
mod pattern;
mod percent;
pub mod platform;
pub mod plugin;
pub mod policy;
pub mod problem;
pub mod publish;
mod query;
pub mod receive;
#[cfg_attr(not(feature = "rego"), path = "without_rego.rs")]
pub mod rego;
pub mod resource;
pub mod retry;
pub mod route;
pub mod secret;
pub mod service;
pub mod snapshot;
pub mod telemetry;
#[cfg(feature = "templates")]
pub mod template;
pub mod upstream;
mod web;

#[cfg(test)]
mod testing;
