use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime};

/// Calls `changed` on a thread of its own after files under the paths have changed, appeared or gone, once they have been still
/// for [`INTERVAL`].
///
/// It compares the files' metadata every [`INTERVAL`] instead of asking the kernel for events: that works alike on network mounts,
/// container volumes and through symbolic links, misses no file that an editor replaces, and costs a few hundred `stat` calls.
///
/// # Errors
/// When no thread can be started.
pub fn watch_paths(paths: Vec<PathBuf>, changed: impl FnMut() + Send + 'static) -> std::io::Result<Watcher> {
    let (stop, stopped) = channel::<()>();
    // Taken before the function returns, so that a change right after it is noticed.
    let before = scan(&paths);
    let mut changed = changed;
    let thread = thread::Builder::new().name("postern-watch".into()).spawn(move || {
        let (mut reported, mut last) = (before.clone(), before);
        while stopped.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) {
            let now = scan(&paths);
            let still = now == last;
            last = now;
            if still && last != reported {
                reported.clone_from(&last);
                changed();
            }
        }
    })?;
    Ok(Watcher { stop: Some(stop), thread: Some(thread) })
}

/// Time between two looks at the files.
pub const INTERVAL: Duration = Duration::from_millis(250);

/// Stops watching when dropped.
pub struct Watcher {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Watcher {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A callback that panicked is over, which is all that matters here.
            let _ = thread.join();
        }
    }
}

type Files = BTreeMap<PathBuf, Mark>;

/// What of a file tells that its content is another. An editor that writes anew changes the inode, one that writes in place the time.
#[derive(Clone, PartialEq, Eq)]
struct Mark {
    modified: Option<SystemTime>,
    length: u64,
    inode: u64,
}

fn scan(paths: &[PathBuf]) -> Files {
    let mut files = Files::new();
    for path in paths {
        visit(path, 0, &mut files);
    }
    files
}

fn visit(path: &Path, depth: usize, files: &mut Files) {
    // A loop of symbolic links ends here.
    const DEEPEST: usize = 16;
    // A file that goes away meanwhile is simply not there; the next look tells the same.
    let Ok(metadata) = fs::metadata(path) else { return };
    if !metadata.is_dir() {
        files.insert(path.to_owned(), Mark { modified: metadata.modified().ok(), length: metadata.len(), inode: metadata.ino() });
    } else if depth < DEEPEST
        && let Ok(entries) = fs::read_dir(path)
    {
        for entry in entries.flatten() {
            visit(&entry.path(), depth + 1, files);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::Receiver;

    use super::*;

    fn watched(folder: &Path) -> (Watcher, Receiver<()>) {
        let (sender, receiver) = channel();
        (watch_paths(vec![folder.to_owned()], move || sender.send(()).unwrap()).unwrap(), receiver)
    }

    /// Long, as only a failing test waits for it.
    const PATIENCE: Duration = Duration::from_secs(20);

    #[test]
    fn reports_each_kind_of_change() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sub/a.yaml");
        fs::create_dir(folder.path().join("sub")).unwrap();
        fs::write(&file, "1").unwrap();
        let (_watcher, changes) = watched(folder.path());
        let steps: [(&str, &dyn Fn()); 4] = [
            ("written in place", &|| fs::write(&file, "22").unwrap()),
            ("replaced", &|| {
                fs::write(folder.path().join("draft"), "33").unwrap();
                fs::rename(folder.path().join("draft"), &file).unwrap();
            }),
            ("added", &|| fs::write(folder.path().join("b.yaml"), "1").unwrap()),
            ("removed", &|| fs::remove_file(&file).unwrap()),
        ];
        for (name, step) in steps {
            step();
            changes.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("{name} was not noticed"));
        }
    }

    #[test]
    fn stops_when_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let (watcher, changes) = watched(folder.path());
        drop(watcher);
        fs::write(folder.path().join("a"), "1").unwrap();
        assert!(changes.recv().is_err(), "the callback and its sender are gone");
    }
}
