//! Each folder of `tests/gloo` holds documents of Gloo's kinds in `config`, what they mean in `imported.yaml`, and what there is to say
//! about them in `expected.txt`. After a change, look at what `UPDATE=1 cargo test -p postern-manifest --test gloo` writes.

use std::fs;
use std::path::{Path, PathBuf};

use postern_core::compile::{Options, Unprotected};
use postern_manifest::{Manifest, Source};

#[test]
fn documents_mean_what_they_say() {
    let mut folders: Vec<PathBuf> = fs::read_dir("tests/gloo").unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    assert!(folders.len() >= 7);
    for folder in folders {
        let manifest = Manifest::read(&[folder.join("config")], &mut std::io::empty());
        let imported = manifest.imported().to_yaml().unwrap();
        same(&folder.join("imported.yaml"), &imported);
        let rendered = compile(&manifest).1.render(false);
        same(&folder.join("expected.txt"), &rendered);
        for text in [imported, rendered] {
            assert!(!text.contains("very-secret") && !text.contains("dmVyeS1zZWNyZXQ"), "{folder:?} tells a secret");
        }
    }
}

/// What is printed is read again as what it was.
#[test]
fn what_was_imported_means_the_same() {
    for folder in ["external-service", "http-route", "ai", "api-key", "policies", "delegation"] {
        let original = Manifest::read(&[PathBuf::from(format!("tests/gloo/{folder}/config"))], &mut std::io::empty());
        let text = original.imported().to_yaml().unwrap();
        let imported = Manifest::parse(vec![Source { name: "imported.yaml".to_owned(), text }]);
        let (Some(before), report) = compile(&original) else { panic!("{folder}: {}", compile(&original).1.render(false)) };
        let (after, _) = compile(&imported);
        let after = after.unwrap_or_else(|| panic!("{folder}: {}", report.render(false)));
        assert_eq!(serde_json::to_string(&before.services).unwrap(), serde_json::to_string(&after.services).unwrap(), "{folder}");
        assert_eq!(serde_json::to_string(&before.users).unwrap(), serde_json::to_string(&after.users).unwrap(), "{folder}");
    }
}

fn compile(manifest: &Manifest) -> (Option<postern_core::snapshot::Snapshot>, postern_manifest::Report) {
    manifest.compile(Options { protect: Some(&Unprotected), ..Options::default() })
}

fn same(path: &Path, text: &str) {
    if std::env::var_os("UPDATE").is_some() {
        assert!(fs::write(path, text).is_ok(), "{path:?} cannot be written");
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    assert!(text == expected, "{path:?}:\n{text}");
}
