//! Every YAML example of the documentation, and every folder of `examples`, is a configuration that compiles.

use std::fs;
use std::path::PathBuf;

use postern_core::compile::{Options, Unprotected};
use postern_manifest::{Manifest, Source};

#[test]
fn the_examples_compile() {
    let mut examples = 0;
    for document in documents() {
        for (index, example) in yaml_blocks(&fs::read_to_string(&document).unwrap()).into_iter().enumerate() {
            let manifest = Manifest::parse(vec![Source { name: format!("{} example {index}", document.display()), text: example }]);
            let (snapshot, report) = manifest.compile(Options::default());
            assert!(snapshot.is_some(), "{}", report.render(false));
            examples += 1;
        }
    }
    assert!(examples >= 2, "{examples}");
}

#[test]
fn the_quickstart_compiles() {
    let (snapshot, report) = Manifest::read(&[PathBuf::from("../config")], &mut std::io::empty()).compile(Options::default());
    assert!(snapshot.is_some(), "{}", report.render(false));
}

#[test]
fn the_example_configurations_compile() {
    let folders: Vec<PathBuf> = fs::read_dir("../examples").unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(folders.len() >= 5);
    for folder in folders {
        let manifest = Manifest::read(&[folder.join("config")], &mut std::io::empty());
        let (snapshot, report) = manifest.compile(Options { protect: Some(&Unprotected), ..Options::default() });
        assert!(snapshot.is_some(), "{}", report.render(false));
        let readme = fs::read_to_string(folder.join("README.md")).unwrap();
        assert!(readme.contains("\ncurl "), "{folder:?} has no request to try");
    }
}

#[test]
fn links_between_documents_lead_somewhere() {
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()).filter(|link| !link.contains("://")) {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let path = if file.is_empty() { document.clone() } else { document.parent().unwrap().join(file) };
            assert!(path.exists(), "{}: {link}", document.display());
            let headings =
                || fs::read_to_string(&path).unwrap().lines().filter(|line| line.starts_with('#')).map(anchor_of).collect::<Vec<_>>();
            assert!(anchor.is_empty() || headings().iter().any(|heading| heading == anchor), "{}: {link}", document.display());
        }
    }
}

fn documents() -> Vec<PathBuf> {
    let docs = fs::read_dir("../docs").into_iter().flatten().flatten().map(|entry| entry.path());
    let markdown = docs.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    std::iter::once(PathBuf::from("../README.md")).chain(markdown).collect()
}

/// As hosts of repositories make it of a heading.
fn anchor_of(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    text.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-')).map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn yaml_blocks(text: &str) -> Vec<String> {
    let blocks = text.split("```yaml\n").skip(1);
    blocks.map(|block| block.split("```").next().unwrap_or_default().to_owned()).collect()
}
