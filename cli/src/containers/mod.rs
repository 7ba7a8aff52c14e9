//! Containers of a configuration as Cloudflare deploys them: each has a class of Durable Objects of its own, to which wrangler ties its
//! image.

mod image;
mod wrangler;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use postern_core::problem::Problems;
use postern_core::resource::service as resource;
use postern_core::service::{Service, Target};
use postern_core::snapshot::Snapshot;

use crate::console;
use image::Image;

/// A container as a deployment knows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Deployed {
    id: String,
    /// Whose it is, for people: Service, and configuration if it is not the default.
    title: String,
    source: resource::Container,
}

/// The module that `adapters/cloudflare/worker/index.js` takes the classes from.
const MODULE: &str = "containers.js";

/// Writes what the Worker and wrangler need of a configuration's containers: their classes and build files beside the Snapshot, and
/// their sections in wrangler.toml. True when wrangler.toml has changed.
///
/// # Errors
/// When a file cannot be read or written, or no instance type is large enough.
pub fn deploy(snapshot: &Snapshot, out: &Path, manifest: &Path) -> Result<bool> {
    let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let containers = of(snapshot);
    let mut sections = Vec::new();
    for container in &containers {
        let image = match image::of(&container.source) {
            Image::Registry(reference) => reference,
            Image::Dockerfile(text) => {
                let file = folder.join("containers").join(&container.id).join("Dockerfile");
                write(&file, &text)?;
                format!("./{}", file.display())
            }
        };
        if let Some(login) = container.source.credentials.as_ref().and_then(|credentials| credentials.username_password.as_ref()) {
            let registry = login.server.as_deref().unwrap_or_else(|| image::registry(&container.source.image));
            console::note(&format!("{}: run `docker login --username {} {registry}` before a deployment", container.title, login.username));
        }
        sections.push(wrangler::Section::of(container, image)?);
    }
    write(&folder.join(MODULE), &module(&containers))?;
    wrangler::put(manifest, &sections)
}

/// All containers, each once.
fn of(snapshot: &Snapshot) -> Vec<Deployed> {
    let services = snapshot.services.keys().filter_map(|name| snapshot.service(name));
    let mut found = BTreeMap::new();
    for service in services.map(|service| Service::compile(&service, &snapshot.domain, &mut Problems::new())) {
        for config in service.configs() {
            if let Target::Container(container) = &config.target {
                let title = [Some(service.name.as_str()), container.owner.as_deref()].into_iter().flatten().collect::<Vec<_>>().join("/");
                let id = container.id(&service.name);
                found.insert(id.clone(), Deployed { id, title, source: container.source.clone() });
            }
        }
    }
    found.into_values().collect()
}

fn module(containers: &[Deployed]) -> String {
    let mut text = String::from("// Written by `postern build --for cloudflare`: a class for each container of the configuration.\n");
    if containers.is_empty() {
        return text + "export {};\n";
    }
    text.push_str("import { PosternContainer } from \"../../adapters/cloudflare/worker/container.js\";\n\n");
    for container in containers {
        text.push_str(&format!("/** {} */\nexport class {} extends PosternContainer {{}}\n", comment(&container.title), container.class()));
    }
    text
}

/// The name of a configuration is free text, and must not end a comment.
fn comment(title: &str) -> String {
    title.chars().filter(|c| !c.is_control() && *c != '*').collect()
}

impl Deployed {
    fn class(&self) -> String {
        format!("{CLASS}{}", self.id)
    }

    /// As `commands.js` looks it up.
    fn binding(&self) -> String {
        format!("{BINDING}{}", self.id.to_ascii_uppercase())
    }
}

const CLASS: &str = "PosternContainer";
const BINDING: &str = "POSTERN_CONTAINER_";

/// Files that say so already are left alone: builds watch them.
fn write(path: &Path, text: &str) -> Result<()> {
    if fs::read_to_string(path).is_ok_and(|before| before == text) {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).and_then(|()| fs::write(path, text)).with_context(|| format!("{} cannot be written", path.display()))
}
