use std::collections::BTreeSet;

use postern_core::compile::canonical_name;
use postern_core::resource::AnyResource;
use postern_manifest::Manifest;

/// A resource's kind and canonical name. A Gateway's name is empty: a configuration has one, whatever it is called.
pub type Identity = (String, String);

pub fn identity(resource: &AnyResource) -> Identity {
    let name = match resource {
        AnyResource::Gateway(_) => String::new(),
        // A name that is none is reported where the resource is compiled.
        _ => canonical_name(resource).unwrap_or_else(|_| resource.metadata().name.clone()),
    };
    (resource.kind().to_owned(), name)
}

pub fn identities(manifest: &Manifest) -> BTreeSet<Identity> {
    manifest.resources().iter().map(|(_, resource)| identity(resource)).collect()
}
