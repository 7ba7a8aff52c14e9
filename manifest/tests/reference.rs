//! `docs/configuration.md` is what the types say. After a change of a doc comment: `UPDATE=1 cargo test -p postern-manifest --test
//! reference`.

use std::fs;
use std::path::Path;

use postern_manifest::{Schema, reference};

#[test]
fn the_committed_reference_is_the_generated_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/configuration.md");
    let generated = reference(&Schema::new());
    if std::env::var_os("UPDATE").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &generated).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == generated, "docs/configuration.md is out of date: run UPDATE=1 cargo test -p postern-manifest --test reference");
}

#[test]
fn the_reference_holds_every_kind_and_links_only_to_sections() {
    let page = reference(&Schema::new());
    for kind in postern_core::resource::KINDS {
        assert!(page.contains(&format!("\n### {kind}\n")), "{kind}");
    }
    for link in page.split("](#").skip(1) {
        let anchor = link.split(')').next().unwrap();
        assert!(page.lines().any(|line| line.strip_prefix("### ").is_some_and(|title| title.to_lowercase() == anchor)), "{anchor}");
    }
}
