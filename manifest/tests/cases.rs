//! Each folder of `tests/cases` is read as a set of files, and the report is compared with its `expected.txt`. After a change of a
//! message, look at what `UPDATE=1 cargo test -p postern-manifest --test cases` writes.

use std::fs;
use std::path::PathBuf;

use postern_core::compile::Options;
use postern_core::resource::AnyResource;
use postern_manifest::{Manifest, Source};

#[test]
fn every_problem_is_told_at_its_place() {
    let mut folders: Vec<PathBuf> = fs::read_dir("tests/cases").unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    assert!(folders.len() >= 9);
    for folder in folders {
        let manifest = Manifest::read(std::slice::from_ref(&folder), &mut std::io::empty());
        let (snapshot, report) = manifest.compile(Options::default());
        assert_eq!(snapshot.is_some(), report.errors() == 0, "{folder:?}");
        let rendered = report.render(false);
        assert!(!rendered.contains("very-secret"), "{folder:?} tells a secret");
        let path = folder.join("expected.txt");
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&path, &rendered).unwrap();
        }
        let expected = fs::read_to_string(&path).unwrap_or_default();
        assert!(rendered == expected, "{folder:?}:\n{rendered}");
    }
}

/// One file for each way in which Octelium's users write Services, with its placeholders filled.
#[test]
fn what_octelium_users_write_holds() {
    let mut features: Vec<_> = fs::read_dir("tests/features").unwrap().map(|entry| entry.unwrap().path()).collect();
    features.sort();
    assert_eq!(features.len(), 13);
    for path in features {
        let feature = path.file_stem().unwrap().to_str().unwrap();
        let text = fs::read_to_string(&path).unwrap();
        let text = text.replace("<TEAM>", "media").replace("<APP>", "thumbnails").replace("<VERSION>", "3");
        let text = text.replace("<SCHEMA_OF_AN_ORDER>", "'{\"type\": \"object\"}'").replace("<SCHEMA_OF_A_CHANGE>", "'{}'");
        let (snapshot, report) = Manifest::parse(vec![Source { name: format!("{feature}.yaml"), text }]).compile(Options::default());
        assert!(snapshot.is_some(), "{feature}: {:#}", report.to_json());
    }
}

#[test]
fn what_cannot_be_read_is_in_the_report() {
    let stdin = &mut "kind: Nonsense\n".as_bytes();
    let paths = ["tests/no-such-folder", "-"].map(PathBuf::from);
    let report = Manifest::read(&paths, stdin).compile(Options::default()).1;
    let rendered = report.render(false);
    assert!(rendered.contains("tests/no-such-folder") && rendered.contains("<stdin>:1:7"), "{rendered}");
    assert_eq!(report.errors(), 2);
    assert!(report.render(true).contains('\u{1b}') && !rendered.contains('\u{1b}'));
}

#[test]
fn no_mutilated_file_makes_it_panic() {
    for entry in fs::read_dir("tests/features").unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let without_line = (0..lines.len()).map(|n| [&lines[..n], &lines[n + 1..]].concat().join("\n"));
        let cut = (0..text.len()).step_by(13).map(|n| text[..n].to_owned());
        for text in without_line.chain(cut) {
            let manifest = Manifest::parse(vec![Source { name: "x.yaml".to_owned(), text }]);
            let (snapshot, report) = manifest.compile(Options::default());
            assert_eq!(snapshot.is_some(), report.errors() == 0);
            report.render(true);
        }
    }
}

#[test]
fn resources_that_no_file_holds_are_compiled_along() {
    let text = "kind: Credential\nmetadata: {name: one}\nspec: {type: OAUTH2, user: ada}\n".to_owned();
    let mut manifest = Manifest::parse(vec![Source { name: "x.yaml".to_owned(), text }]);
    assert_eq!(manifest.compile(Options::default()).1.errors(), 1);
    let user = serde_json::json!({ "kind": "User", "metadata": { "name": "ada" }, "spec": { "groups": ["gone"] } });
    manifest.add("User ada of the store", AnyResource::from_json("User", user).unwrap());
    let report = manifest.compile(Options::default()).1;
    let rendered = report.render(false);
    assert_eq!(report.errors(), 1, "{rendered}");
    assert!(rendered.contains("there is no Group `gone`") && rendered.contains("User ada of the store"), "{rendered}");
}

#[cfg(unix)]
#[test]
fn folders_are_read_once_sorted_and_without_what_is_hidden() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("folders");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("b/.hidden")).unwrap();
    for name in ["z.yaml", "a.yml", "b/c.yaml", "b/.hidden/d.yaml", ".e.yaml", "notes.txt"] {
        fs::write(folder.join(name), "\u{feff}kind: Nonsense\n").unwrap();
    }
    fs::write(folder.join("b/latin.yaml"), b"a: \xe9\n").unwrap();
    std::os::unix::fs::symlink(&folder, folder.join("b/loop")).unwrap();
    let report = Manifest::read(&[folder], &mut std::io::empty()).compile(Options::default()).1.to_json();
    let problems = report["problems"].as_array().unwrap();
    let files: Vec<_> = problems.iter().map(|p| p["file"].as_str().unwrap().rsplit_once("folders/").unwrap().1.to_owned()).collect();
    assert_eq!(files, ["a.yml", "b/c.yaml", "z.yaml", "b/latin.yaml"]);
    assert!(problems[..3].iter().all(|p| p["line"] == 1 && p["column"] == 7), "{problems:?}");
    assert!(problems[3]["message"].as_str().unwrap().contains("not UTF-8: byte 3"), "{problems:?}");
}
