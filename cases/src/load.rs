//! Case files.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde_saphyr::Error;
use serde_saphyr::options::DuplicateKeyPolicy;

use crate::format::{Case, Request};

/// A case and where it was found.
#[derive(Debug, Clone)]
pub struct CaseFile {
    pub path: PathBuf,
    pub case: Case,
}

impl CaseFile {
    /// Where the case's `files` are looked up.
    pub fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("."))
    }
}

/// Reads one case.
///
/// # Errors
/// The text names the file and the place; it is for the case's author.
pub fn read(path: &Path) -> Result<CaseFile, String> {
    let wrong = |why: String| format!("{}: {why}", path.display());
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    let case = parse(&text).map_err(wrong)?;
    Ok(CaseFile { path: path.to_owned(), case })
}

/// Reads the text of a request, as a step of a case has one.
///
/// # Errors
/// The text is for the request's author.
pub fn parse_request(text: &str) -> Result<Request, String> {
    from_yaml(text)
}

/// Reads the text of a case.
///
/// # Errors
/// As [`read`], without the file.
pub fn parse(text: &str) -> Result<Case, String> {
    if !text.starts_with("name:") {
        return Err("a case begins with its `name:`".into());
    }
    let case: Case = from_yaml(text)?;
    if case.name.trim().is_empty() {
        return Err("the name is empty".into());
    }
    if case.steps.is_empty() && case.refused.is_empty() && case.warnings.is_empty() {
        return Err("a case has `steps`, or `refused`, or `warnings`: this one can never fail".into());
    }
    if !case.steps.is_empty() && !case.refused.is_empty() {
        return Err("resources that are refused cannot serve `steps`".into());
    }
    if let Some(number) = case.steps.iter().position(|step| step.request.is_none() && step.advance.is_none()) {
        return Err(format!("step {} neither sends a request nor moves the clock", number + 1));
    }
    if case.all_steps().iter().any(|step| !step.meanwhile.is_empty() && (step.request.is_none() || step.eventually)) {
        return Err("a step with `meanwhile` sends its request, and once".into());
    }
    Ok(case)
}

/// All case files below a folder, or the file itself, sorted by path.
///
/// # Errors
/// The folder cannot be read.
pub fn find(path: &Path) -> Result<Vec<PathBuf>, String> {
    let wrong = |error: std::io::Error| format!("{}: {error}", path.display());
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    for entry in std::fs::read_dir(path).map_err(wrong)? {
        let entry = entry.map_err(wrong)?.path();
        if entry.is_dir() {
            found.extend(find(&entry)?);
        } else if entry.extension().is_some_and(|extension| extension == "yaml") {
            found.push(entry);
        }
    }
    found.sort();
    Ok(found)
}

/// Of two values under one key, either could be the one that was meant: an expectation must not vanish silently.
fn from_yaml<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    let options = serde_saphyr::options! { strict_booleans: true, duplicate_keys: DuplicateKeyPolicy::Error };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| match error.without_snippet() {
        Error::DuplicateMappingKey { key: Some(key), location } => {
            format!("line {}: the key `{key}` stands twice in this map", location.line())
        }
        _ => error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_in_a_case_are_errors() {
        let good = "name: a\nsteps: [{request: {}, expect: {status: 200}}]\n";
        assert!(parse(good).is_ok());
        for (text, why) in [
            ("steps: []\nname: a\n", "begins with"),
            ("name: ''\nsteps: [{request: {}}]\n", "empty"),
            ("name: a\n", "never fail"),
            ("name: a\nstpes: []\n", "stpes"),
            ("name: a\nsteps: [{request: {}, expect: {statuss: 1}}]\n", "statuss"),
            ("name: a\nsteps: [{request: {body: {txt: a}}}]\n", "txt"),
            ("name: a\nsteps: [{expect: {status: 200}}]\n", "step 1"),
            ("name: a\nsteps: [{request: {}}]\nrefused: [{path: a}]\n", "refused"),
            ("name: a\nsteps: [{request: {}, eventually: true, meanwhile: [{request: {}}]}]\n", "meanwhile"),
            ("name: a\nneeds: [teleport]\nsteps: [{request: {}}]\n", "teleport"),
        ] {
            let error = parse(text).expect_err(text);
            assert!(error.contains(why), "{text}: {error}");
        }
    }

    #[test]
    fn a_key_that_stands_twice_is_told_with_its_file_and_line() {
        for (text, line, key) in [
            ("name: a\nsteps: []\nname: b\n", 3, "name"),
            ("name: a\nsecrets:\n  b: c\n  b: d\n", 4, "b"),
            ("name: a\nsteps:\n  - request: {}\n    expect: {status: 200, status: 404}\n", 4, "status"),
            ("name: a\nsteps:\n  - request: {}\n    expect:\n      headers:\n        x-a: b\n        'x-a': c\n", 7, "x-a"),
            ("name: a\nsteps:\n  - request: {body: {json: {a: {b: 1, c: 2, b: 3}}}}\n", 3, "b"),
            ("name: a\nsteps:\n  - request: {}\n    expect: {headers: {x-a: {matches: b, matches: c}}}\n", 4, "matches"),
        ] {
            let error = parse(text).expect_err(text);
            assert_eq!(error, format!("line {line}: the key `{key}` stands twice in this map"), "{text}");
        }
        assert_eq!(parse_request("path: /\npath: /a\n").unwrap_err(), "line 2: the key `path` stands twice in this map");
        let path = std::env::temp_dir().join(format!("postern-repeated-key-{}.yaml", std::process::id()));
        std::fs::write(&path, "name: a\nname: b\n").unwrap();
        let read = read(&path);
        std::fs::remove_file(&path).unwrap();
        assert_eq!(read.unwrap_err(), format!("{}: line 2: the key `name` stands twice in this map", path.display()));
    }
}
