//! Runs one case against one target.

mod call;
mod check;
mod observe;
mod prepare;
mod refuse;
mod step;
mod tamper;
mod token;

use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use crate::canary::Canaries;
use crate::format::{Abilities, Case, Need, Reply};
use crate::matching::Mismatches;
use crate::target::{Deployment, Instance, Target};
use crate::upstream::Upstreams;
use crate::values::Values;
use postern_core::secret::KeyRing;
use prepare::Material;
pub(crate) use prepare::now;

/// What became of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Passed,
    /// The target lacks these.
    Skipped(Vec<Need>),
    /// What was expected, and what was seen instead.
    Failed(Mismatches),
}

/// Runs a case. `folder` is where its `files` are looked up. Must run inside a `tokio::task::LocalSet`.
pub async fn run(case: &Case, folder: &Path, target: &dyn Target) -> Outcome {
    let missing: Vec<Need> = case.needs.iter().copied().filter(|need| !target.abilities().has(*need)).collect();
    if !missing.is_empty() {
        return Outcome::Skipped(missing);
    }
    let mut out = Mismatches::default();
    if let Err(why) = run_steps(case, folder, target, &mut out).await {
        out.note(why);
    }
    if out.is_empty() { Outcome::Passed } else { Outcome::Failed(out) }
}

/// A case in progress.
struct Running {
    instance: Box<dyn Instance>,
    upstreams: Rc<Upstreams>,
    values: Values,
    canaries: Canaries,
    credentials: BTreeMap<String, Material>,
    domain: String,
    ring: Option<KeyRing>,
    abilities: Abilities,
}

/// Collects mismatches. An error is what keeps the case from going on.
async fn run_steps(case: &Case, folder: &Path, target: &dyn Target, out: &mut Mismatches) -> Result<(), String> {
    let mut scripts = case.upstreams.clone();
    scripts.entry("provider".into()).or_insert_with(answers_ok);
    let upstreams = Rc::new(Upstreams::new(scripts));
    let exposed = target.expose(upstreams.clone()).await?;
    let mut values = Values::default();
    for (name, url) in &exposed.urls {
        values.set(format!("upstream.{name}"), url);
        values.set(format!("upstreamHost.{name}"), url.split_once("://").map_or(url.as_str(), |(_, host)| host));
    }
    // A redirect may name another upstream, whose address is known only now.
    upstreams.rewrite(|reply| values.fill(reply))?;

    let mut canaries = Canaries::default();
    let prepared = match prepare::prepare(case, folder, &mut values, &mut canaries)? {
        Ok(prepared) => prepared,
        Err(problems) => return refuse::compare(case, &problems, &canaries, out),
    };
    refuse::compare(case, &prepared.warnings, &canaries, out)?;
    let domain = prepared.snapshot.domain.clone();
    let deployment = Deployment {
        snapshot: prepared.snapshot,
        store: prepared.store,
        secrets: prepared.secrets,
        region: case.region.clone(),
        upstreams: upstreams.clone(),
        urls: exposed.urls.clone(),
    };
    let instance = target.start(deployment).await.map_err(|why| format!("the gateway did not start: {why}"))?;
    let abilities = target.abilities();
    let (credentials, ring) = (prepared.credentials, prepared.ring);
    let mut running = Running { instance, upstreams, values, canaries, credentials, domain, ring, abilities };
    for (number, step) in (1..).zip(&case.steps) {
        let mut found = Mismatches::default();
        let ended = running.step(case, step, &mut found).await;
        for text in found.iter() {
            out.note(format!("step {number}: {text}"));
        }
        ended.map_err(|why| format!("step {number}: {why}"))?;
    }
    running.search_logs(out).await
}

fn answers_ok() -> Reply {
    Reply { json: Some(serde_json::json!({"ok": true})), ..Reply::default() }
}
