//! Every YAML example of the documentation, and every folder of `examples`, is a configuration that compiles.

use std::fs;
use std::path::PathBuf;

use postern_core::compile::Options;
use postern_manifest::{Manifest, Source};

#[test]
fn the_examples_compile() {
    let mut documents = vec![PathBuf::from("../README.md")];
    documents.extend(
        fs::read_dir("../docs").unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|it| it == "md")),
    );
    let mut examples = 0;
    for document in documents {
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
        let (snapshot, report) = manifest.compile(Options::default());
        assert!(snapshot.is_some(), "{}", report.render(false));
        let readme = fs::read_to_string(folder.join("README.md")).unwrap();
        assert!(readme.contains("\ncurl "), "{folder:?} has no request to try");
    }
}

fn yaml_blocks(text: &str) -> Vec<String> {
    let blocks = text.split("```yaml\n").skip(1);
    blocks.map(|block| block.split("```").next().unwrap_or_default().to_owned()).collect()
}
