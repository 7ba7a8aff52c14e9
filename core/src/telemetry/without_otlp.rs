//! A build without OTLP: it has the types, and no values of them.

use std::rc::Rc;

use http::{HeaderMap, HeaderName, Request, Response};

use super::entry::ServiceFacts;
use super::outcome::Outcome;
use crate::feature::Feature;
use crate::platform::{Body, HttpError, Platform};
use crate::problem::Problems;
use crate::resource::{Gateway, OtlpExporter};
use crate::secret::Secrets;

pub const TRACE_PARENT: HeaderName = HeaderName::from_static("traceparent");
pub const TRACE_STATE: HeaderName = HeaderName::from_static("tracestate");

/// There is none in this build.
pub enum Exporter {}

/// There is none in this build.
pub enum Report {}

/// Refuses the exporter at the current path.
pub fn check(_: &OtlpExporter, problems: &mut Problems) {
    problems.error(Feature::Otlp.refusal());
}

impl Exporter {
    pub fn of(_: &Gateway, _: &Rc<Secrets>, _: Option<&str>) -> Option<Rc<Self>> {
        None
    }
}

impl Report {
    pub fn begin(exporter: &Rc<Exporter>, _: &Platform, _: &HeaderMap) -> Self {
        match **exporter {}
    }

    pub(super) fn service(&mut self, _: &ServiceFacts) {
        match *self {}
    }

    pub(super) fn propagate(&mut self, _: &mut HeaderMap) {
        match *self {}
    }

    pub(super) fn calling<B>(&mut self, _: &Request<B>) {
        match *self {}
    }

    pub(super) fn called(&mut self, _: &Result<Response<Body>, HttpError>) {
        match *self {}
    }

    pub(super) fn finish(self, _: &str, _: &Outcome<'_>, _: &str) {
        match self {}
    }
}
