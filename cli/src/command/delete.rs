use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use postern_core::auth::{StoreWrite, credential_key, remove};
use postern_core::secret::SecretName;

use crate::args::{Delete, StoredKind};
use crate::target::Target;
use crate::{console, credential, domain, target};

pub fn run(args: &Delete) -> Result<ExitCode> {
    let mut target = target::open(&args.target)?;
    let writes = match args.kind {
        StoredKind::Secret => secret(target.as_ref(), &args.name)?,
        StoredKind::Credential => stored_credential(target.as_ref(), args)?,
    };
    target.write(&writes)?;
    console::note(&format!("Deleted `{}` from {}.", args.name, target.name()));
    Ok(ExitCode::SUCCESS)
}

fn secret(target: &dyn Target, name: &str) -> Result<Vec<StoreWrite>> {
    let key = SecretName::parse(name).with_context(|| format!("`{name}` is not a secret's name"))?.store_key();
    if target.get(&key)?.is_none() {
        bail!("there is no secret `{name}` in {}: `postern get secrets` lists them", target.name());
    }
    Ok(vec![StoreWrite::Delete { key }])
}

fn stored_credential(target: &dyn Target, args: &Delete) -> Result<Vec<StoreWrite>> {
    let domain = domain::find(&args.target.config, target)?;
    let ring = target.keys()?.ring(&domain);
    match credential::read(target, &ring, &args.name) {
        Ok(material) => Ok(remove(&material)),
        Err(error) if target.get(&credential_key(&args.name))?.is_some() => {
            // Without the record nothing proves the credential, whatever else points to it.
            console::warning(&format!("{error:#}; it is deleted all the same"));
            Ok(vec![StoreWrite::Delete { key: credential_key(&args.name) }])
        }
        Err(error) => Err(error),
    }
}
