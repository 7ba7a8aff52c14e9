//! Requests: whatever arrives, nothing passes that must not, and no secret leaves by a way that is not its own.

#![no_main]

use std::cell::OnceCell;

use postern_core::compile::Options;
use postern_fuzz::gateway::{CANARY, World};
use postern_manifest::{Manifest, Source};

thread_local! {
    static WORLD: OnceCell<World> = const { OnceCell::new() };
}

libfuzzer_sys::fuzz_target!(|text: &str| {
    WORLD.with(|world| check(world.get_or_init(world_of), text));
});

fn world_of() -> World {
    let source = Source { name: "request.yaml".to_owned(), text: include_str!("request.yaml").to_owned() };
    let (snapshot, report) = Manifest::parse(vec![source]).compile(Options::default());
    World::new(snapshot.unwrap_or_else(|| panic!("{}", report.render(false))))
}

fn check(world: &World, text: &str) {
    let Some(seen) = world.send(text) else { return };
    assert_eq!(seen.log.len(), 1, "one entry for a request: {:?}", seen.log);
    let answer = format!("{} {:?} {}", seen.status, seen.headers, String::from_utf8_lossy(&seen.body));
    for shown in seen.log.iter().chain([&answer]) {
        assert!(!shown.contains(CANARY), "the secret is in {shown}");
    }
    for upstream in seen.upstream {
        assert_eq!(upstream.host, "open.example", "nobody has a credential, so the other Services are closed");
        assert!(upstream.path.starts_with("/base/"), "{} left the prefix", upstream.path);
        let authorization: Vec<_> = upstream.headers.get_all("authorization").iter().collect();
        assert_eq!(authorization, [&format!("Bearer {CANARY}")[..]], "the credential, and nothing of the caller's");
        for name in ["connection", "transfer-encoding", "te", "upgrade", "x-postern-auth", "x-octelium-auth", "x-forwarded-for"] {
            let values: Vec<_> = upstream.headers.get_all(name).iter().collect();
            assert!(values.is_empty() || name == "te" && values == ["trailers"], "{name} goes on: {values:?}");
        }
    }
}
