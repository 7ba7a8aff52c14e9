use zeroize::Zeroizing;

use super::Scope;
use super::snapshot::Derived;
use crate::check::{base64, exactly_one};
use crate::problem::Problems;
use crate::resource::{Resource, Secret, SecretData};
use crate::secret::{SecretName, is_sealed};

const MAX_BYTES: usize = 512 << 10;
pub(super) const NO_KEY: &str = "set POSTERN_KEY; `postern key create` makes one";

impl Scope<'_> {
    /// Checks a Secret and seals its plain value. No message quotes any of it.
    pub(super) fn secret(&self, resource: &Resource<Secret>, problems: &mut Problems, derived: &mut Derived) {
        let name = &resource.metadata.name;
        exactly_one(problems, &[("sealed", resource.spec.sealed.is_some()), ("data", resource.spec.data.is_some())]);
        if resource.spec.sealed.as_ref().is_some_and(|text| !is_sealed(text)) {
            let help = format!("`postern create secret {name} --sealed` prints one");
            problems.at("sealed", |p| p.error_with_help("this is not a sealed value", help));
        }
        let Some(data) = &resource.spec.data else { return };
        problems.at("data", |p| {
            p.warning_with_help(
                "anybody who reads the file sees this secret",
                format!("`postern create secret {name}` keeps it out of files, and `--sealed` makes it safe to commit"),
            );
            let Some(value) = plain(data, p) else { return };
            match SecretName::parse(name) {
                Ok(name) => {
                    if let Some(text) = self.seal(&name, &value, p) {
                        derived.secrets.insert(name.as_str().to_owned(), text);
                    }
                }
                Err(fault) => p.error(fault.to_string()),
            }
        });
    }

    /// Seals a plain value; without a key there is an error.
    pub(super) fn seal(&self, name: &SecretName, value: &[u8], problems: &mut Problems) -> Option<String> {
        match self.options.protect.map(|protect| protect.seal(name, value)) {
            Some(Ok(text)) => return Some(text),
            Some(Err(fault)) => problems.error(format!("the value cannot be sealed: {fault}")),
            None => problems.error_with_help("there is no key to seal this value with", NO_KEY),
        }
        None
    }
}

/// The value's bytes. One newline at the end of a text is cut: it is there by accident, and breaks every header.
fn plain(data: &SecretData, problems: &mut Problems) -> Option<Zeroizing<Vec<u8>>> {
    exactly_one(problems, &[("value", data.value.is_some()), ("valueBytes", data.value_bytes.is_some())]);
    let bytes = match (&data.value, &data.value_bytes) {
        (Some(text), None) => {
            let text = text.strip_suffix('\n').unwrap_or(text);
            Zeroizing::new(text.strip_suffix('\r').unwrap_or(text).as_bytes().to_vec())
        }
        (None, Some(text)) => Zeroizing::new(problems.at("valueBytes", |p| base64(text.trim(), p))?),
        _ => return None,
    };
    if bytes.is_empty() || bytes.len() > MAX_BYTES {
        problems.error(format!("a secret has 1 to {MAX_BYTES} bytes"));
        return None;
    }
    Some(bytes)
}
