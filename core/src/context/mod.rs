//! What a rule can see of a request: the variable `ctx`.
//!
//! Nothing is built ahead: a rule that reads one header costs one look-up. The parts about who calls are JSON that the
//! Snapshot or the session already holds, shared by reference count.
//!
//! Absent messages, empty texts and empty lists are left out, so that reading them is reading a missing key; booleans and
//! `size` are always there when their message is.

mod budget;
mod field;
mod json;
mod lazy;
mod query;

use std::net::IpAddr;
use std::sync::Arc;

use http::HeaderMap;
use serde_json::Value;

pub use budget::{Budget, Exhausted};
pub use field::{Field, Object};
pub use json::headers_to_json;
pub use lazy::Lazy;
pub use query::Query;

use crate::explain::{Listener, Step};
use crate::grpc;

/// One request, as rules see it. It holds the [`Budget`] of all evaluations for the request.
#[derive(Debug)]
pub struct Context<'r> {
    pub request: Request<'r>,
    /// What a call of gRPC asks for, on a Service of that mode.
    pub grpc: Option<grpc::Call<'r>>,
    /// The User resource of the caller; absent for an anonymous request.
    pub user: Option<Arc<Value>>,
    /// Made from the credential or token of the request; absent for an anonymous one.
    pub session: Option<Lazy>,
    /// The Service resource, without its configurations and policies.
    pub service: Option<Arc<Value>>,
    /// The Namespace resource of the Service.
    pub namespace: Option<Arc<Value>>,
    /// A list of the Group resources of the caller.
    pub groups: Option<Arc<Value>>,
    /// Where this deployment runs.
    pub region: Option<&'r str>,
    /// Spent by all evaluations together.
    pub budget: Budget,
    /// Hears of what is evaluated.
    pub listener: Option<Arc<dyn Listener>>,
}

/// The request itself, after the path has been cleaned and the host's own headers have been stripped.
#[derive(Debug, Clone, Copy)]
pub struct Request<'r> {
    pub method: &'r str,
    /// Cleaned and decoded, without the query.
    pub path: &'r str,
    /// Path and query, as they are forwarded.
    pub uri: &'r str,
    pub host: &'r str,
    pub scheme: &'r str,
    /// As written, without the question mark; empty when there is none.
    pub query: &'r str,
    pub headers: &'r HeaderMap,
    /// As the platform tells it, never from a header.
    pub ip: Option<IpAddr>,
    /// Of the body, in bytes, where it is known.
    pub size: Option<u64>,
    /// The whole body, when a rule reads it and it is UTF-8.
    pub body: Option<&'r str>,
    /// The parts of the JSON body that rules read.
    pub body_map: Option<&'r Value>,
}

impl<'r> Context<'r> {
    /// A request of nobody to nothing yet: the other parts are set as they become known.
    pub fn new(request: Request<'r>) -> Self {
        Self {
            request,
            grpc: None,
            user: None,
            session: None,
            service: None,
            namespace: None,
            groups: None,
            region: None,
            budget: Budget::default(),
            listener: None,
        }
    }

    /// Tells the listener, if there is one.
    pub fn tell<'s>(&self, step: impl FnOnce() -> Step<'s>) {
        if let Some(listener) = &self.listener {
            listener.step(&step());
        }
    }
}
