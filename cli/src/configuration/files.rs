use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use postern_core::resource::AnyResource;
use postern_manifest::Manifest;

/// The domain of a configuration without a Gateway that names one.
pub const DEFAULT_DOMAIN: &str = "localhost";

/// Reads files and folders, and standard input for `-`.
///
/// # Errors
/// When one of the paths does not exist. All else that is wrong is in the report of [`Manifest::compile`].
pub fn read(paths: &[PathBuf]) -> Result<Manifest> {
    let mut manifest = Manifest::default();
    add(&mut manifest, paths)?;
    Ok(manifest)
}

/// As [`read`], beside what was read before.
///
/// # Errors
/// As [`read`].
pub fn add(manifest: &mut Manifest, paths: &[PathBuf]) -> Result<()> {
    if let Some(missing) = paths.iter().find(|path| path.as_os_str() != "-" && !path.exists()) {
        bail!("{}", not_found(missing));
    }
    manifest.add_files(paths, &mut std::io::stdin().lock());
    Ok(())
}

/// The domain that the Gateway among the resources names.
pub fn domain_of(manifest: &Manifest) -> Option<String> {
    manifest.resources().iter().find_map(|(_, resource)| match resource {
        AnyResource::Gateway(gateway) => gateway.spec.domain.clone(),
        _ => None,
    })
}

fn not_found(path: &Path) -> String {
    if path == Path::new("config") {
        return "there is no folder `config` here: run this where your configuration is, name its files or folders, or begin one as \
                the README shows"
            .into();
    }
    format!("there is no file or folder `{}`", path.display())
}
