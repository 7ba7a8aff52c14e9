use super::Scope;
use crate::check::{each, exactly_one, name};
use crate::problem::Problems;
use crate::resource::service::{Container, Probe};

impl Scope<'_> {
    pub(super) fn container(&self, container: &Container, problems: &mut Problems) {
        problems.at("image", |p| match name::placeholder(&container.image) {
            Some(placeholder) => p.error(format!("`{placeholder}` is a placeholder: put the real value in its place")),
            None if container.image.is_empty() || container.image.contains(char::is_whitespace) => p.error("this is not an image"),
            None => {}
        });
        if container.port == 0 || container.port > 65_535 {
            problems.at("port", |p| p.error("a port is 1 to 65535"));
        }
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

fn one_probe(probe: &Probe, problems: &mut Problems) {
    let (get, socket, grpc) = (probe.http_get.is_some(), probe.tcp_socket.is_some(), probe.grpc.is_some());
    exactly_one(problems, &[("httpGet", get), ("tcpSocket", socket), ("grpc", grpc)]);
}
