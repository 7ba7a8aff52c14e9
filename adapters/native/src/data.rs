//! The data folder: the store and the master key.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use postern_core::platform::PlatformSecret;
use postern_core::secret::{KEY, KEY_PREVIOUS};
use ring::rand::{SecureRandom, SystemRandom};
use zeroize::Zeroizing;

/// The key's file within the data folder.
pub const KEY_FILE: &str = "key";
/// The file of the key before it, while a rotation lasts.
pub const PREVIOUS_KEY_FILE: &str = "key.previous";

/// The master key, 32 bytes in standard padded base64: `POSTERN_KEY` from the environment, else `<data>/key`, which is made with
/// mode 0600 when absent. The flag tells whether it was made now.
///
/// # Errors
/// When the folder or the file cannot be made or read, or the file is empty.
pub fn master_key(data: &Path) -> io::Result<(PlatformSecret, bool)> {
    match std::env::var(KEY) {
        Ok(key) if !key.is_empty() => Ok((Zeroizing::new(key), false)),
        _ => key_file(data),
    }
}

/// The master key before the current one, from where the current one comes: `POSTERN_KEY_PREVIOUS` from the environment when
/// `POSTERN_KEY` is set there, else `<data>/key.previous`. `None` when no rotation is under way.
///
/// # Errors
/// When the file cannot be read, or is empty.
pub fn previous_key(data: &Path) -> io::Result<Option<PlatformSecret>> {
    match std::env::var(KEY) {
        Ok(key) if !key.is_empty() => Ok(std::env::var(KEY_PREVIOUS).ok().map(Zeroizing::new)),
        _ => read(&data.join(PREVIOUS_KEY_FILE)),
    }
}

/// Makes the data folder (mode 0700) when it is absent. One that exists keeps its mode.
///
/// # Errors
/// Those of the file system.
pub fn prepare(data: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(data)
}

/// Makes a file that only its owner may read, unless it exists.
pub(crate) fn private_file(path: &Path) -> io::Result<()> {
    match private().create_new(true).open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

fn key_file(data: &Path) -> io::Result<(PlatformSecret, bool)> {
    prepare(data)?;
    let path = data.join(KEY_FILE);
    if let Some(key) = read(&path)? {
        return Ok((key, false));
    }
    let key = new_key()?;
    // Written whole under another name and linked into place, so that of two processes that start together one makes the key, the
    // other reads it, and neither sees half of it.
    let draft = data.join(format!("key.{}.new", draft_suffix()?));
    let made = write_draft(&draft, &key).and_then(|()| fs::hard_link(&draft, &path));
    let removed = fs::remove_file(&draft);
    match made {
        Ok(()) => removed.map(|()| (key, true)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            read(&path)?.map(|key| (key, false)).ok_or_else(|| io::Error::other("the key file came and went"))
        }
        Err(error) => Err(error),
    }
}

fn read(path: &Path) -> io::Result<Option<PlatformSecret>> {
    match fs::read_to_string(path).map(Zeroizing::new) {
        Ok(text) if text.trim().is_empty() => Err(io::Error::other(format!("{} is empty", path.display()))),
        Ok(text) => Ok(Some(Zeroizing::new(text.trim().to_owned()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn write_draft(path: &Path, key: &str) -> io::Result<()> {
    let mut file = private().create_new(true).open(path)?;
    writeln!(file, "{key}")?;
    file.sync_all()
}

fn new_key() -> io::Result<PlatformSecret> {
    Ok(Zeroizing::new(STANDARD.encode(random::<32>()?)))
}

fn draft_suffix() -> io::Result<String> {
    random::<8>().map(|bytes| u64::from_be_bytes(*bytes).to_string())
}

fn random<const N: usize>() -> io::Result<Zeroizing<[u8; N]>> {
    let mut bytes = Zeroizing::new([0; N]);
    SystemRandom::new().fill(bytes.as_mut()).map_err(|_| io::Error::other("the operating system gives no random bytes"))?;
    Ok(bytes)
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).mode(0o600);
    options
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_key_is_made_once_and_only_its_owner_may_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("a/.postern");
        let (key, made) = key_file(&data).unwrap();
        assert!(made);
        assert_eq!(STANDARD.decode(key.as_bytes()).unwrap().len(), 32);
        let (again, made) = key_file(&data).unwrap();
        assert!(!made && *again == *key);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&data), mode(&data.join("key"))), (0o700, 0o600));
        assert_eq!(fs::read_dir(&data).unwrap().count(), 1, "the draft is gone");
    }

    #[test]
    fn the_key_before_is_read_when_it_is_there() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(previous_key(folder.path()).unwrap(), None);
        fs::write(folder.path().join(PREVIOUS_KEY_FILE), "AAAA\n").unwrap();
        assert_eq!(previous_key(folder.path()).unwrap().as_deref().map(String::as_str), Some("AAAA"));
    }

    #[test]
    fn an_empty_key_file_is_refused_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("key"), "\n").unwrap();
        assert!(key_file(folder.path()).is_err());
        assert_eq!(fs::read(folder.path().join("key")).unwrap(), b"\n");
    }

    #[test]
    fn processes_that_start_together_agree() {
        let folder = tempfile::tempdir().unwrap();
        let keys: Vec<_> = std::thread::scope(|scope| {
            let racers: Vec<_> = (0..8).map(|_| scope.spawn(|| key_file(folder.path()))).collect();
            racers.into_iter().map(|racer| racer.join().unwrap()).collect()
        });
        let found: Vec<_> = keys.into_iter().map(Result::unwrap).collect();
        assert_eq!(found.iter().filter(|(_, made)| *made).count(), 1);
        assert!(found.iter().all(|(key, _)| *key == found[0].0));
    }
}
