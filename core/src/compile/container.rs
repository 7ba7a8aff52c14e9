use super::Scope;
use crate::check::{each, exactly_one, name};
use crate::platform::Capability;
use crate::problem::Problems;
use crate::resource::service::{Container, Probe};

impl Scope<'_> {
    pub(super) fn container(&self, container: &Container, problems: &mut Problems) {
        match self.options.for_host {
            Some(host) if host.capabilities.has(Capability::Container) => without_kubernetes(container, host.name, problems),
            Some(host) => problems.error_with_help(format!("{} runs no containers", host.name), RUN_IT),
            None => problems.warning_with_help("only Cloudflare runs containers: elsewhere this configuration answers 501", RUN_IT),
        }
        problems.at("image", |p| match name::placeholder(&container.image) {
            Some(placeholder) => p.error(format!("`{placeholder}` is a placeholder: put the real value in its place")),
            None if container.image.is_empty() || container.image.contains(char::is_whitespace) => p.error("this is not an image"),
            None => {}
        });
        each(problems, "env", &container.env, |p, variable| {
            exactly_one(
                p,
                &[
                    ("value", variable.value.is_some()),
                    ("fromSecret", variable.from_secret.is_some()),
                    ("kubernetesSecretRef", variable.kubernetes_secret_ref.is_some()),
                ],
            );
            if let Some(secret) = &variable.from_secret {
                p.at("fromSecret", |p| self.secret_reference(secret, p));
            }
        });
        if let Some(login) = container.credentials.as_ref().and_then(|credentials| credentials.username_password.as_ref()) {
            let secret = &login.password.from_secret;
            problems.at("credentials", |p| {
                p.at("usernamePassword", |p| p.at("password", |p| p.at("fromSecret", |p| self.secret_reference(secret, p))));
            });
        }
        for (field, probe) in [("livenessProbe", &container.liveness_probe), ("readinessProbe", &container.readiness_probe)] {
            if let Some(probe) = probe {
                problems.at(field, |p| one_probe(probe, p));
            }
        }
        each(problems, "volumes", &container.volumes, |p, volume| {
            let claim = volume.persistent_volume_claim.is_some();
            exactly_one(p, &[("persistentVolumeClaim", claim), ("emptyDir", volume.empty_dir.is_some())]);
        });
        each(problems, "volumeMounts", &container.volume_mounts, |p, mount| {
            if !container.volumes.iter().any(|volume| volume.name == mount.name) {
                p.at("name", |p| p.error(format!("there is no volume `{}`", mount.name)));
            }
        });
    }
}

const RUN_IT: &str = "run the image where you run others, and write its address as `upstream.url`";

/// What only Kubernetes does: a container that is meant to be confined must not run unconfined without a word.
fn without_kubernetes(container: &Container, host: &str, problems: &mut Problems) {
    each(problems, "env", &container.env, |p, variable| {
        if variable.kubernetes_secret_ref.is_some() {
            p.at("kubernetesSecretRef", |p| p.error_with_help(format!("{host} has no Kubernetes"), "use `fromSecret`"));
        }
    });
    each(problems, "volumes", &container.volumes, |p, volume| {
        if volume.persistent_volume_claim.is_some() {
            p.at("persistentVolumeClaim", |p| p.error(format!("a container on {host} has no storage that outlives it")));
        }
    });
    if container.security_context.is_some() {
        problems.at("securityContext", |p| p.error(format!("{host} takes no security context: build it into the image")));
    }
    if container.liveness_probe.is_some() {
        problems.at("livenessProbe", |p| p.warning(format!("{host} restarts a container when it ends, and probes none")));
    }
}

fn one_probe(probe: &Probe, problems: &mut Problems) {
    let (get, socket, grpc) = (probe.http_get.is_some(), probe.tcp_socket.is_some(), probe.grpc.is_some());
    exactly_one(problems, &[("httpGet", get), ("tcpSocket", socket), ("grpc", grpc)]);
}
