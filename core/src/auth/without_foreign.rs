//! Stands in for the verification of other issuers' tokens in builds without it. Nothing here ever accepts a token.

use serde_json::{Map, Value};

use super::AuthFailure;
use crate::feature::Feature;
use crate::platform::Platform;
use crate::problem::Problems;
use crate::resource::service::JwtProvider;

/// There is none.
#[derive(Debug)]
pub(super) enum Verifier {}

/// Holds nothing.
#[derive(Default, Clone)]
pub(super) struct KeySets;

pub(super) struct Verified {
    pub(super) subject: String,
    pub(super) expires_at: u64,
    pub(super) claims: Map<String, Value>,
}

impl Verifier {
    pub(super) fn compile(_: &JwtProvider, problems: &mut Problems) -> Option<Self> {
        problems.error(Feature::Jwt.refusal());
        None
    }

    pub(super) async fn verify(&self, _: &Platform, _: &KeySets, _: &str) -> Result<Verified, AuthFailure> {
        match *self {}
    }
}
