use std::rc::Rc;

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{Origin, Origins};
use crate::check::each;
use crate::error::{ErrorKind, GatewayError};
use crate::hex;
use crate::platform::{Capability, ContainerCall, ContainerStart, Platform};
use crate::problem::Problems;
use crate::resource::service as resource;
use crate::secret::{SecretName, Secrets};

/// `upstream.container`, compiled: what a host that runs containers has to know of one.
#[derive(Debug)]
pub struct Container {
    pub source: resource::Container,
    /// The configuration that it is written in, which those that build upon it share it with; `None` for the default.
    pub owner: Option<String>,
    /// An address of which only the path counts.
    pub origins: Origins,
    port: u16,
    env: Vec<(String, Value)>,
}

#[derive(Debug)]
enum Value {
    Text(String),
    Secret(SecretName),
}

impl Container {
    /// Compiles what an instance needs; what is wrong with the rest is told where all resources are known.
    pub fn compile(source: &resource::Container, owner: Option<String>, problems: &mut Problems) -> Option<Self> {
        let port = u16::try_from(source.port).ok().filter(|port| *port > 0);
        if port.is_none() {
            problems.at("port", |p| p.error("a port is 1 to 65535"));
        }
        let env = each(problems, "env", &source.env, |problems, variable| {
            if variable.name.is_empty() || variable.name.contains(['=', '\0']) {
                problems.at("name", |p| p.error(format!("{:?} is not the name of a variable", variable.name)));
            }
            let value = match (&variable.value, &variable.from_secret) {
                (Some(text), _) => Value::Text(text.clone()),
                (None, Some(name)) => Value::Secret(SecretName::parse(name).ok()?),
                (None, None) => return None,
            };
            Some((variable.name.clone(), value))
        });
        // Without one of its variables a container would do something else than it was meant to.
        let env = env.into_iter().collect::<Option<Vec<_>>>()?;
        Some(Self { source: source.clone(), owner, origins: Origins::one(Origin::of_container()), port: port?, env })
    }

    /// What its deployment calls it, by the full name of its Service. It stays the same when the image changes.
    pub fn id(&self, service: &str) -> String {
        let digest =
            Sha256::new().chain_update(service).chain_update("/").chain_update(self.owner.as_deref().unwrap_or_default()).finalize();
        let digits = hex::encode(&digest);
        digits.get(..8).unwrap_or(&digits).to_owned()
    }

    /// How many instances there are at most.
    pub fn instances(&self) -> u32 {
        self.source.replicas.unwrap_or(1).max(1)
    }

    /// One of the instances, and what it is started with if it does not run.
    ///
    /// # Errors
    /// 501 on a host without containers, 502 when a Secret of its variables cannot be had.
    pub async fn call(&self, platform: &Platform, secrets: &Secrets, service: &str) -> Result<Rc<ContainerCall>, GatewayError> {
        if !platform.capabilities.has(Capability::Container) {
            return Err(GatewayError::new(ErrorKind::NotImplemented, "`upstream.container`: this host runs no containers"));
        }
        let mut env = Vec::with_capacity(self.env.len());
        for (name, value) in &self.env {
            let value = match value {
                Value::Text(text) => Zeroizing::new(text.clone()),
                Value::Secret(secret) => text_of(secret, platform, secrets).await?,
            };
            env.push((name.clone(), value));
        }
        // Arguments alone are those of the image's own command, and belong into its image.
        let command = &self.source.command;
        let entrypoint = if command.is_empty() { Vec::new() } else { command.iter().chain(&self.source.args).cloned().collect() };
        let ready = self.source.readiness_probe.as_ref().and_then(|probe| probe.http_get.as_ref());
        let start = ContainerStart { entrypoint, env, ready_path: ready.map(|get| get.path.clone().unwrap_or_else(|| "/".to_owned())) };
        let mut chosen = [0; 4];
        platform.random.fill(&mut chosen);
        let instance = u32::from_be_bytes(chosen).checked_rem(self.instances()).unwrap_or_default();
        Ok(Rc::new(ContainerCall { id: self.id(service), instance, port: self.port, start }))
    }
}

async fn text_of(name: &SecretName, platform: &Platform, secrets: &Secrets) -> Result<Zeroizing<String>, GatewayError> {
    let failed = |why: String| GatewayError::new(ErrorKind::Credential, format!("secret {:?} of a container: {why}", name.as_str()));
    let secret = secrets
        .resolve(platform, name.as_str())
        .await
        .map_err(|error| GatewayError { retry: error.retry(), ..failed(error.to_string()) })?;
    let text = std::str::from_utf8(secret.expose()).map_err(|_| failed("it is not text".to_owned()))?;
    Ok(Zeroizing::new(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    #[test]
    fn its_name_depends_on_where_it_is_written_alone() {
        let compile = |image: &str, owner: Option<&str>| {
            let source = resource::Container { image: image.to_owned(), port: 80, ..resource::Container::default() };
            Container::compile(&source, owner.map(str::to_owned), &mut Problems::new()).unwrap()
        };
        let id = compile("a:1", None).id("api.default");
        assert_eq!((id.len(), compile("a:2", None).id("api.default") == id), (8, true));
        for (container, service) in [(compile("a:1", Some("v1")), "api.default"), (compile("a:1", None), "api.other")] {
            assert_ne!(container.id(service), id);
        }
    }
}
