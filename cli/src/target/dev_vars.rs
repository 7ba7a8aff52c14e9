use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use zeroize::Zeroizing;

use super::KeyFile;
use crate::private_file;

/// `.dev.vars`: the variables of `wrangler dev`, one `NAME="value"` a line.
pub struct DevVars {
    path: PathBuf,
}

impl DevVars {
    /// The file that wrangler reads in this folder: `.dev.vars.ENV` where it exists, else `.dev.vars`.
    pub fn find(environment: Option<&str>) -> Self {
        let of_environment = environment.map(|name| PathBuf::from(format!(".dev.vars.{name}"))).filter(|path| path.is_file());
        Self { path: of_environment.unwrap_or_else(|| ".dev.vars".into()) }
    }

    fn text(&self) -> Result<Zeroizing<String>> {
        match fs::read_to_string(&self.path) {
            Ok(text) => Ok(Zeroizing::new(text)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Zeroizing::default()),
            Err(error) => Err(error).with_context(|| format!("{} cannot be read", self.path.display())),
        }
    }
}

impl KeyFile for DevVars {
    fn path(&self) -> &Path {
        &self.path
    }

    fn names(&self) -> [&'static str; 2] {
        ["POSTERN_KEY", "POSTERN_KEY_PREVIOUS"]
    }

    fn get(&self, name: &str) -> Result<Option<Zeroizing<String>>> {
        let text = self.text()?;
        let value = text.lines().filter_map(variable).filter(|(found, _)| *found == name).map(|(_, value)| value).next_back();
        Ok(value.map(|value| Zeroizing::new(value.to_owned())))
    }

    fn set(&self, variables: &[(&str, &str)]) -> Result<()> {
        let text = self.text()?;
        private_file::write(&self.path, replaced(&text, variables).as_bytes())
    }
}

/// The text with the variables set: their lines replaced, or new ones at the end.
fn replaced(text: &str, variables: &[(&str, &str)]) -> Zeroizing<String> {
    let mut new = Zeroizing::new(String::new());
    let is_set = |line: &&str| variable(line).is_some_and(|(name, _)| variables.iter().any(|(set, _)| *set == name));
    for line in text.lines().filter(|line| !is_set(line)) {
        new.push_str(line);
        new.push('\n');
    }
    for (name, value) in variables {
        new.push_str(&format!("{name}=\"{value}\"\n"));
    }
    new
}

/// The name and value of a line that sets a variable.
fn variable(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, value) = line.split_once('=').filter(|_| !line.starts_with('#'))?;
    let value = value.trim();
    let quoted = ['"', '\'', '`'].into_iter().find_map(|quote| value.strip_prefix(quote)?.split_once(quote));
    let value = match quoted {
        Some((inside, _)) => inside,
        None => value.split('#').next().unwrap_or_default().trim_end(),
    };
    Some((name.trim(), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_wrangler_reads() {
        for (line, want) in [
            ("A=\"x=\"", Some(("A", "x="))),
            ("A='x' # why", Some(("A", "x"))),
            ("export A = x= # why", Some(("A", "x="))),
            ("A=", Some(("A", ""))),
            ("# A=x", None),
            ("", None),
        ] {
            assert_eq!(variable(line), want, "{line}");
        }
    }

    #[test]
    fn keeps_the_other_lines() {
        let text = "# mine\nPOSTERN_KEY=old\n\nOTHER=\"1\"\n";
        let want = "# mine\n\nOTHER=\"1\"\nPOSTERN_KEY=\"new\"\n";
        assert_eq!(*replaced(text, &[("POSTERN_KEY", "new")]), want);
        assert_eq!(*replaced("A=1", &[("B", "2")]), "A=1\nB=\"2\"\n");
    }
}
