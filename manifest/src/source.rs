use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// A file's name and text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// As it is shown: the path, or `<stdin>`.
    pub name: String,
    pub text: String,
}

/// Something that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    pub name: String,
    pub message: String,
}

const MAX_BYTES: u64 = 16 << 20;

/// Reads files, folders (`*.yaml` and `*.yml`, recursively, sorted; nothing hidden) and, for `-`, the standard input.
pub fn read(paths: &[PathBuf], stdin: &mut dyn Read) -> (Vec<Source>, Vec<Unreadable>) {
    let mut reader = Reader::default();
    for path in paths {
        if path.as_os_str() == "-" {
            reader.take(stdin, "<stdin>".to_owned());
        } else if path.is_dir() {
            let before = reader.count();
            reader.folder(path);
            if reader.count() == before {
                reader.unreadable(path.display().to_string(), "there is no *.yaml or *.yml file in this folder");
            }
        } else {
            reader.file(path);
        }
    }
    (reader.sources, reader.unreadable)
}

#[derive(Default)]
struct Reader {
    sources: Vec<Source>,
    unreadable: Vec<Unreadable>,
    /// Folders that have been read, so that a link to one of them ends there.
    seen: BTreeSet<PathBuf>,
}

impl Reader {
    fn count(&self) -> usize {
        self.sources.len() + self.unreadable.len()
    }

    fn unreadable(&mut self, name: String, message: impl Into<String>) {
        self.unreadable.push(Unreadable { name, message: message.into() });
    }

    fn folder(&mut self, path: &Path) {
        let entries = path.canonicalize().and_then(|real| Ok((real, fs::read_dir(path)?.collect::<Result<Vec<_>, _>>()?)));
        let (real, entries) = match entries {
            Ok(found) => found,
            Err(error) => return self.unreadable(path.display().to_string(), error.to_string()),
        };
        if !self.seen.insert(real) {
            return;
        }
        // Kubernetes mounts a volume's files as links into a hidden folder beside them.
        let shown = entries.into_iter().filter(|entry| !entry.file_name().as_encoded_bytes().starts_with(b"."));
        let mut paths: Vec<PathBuf> = shown.map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths {
            if path.is_dir() {
                self.folder(&path);
            } else if path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml") {
                self.file(&path);
            }
        }
    }

    fn file(&mut self, path: &Path) {
        let name = path.display().to_string();
        match fs::File::open(path) {
            Ok(mut file) => self.take(&mut file, name),
            Err(error) => self.unreadable(name, error.to_string()),
        }
    }

    fn take(&mut self, input: &mut dyn Read, name: String) {
        let mut bytes = Vec::new();
        match input.take(MAX_BYTES + 1).read_to_end(&mut bytes) {
            Err(error) => self.unreadable(name, error.to_string()),
            Ok(length) if length as u64 > MAX_BYTES => self.unreadable(name, format!("the file has more than {MAX_BYTES} bytes")),
            Ok(_) => match String::from_utf8(bytes) {
                // A byte-order mark is no content, and would shift every column of the first line.
                Ok(text) => self.sources.push(Source { name, text: text.trim_start_matches('\u{feff}').to_owned() }),
                Err(error) => {
                    self.unreadable(name, format!("this is not UTF-8: byte {} is wrong", error.utf8_error().valid_up_to()));
                }
            },
        }
    }
}
