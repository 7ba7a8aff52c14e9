//! `spin.toml`, as far as this host serves it. What it does not know is an error, as it is for Spin.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use crate::{App, FileContent, template};

/// A manifest with exactly one HTTP component.
#[derive(Debug)]
pub struct Manifest {
    /// The component's WebAssembly file.
    pub source: PathBuf,
    folder: PathBuf,
    application: Application,
    variables: BTreeMap<String, Variable>,
    component: Component,
}

impl Manifest {
    /// Reads a manifest; paths in it are relative to its folder.
    ///
    /// # Errors
    /// The file cannot be read, is no manifest, or has what this host does not serve.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text, path.parent().unwrap_or(Path::new(""))).with_context(|| path.display().to_string())
    }

    fn parse(text: &str, folder: &Path) -> Result<Self> {
        let file: File = toml::from_str(text)?;
        ensure!(file.spin_manifest_version == 2, "only spin_manifest_version = 2 is known");
        let [trigger] = file.trigger.http.as_slice() else { bail!("this host serves exactly one [[trigger.http]]") };
        ensure!(trigger.route == "/...", "this host serves the route \"/...\" only");
        let mut components = file.component;
        let component = components.remove(&trigger.component).with_context(|| format!("there is no component {:?}", trigger.component))?;
        let source = folder.join(&component.source);
        Ok(Self { source, folder: folder.to_owned(), application: file.application, variables: file.variables, component })
    }

    /// The application that the manifest describes, with values for its variables (`spin up --variable`).
    ///
    /// # Errors
    /// A value for an undeclared variable, a required variable without a value, a bad template, a file that does not exist.
    pub fn app(&self, values: &BTreeMap<String, String>) -> Result<App> {
        let variables = self.resolve_variables(values)?;
        let component = &self.component;
        let hosts = component.allowed_outbound_hosts.iter().map(|host| template::resolve(host, &variables));
        let own = component.variables.iter().map(|(name, value)| Ok((name.clone(), template::resolve(value, &variables)?)));
        Ok(App {
            name: self.application.name.clone(),
            version: self.application.version.clone(),
            allowed_outbound_hosts: hosts.collect::<Result<_>>()?,
            variables: own.collect::<Result<_>>()?,
            key_value_stores: component.key_value_stores.clone(),
            files: self.files()?,
            ..App::default()
        })
    }

    fn resolve_variables(&self, values: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>> {
        if let Some(unknown) = values.keys().find(|name| !self.variables.contains_key(*name)) {
            bail!("the manifest declares no variable {unknown:?}");
        }
        let resolved = self.variables.iter().map(|(name, variable)| {
            ensure!(variable.required != variable.default.is_some(), "variable {name:?} must be either required or have a default");
            let value = values.get(name).or(variable.default.as_ref());
            Ok((name.clone(), value.with_context(|| format!("variable {name:?} is required: give --variable {name}=…"))?.clone()))
        });
        resolved.collect()
    }

    fn files(&self) -> Result<BTreeMap<String, FileContent>> {
        let mut files = BTreeMap::new();
        for Mount { source, destination } in &self.component.files {
            let source = self.folder.join(source);
            let destination = format!("/{}", destination.trim_matches('/'));
            add_files(&source, &destination, &mut files).with_context(|| format!("files: {}", source.display()))?;
        }
        Ok(files)
    }
}

fn add_files(source: &Path, destination: &str, files: &mut BTreeMap<String, FileContent>) -> Result<()> {
    if !std::fs::metadata(source)?.is_dir() {
        files.insert(destination.to_owned(), FileContent::Path(source.to_owned()));
        return Ok(());
    }
    for entry in std::fs::read_dir(source)? {
        let entry = entry?;
        let name = entry.file_name().into_string().ok().context("a file's name is not UTF-8")?;
        add_files(&entry.path(), &format!("{}/{name}", destination.trim_end_matches('/')), files)?;
    }
    Ok(())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    spin_manifest_version: u32,
    application: Application,
    #[serde(default)]
    variables: BTreeMap<String, Variable>,
    trigger: Triggers,
    component: BTreeMap<String, Component>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Application {
    name: String,
    #[serde(default)]
    version: String,
    #[serde(default, rename = "description")]
    _description: String,
    #[serde(default, rename = "authors")]
    _authors: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Variable {
    #[serde(default)]
    required: bool,
    default: Option<String>,
    #[serde(default, rename = "secret")]
    _secret: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Triggers {
    http: Vec<HttpTrigger>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct HttpTrigger {
    route: String,
    component: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Component {
    source: String,
    #[serde(default, rename = "description")]
    _description: String,
    #[serde(default)]
    allowed_outbound_hosts: Vec<String>,
    #[serde(default)]
    variables: BTreeMap<String, String>,
    #[serde(default)]
    key_value_stores: BTreeSet<String>,
    #[serde(default)]
    files: Vec<Mount>,
    /// For `spin build`; this host runs what is there.
    #[serde(default, rename = "build")]
    _build: toml::Table,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mount {
    source: String,
    destination: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = r#"
        spin_manifest_version = 2
        [application]
        name = "gateway"
        [variables]
        key = { required = true, secret = true }
        upstream = { default = "https://a.test" }
        [[trigger.http]]
        route = "/..."
        component = "gateway"
        [component.gateway]
        source = "gateway.wasm"
        allowed_outbound_hosts = ["{{ upstream }}"]
        key_value_stores = ["default"]
        [component.gateway.variables]
        own = "{{ key }}!"
    "#;

    #[test]
    fn resolves_variables() {
        let manifest = Manifest::parse(MANIFEST, Path::new("folder")).expect("a manifest");
        assert_eq!(manifest.source, Path::new("folder/gateway.wasm"));
        let app = manifest.app(&BTreeMap::from([("key".into(), "k".into())])).expect("an app");
        assert_eq!(app.variables.get("own").map(String::as_str), Some("k!"));
        assert_eq!(app.allowed_outbound_hosts, ["https://a.test"]);
        assert!(manifest.app(&BTreeMap::new()).is_err(), "a required variable is missing");
        assert!(manifest.app(&BTreeMap::from([("key".into(), "k".into()), ("other".into(), "x".into())])).is_err());
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        for (from, to) in [
            ("key_value_stores", "key_value_store"),
            ("\"/...\"", "\"/api\""),
            ("component = \"gateway\"", "component = \"other\""),
            ("spin_manifest_version = 2", "spin_manifest_version = 1"),
        ] {
            assert!(Manifest::parse(&MANIFEST.replace(from, to), Path::new("")).is_err(), "{to}");
        }
    }
}
