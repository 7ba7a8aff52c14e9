//! Configurations that are published while the gateway runs.

use std::time::Duration;

use futures::FutureExt;
use serde_json::json;

use super::fixture::{Fixture, upstream};
use crate::gateway::Settings;
use crate::gateway::installed::Installed;
use crate::publish::{CURRENT, Pointer};
use crate::secret::KeyRing;
use crate::secret::testing::{master, snapshot};
use crate::testing::test;

fn publish(fixture: &Fixture, generation: u64, ring: &KeyRing) {
    let json = serde_json::to_string(&snapshot(json!({"generation": generation}))).unwrap();
    let pointer = Pointer::sign(ring, &json, generation, "localhost");
    fixture.world.memory.store.insert(&pointer.content_key(), json.into_bytes());
    fixture.world.memory.store.insert(CURRENT, serde_json::to_vec(&pointer).unwrap());
}

/// Lets the gateway look, and gives the status of a Service that only the first configuration has.
fn look(fixture: &Fixture) -> u16 {
    fixture.world.memory.clock.advance(Duration::from_secs(60));
    fixture.get("http://api.localhost/");
    fixture.world.memory.tasks.run().now_or_never().unwrap();
    fixture.get("http://api.localhost/").status
}

#[test]
fn only_a_newer_one_of_our_own_is_taken() {
    let fixture = Fixture::with_config(upstream(json!({})));
    let ring = |seed| KeyRing::new("localhost", master(seed), None);
    assert_eq!(look(&fixture), 200, "there is none");
    publish(&fixture, 1, &ring(1));
    assert_eq!(look(&fixture), 200, "not newer");
    publish(&fixture, 2, &ring(9));
    assert_eq!(look(&fixture), 200, "another key");
    let complaints = fixture.world.memory.log.lines().iter().filter(|line| line.contains("not signed")).count();
    assert_eq!(complaints, 1);
    publish(&fixture, 2, &ring(1));
    assert_eq!(look(&fixture), 404);
}

#[test]
fn a_slow_look_does_not_bring_an_older_one_back() {
    let fixture = Fixture::with_config(upstream(json!({})));
    let generation = || fixture.gateway.installed().snapshot.generation;
    for (found, running) in [(3, 3), (2, 3), (3, 3), (4, 4)] {
        fixture.gateway.install(Installed::new(snapshot(json!({"generation": found})), Settings::default()));
        assert_eq!(generation(), running);
    }
}
