use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result};

use crate::FileContent;

/// An application's files, copied into a temporary folder that goes away with this value. Spin copies them too.
#[derive(Debug)]
pub struct Files(Option<PathBuf>);

impl Files {
    pub fn copy(files: &BTreeMap<String, FileContent>) -> Result<Self> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        if files.is_empty() {
            return Ok(Self(None));
        }
        let name = format!("spin-host-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        let copied = Self(Some(folder.clone()));
        for (guest_path, content) in files {
            let path = folder.join(guest_path.trim_start_matches('/'));
            std::fs::create_dir_all(path.parent().unwrap_or(&folder))?;
            match content {
                FileContent::Bytes(bytes) => std::fs::write(&path, bytes),
                FileContent::Path(source) => std::fs::copy(source, &path).map(drop),
            }
            .with_context(|| format!("cannot place {guest_path}"))?;
        }
        Ok(copied)
    }

    /// The folder that the component sees as `/`.
    pub fn folder(&self) -> Option<&Path> {
        self.0.as_deref()
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        if let Some(folder) = &self.0 {
            // A folder that cannot be removed is only litter.
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}
