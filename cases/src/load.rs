//! Case files.

use std::path::{Path, PathBuf};

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
    let options = serde_saphyr::options! { strict_booleans: true };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| error.to_string())
}

/// Reads the text of a case.
///
/// # Errors
/// As [`read`], without the file.
pub fn parse(text: &str) -> Result<Case, String> {
    if !text.starts_with("name:") {
        return Err("a case begins with its `name:`".into());
    }
    let options = serde_saphyr::options! { strict_booleans: true };
    let case: Case = serde_saphyr::from_str_with_options(text, options).map_err(|error| error.to_string())?;
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
            ("name: a\nneeds: [teleport]\nsteps: [{request: {}}]\n", "teleport"),
        ] {
            let error = parse(text).expect_err(text);
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}
