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
const MAX_DEPTH: usize = 32;

/// Reads files, folders (`*.yaml` and `*.yml`, recursively, sorted) and, for `-`, the standard input.
pub fn read(paths: &[PathBuf], stdin: &mut dyn Read) -> (Vec<Source>, Vec<Unreadable>) {
    let (mut sources, mut unreadable) = (Vec::new(), Vec::new());
    for path in paths {
        let name = path.display().to_string();
        if path.as_os_str() == "-" {
            take(stdin, "<stdin>".to_owned(), &mut sources, &mut unreadable);
        } else if path.is_dir() {
            let before = sources.len() + unreadable.len();
            folder(path, MAX_DEPTH, &mut sources, &mut unreadable);
            if sources.len() + unreadable.len() == before {
                unreadable.push(Unreadable { name, message: "there is no *.yaml or *.yml file in this folder".to_owned() });
            }
        } else {
            file(path, &mut sources, &mut unreadable);
        }
    }
    (sources, unreadable)
}

fn folder(path: &Path, depth: usize, sources: &mut Vec<Source>, unreadable: &mut Vec<Unreadable>) {
    let fault = |message: String| Unreadable { name: path.display().to_string(), message };
    if depth == 0 {
        return unreadable.push(fault(format!("folders are nested more than {MAX_DEPTH} deep")));
    }
    let entries: Result<Vec<PathBuf>, _> =
        fs::read_dir(path).and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect());
    let mut entries = match entries {
        Ok(entries) => entries,
        Err(error) => return unreadable.push(fault(error.to_string())),
    };
    entries.sort();
    for entry in entries {
        if entry.is_dir() {
            folder(&entry, depth - 1, sources, unreadable);
        } else if entry.extension().is_some_and(|extension| extension == "yaml" || extension == "yml") {
            file(&entry, sources, unreadable);
        }
    }
}

fn file(path: &Path, sources: &mut Vec<Source>, unreadable: &mut Vec<Unreadable>) {
    let name = path.display().to_string();
    match fs::File::open(path) {
        Ok(mut file) => take(&mut file, name, sources, unreadable),
        Err(error) => unreadable.push(Unreadable { name, message: error.to_string() }),
    }
}

fn take(input: &mut dyn Read, name: String, sources: &mut Vec<Source>, unreadable: &mut Vec<Unreadable>) {
    let mut bytes = Vec::new();
    let message = match input.take(MAX_BYTES + 1).read_to_end(&mut bytes) {
        Err(error) => error.to_string(),
        Ok(length) if length as u64 > MAX_BYTES => format!("the file has more than {MAX_BYTES} bytes"),
        Ok(_) => match String::from_utf8(bytes) {
            // A byte-order mark is no content, and would shift every column of the first line.
            Ok(text) => return sources.push(Source { name, text: text.strip_prefix('\u{feff}').map_or(text.clone(), str::to_owned) }),
            Err(error) => format!("this is not UTF-8: byte {} is wrong", error.utf8_error().valid_up_to()),
        },
    };
    unreadable.push(Unreadable { name, message });
}
