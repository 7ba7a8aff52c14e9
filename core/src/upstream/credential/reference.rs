use std::fmt;

use super::{InjectContext, failed};
use crate::check::name;
use crate::error::GatewayError;
use crate::problem::Problems;
use crate::resource::service::SecretRef;
use crate::secret::{SecretName, SecretValue};

/// A Secret by its name, from a configuration.
#[derive(Debug)]
pub struct Reference(SecretName);

/// A Secret that was found, with its name for the log.
pub struct Resolved<'a> {
    name: &'a SecretName,
    pub value: SecretValue,
}

impl Reference {
    /// Checks `fromSecret`.
    pub fn compile(source: &SecretRef, problems: &mut Problems) -> Option<Self> {
        problems.at("fromSecret", |problems| {
            name::label(&source.from_secret).map_err(|fault| problems.error(fault)).ok()?;
            SecretName::parse(&source.from_secret).map(Self).map_err(|error| problems.error(error.to_string())).ok()
        })
    }

    /// # Errors
    /// 502 when there is no value to be had.
    pub async fn resolve(&self, context: &InjectContext<'_>) -> Result<Resolved<'_>, GatewayError> {
        let found = context.secrets.resolve(context.platform, self.0.as_str()).await;
        found.map(|value| Resolved { name: &self.0, value }).map_err(|error| GatewayError { retry: error.retry(), ..of(&self.0, error) })
    }
}

impl Resolved<'_> {
    /// The value as text.
    ///
    /// # Errors
    /// 502 when it is empty, not UTF-8, or has a control character, most often a newline at its end. Nothing is cut: a changed
    /// credential would only fail later and less clearly.
    pub fn text(&self) -> Result<&str, GatewayError> {
        let text = std::str::from_utf8(self.value.expose()).ok();
        let text = text.filter(|text| !text.is_empty() && !text.contains(char::is_control));
        text.ok_or_else(|| self.failed("it must be UTF-8 text without control characters; perhaps there is a newline at its end"))
    }

    /// An error about this Secret.
    pub fn failed(&self, why: impl fmt::Display) -> GatewayError {
        of(self.name, why)
    }
}

fn of(name: &SecretName, why: impl fmt::Display) -> GatewayError {
    failed(format!("secret {:?}: {why}", name.as_str()))
}
