//! Files that only their owner may read.

use std::fs::{DirBuilder, File};
use std::io::Write;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use anyhow::{Context, Result};
use tempfile::NamedTempFile;

/// Writes a file (mode 0600) as a whole: whoever reads it sees the old content or the new. Missing folders are made (mode 0700).
///
/// # Errors
/// Those of the file system, with the path.
pub fn write(path: &Path, content: &[u8]) -> Result<()> {
    let describe = || format!("{} cannot be written", path.display());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    DirBuilder::new().recursive(true).mode(0o700).create(folder).with_context(describe)?;
    // A file of `tempfile` has mode 0600.
    let mut draft = NamedTempFile::new_in(folder).with_context(describe)?;
    draft.write_all(content).and_then(|()| draft.as_file().sync_all()).with_context(describe)?;
    draft.persist(path).map_err(|error| error.error).with_context(describe)?;
    // The new name, too, is to be on disk before anything relies on it.
    File::open(folder).and_then(|folder| folder.sync_all()).with_context(describe)
}

/// A file (mode 0600) that goes away with the value.
///
/// # Errors
/// Those of the file system.
pub fn temporary(content: &[u8]) -> Result<NamedTempFile> {
    let mut file = NamedTempFile::new().context("a temporary file cannot be made")?;
    file.write_all(content).context("a temporary file cannot be written")?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn only_the_owner_may_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b/c");
        for content in ["1", "2"] {
            write(&path, content.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), content);
        }
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(&folder.path().join("a"))), (0o600, 0o700));
        assert_eq!(mode(temporary(b"x").unwrap().path()), 0o600);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "no draft is left");
    }
}
