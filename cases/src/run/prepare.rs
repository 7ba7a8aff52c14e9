use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use postern_core::snapshot::Snapshot;

use super::Running;
use crate::canary::{Canaries, Kind};
use crate::format::Case;
use crate::values::Values;

/// Everything that a gateway is started with.
pub(super) struct Prepared {
    pub snapshot: Snapshot,
    pub warnings: Vec<Problem>,
    pub store: BTreeMap<String, Vec<u8>>,
    pub secrets: BTreeMap<String, String>,
    pub credentials: BTreeMap<String, Material>,
}

/// What a caller proves itself with.
pub(super) struct Material {
    pub client_id: String,
    pub client_secret: String,
    /// Of an `ACCESS_TOKEN` credential.
    pub access_token: Option<String>,
}

/// What is wrong with the resources, and where.
pub(super) struct Problem {
    pub is_error: bool,
    pub line: Option<usize>,
    pub path: String,
    pub message: String,
    pub help: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        write!(f, "{}: {}", self.path, self.message)?;
        self.help.as_ref().map_or(Ok(()), |help| write!(f, " ({help})"))
    }
}

pub(super) fn prepare(_case: &Case, _folder: &Path, _values: &mut Values, canaries: &mut Canaries) -> Result<Result<Prepared, Vec<Problem>>, String> {
    canaries.mark("x", Kind::Upstream, "y");
    Err("WAITING".into())
}

pub(super) fn sign(_running: &Running, _input: &str) -> Result<Vec<u8>, String> {
    Err("WAITING".into())
}
