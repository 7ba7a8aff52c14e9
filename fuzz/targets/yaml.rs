//! Manifests: any text gives a report, and what compiles is a Snapshot that every instance can read and serve.

#![no_main]

use postern_core::compile::{Options, WithKeys};
use postern_core::problem::{Problems, Severity};
use postern_core::service::Service;
use postern_core::snapshot::Snapshot;
use postern_fuzz::{Sevens, ring};
use postern_manifest::{Manifest, Source};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let ring = ring();
    let protect = WithKeys { ring: &ring, random: &Sevens };
    let options = Options { generation: 1, protect: Some(&protect), ..Options::default() };
    let manifest = Manifest::parse(vec![Source { name: "a.yaml".to_owned(), text: text.to_owned() }]);
    let (snapshot, report) = manifest.compile(options);
    assert_eq!(snapshot.is_some(), report.errors() == 0, "{}", report.render(false));
    let _ = (report.render(true), report.to_json(), manifest.not_needed());
    let Some(snapshot) = snapshot else { return };
    let json = serde_json::to_string(&snapshot).expect("a Snapshot has a text");
    let read = Snapshot::from_json(&json).unwrap_or_else(|error| panic!("{error}: {json}"));
    assert_eq!(serde_json::to_string(&read).ok().as_ref(), Some(&json), "a Snapshot stays what it is");
    for name in snapshot.services.keys() {
        let service = read.service(name).unwrap_or_else(|| panic!("{name} cannot be read: {json}"));
        let mut problems = Problems::new();
        Service::compile(&service, &read.domain, &mut problems);
        let errors: Vec<_> = problems.into_vec().into_iter().filter(|problem| problem.severity == Severity::Error).collect();
        assert!(errors.is_empty(), "an instance refuses what was published: {errors:?}");
    }
});
