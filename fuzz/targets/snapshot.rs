//! Snapshots: any text is refused or served; nothing in one makes a request panic.

#![no_main]

use postern_core::snapshot::Snapshot;
use postern_fuzz::gateway::World;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let Ok(snapshot) = Snapshot::from_json(text) else { return };
    let names: Vec<String> = snapshot.services.keys().take(3).cloned().collect();
    let world = World::new(snapshot);
    for name in names {
        let request = format!("POST /-/{name}/v1/x?a=b HTTP/1.1\ncontent-type: application/json\n\n{{\"model\": \"m\", \"n\": 1}}");
        world.send(&request);
    }
});
