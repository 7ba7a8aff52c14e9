use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use crate::Stores;

/// What one application gives the component: `spin.toml` with its variables resolved. Each application that is started from a
/// component has its own.
#[derive(Debug, Clone)]
pub struct App {
    pub name: String,
    pub version: String,
    /// `scheme://host[:port]`, templates resolved. Nothing else is reachable.
    pub allowed_outbound_hosts: Vec<String>,
    /// The component's variables, by their lower-case names.
    pub variables: BTreeMap<String, String>,
    /// The labels that the component may open.
    pub key_value_stores: BTreeSet<String>,
    /// Content of the stores. Keep a clone to seed and to read it.
    pub stores: Arc<Stores>,
    /// By the path that the component sees, with a leading slash.
    pub files: BTreeMap<String, FileContent>,
    pub output: Output,
}

/// Where a file of the component's comes from. It is copied when the application starts.
#[derive(Debug, Clone)]
pub enum FileContent {
    Bytes(Vec<u8>),
    Path(PathBuf),
}

/// What becomes of the component's standard output and error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Output {
    /// Kept for [`crate::Running::stdout`] and [`crate::Running::stderr`].
    #[default]
    Capture,
    /// Passed on to this process's.
    Inherit,
}

impl Default for App {
    /// No variables, no files, no way out, and the key-value store `default`.
    fn default() -> Self {
        Self {
            name: "test".into(),
            version: String::new(),
            allowed_outbound_hosts: Vec::new(),
            variables: BTreeMap::new(),
            key_value_stores: BTreeSet::from(["default".into()]),
            stores: Arc::default(),
            files: BTreeMap::new(),
            output: Output::default(),
        }
    }
}
