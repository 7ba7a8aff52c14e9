use std::fmt::Write;

use serde_json::Value;

use super::Made;

/// What documents mean, as documents of the gateway's own: to be kept in their place.
#[derive(Debug)]
pub struct Imported<'m> {
    made: &'m [Made],
}

impl<'m> Imported<'m> {
    pub(crate) fn new(made: &'m [Made]) -> Self {
        Self { made }
    }

    /// Whether there is nothing to import.
    pub fn is_empty(&self) -> bool {
        self.made.is_empty()
    }

    /// As YAML. Values of secrets and keys are not in it: a comment says which command stores or makes them.
    ///
    /// # Errors
    /// When a document cannot be written as YAML.
    pub fn to_yaml(&self) -> Result<String, String> {
        let mut text = String::new();
        for made in self.made.iter().filter(|made| made.kind == "Secret") {
            let _ = write!(text, "# The value of the Secret `{0}` is not printed. Store it:\n#   postern create secret {0}\n", made.name);
        }
        for made in self.made.iter().filter(|made| made.kind != "Secret") {
            if !text.is_empty() {
                text.push_str("---\n");
            }
            let document = without_keys(made.document());
            if made.kind == "Credential" {
                let user = document.pointer("/spec/user").and_then(Value::as_str).unwrap_or_default();
                let command = format!("postern create credential {} --user {user} --type api-key", made.name);
                let keep = "or keep the one that callers have: `keys: [{value: …}]` in its spec";
                let _ = write!(text, "# The key of this Credential is not printed. Make another one:\n#   {command}\n# {keep}\n");
            }
            text.push_str(&serde_saphyr::to_string(&document).map_err(|error| error.to_string())?);
        }
        Ok(text)
    }
}

fn without_keys(mut document: Value) -> Value {
    if let Some(spec) = document.get_mut("spec").and_then(Value::as_object_mut) {
        spec.remove("keys");
    }
    document
}
