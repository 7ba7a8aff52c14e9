use std::collections::BTreeMap;

use postern_core::compile;
use postern_core::publish::{CURRENT, Pointer};
use postern_core::secret::KeyRing;
use postern_manifest::{Manifest, Source};

use super::prepare;
use crate::canary::{Authorities, Canaries, uses};
use crate::format::Publish;
use crate::random::TestRandom;

/// What publishing writes into the store. Secrets belong from here on also where the published configuration uses them.
///
/// # Errors
/// A configuration that does not compile; the text is for the case's author.
pub(super) fn entries(
    publish: &Publish,
    domain: &str,
    authorities: &Authorities,
    canaries: &mut Canaries,
) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let ring = KeyRing::new(domain, prepare::key(&publish.signed_by), None);
    let manifest = Manifest::parse(vec![Source { name: "publish".into(), text: publish.resources.clone() }]);
    canaries.allow(&uses(manifest.resources().iter().map(|(_, resource)| resource), authorities));
    let protect = compile::WithKeys { ring: &ring, random: &TestRandom };
    let options = compile::Options { generation: publish.generation, protect: Some(&protect), ..compile::Options::default() };
    let (snapshot, report) = manifest.compile(options);
    let snapshot = snapshot.ok_or_else(|| report.render(false))?;
    let json = serde_json::to_string(&snapshot).map_err(|error| error.to_string())?;
    let pointer = Pointer::sign(&ring, &json, publish.generation, publish.audience.as_deref().unwrap_or(domain));
    let text = match &publish.pointer {
        Some(text) => text.clone(),
        None => serde_json::to_string(&pointer).map_err(|error| error.to_string())?,
    };
    let content = publish.content.clone().unwrap_or(json);
    Ok(BTreeMap::from([(pointer.content_key(), content.into_bytes()), (CURRENT.to_owned(), text.into_bytes())]))
}
