//! Runs one case against one target.

mod call;
mod check;
mod exchange;
mod log;
mod observe;
mod prepare;
mod publish;
mod refuse;
mod step;
mod tamper;
mod token;

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::rc::Rc;

use crate::canary::{Canaries, ISSUED};
use crate::format::{Abilities, Case, Need, Reply, Step};
use crate::matching::Mismatches;
use crate::target::{Deployment, Instance, Target};
use crate::upstream::Upstreams;
use crate::values::Values;
pub(crate) use call::Prepared;
use log::Owed;
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

/// What a case needs of a target: what it says, and what its steps imply.
pub fn needs(case: &Case) -> BTreeSet<Need> {
    let connects = (!case.connect.is_empty()).then_some(Need::Connect);
    let moves = case.clock.is_some().then_some(Need::MoveClock);
    let outages = case.down.iter().map(|outage| outage.need());
    let changes = |step: &Step| step.down.is_some() || step.publish.is_some() || step.restart.is_some() || !step.tamper.is_empty();
    let reaches_store = case.reuse.is_some() || case.all_steps().into_iter().any(changes);
    let access = reaches_store.then_some(Need::StoreAccess);
    case.needs.iter().copied().chain(connects).chain(access).chain(moves).chain(outages).collect()
}

/// Runs a case. `folder` is where its `files` are looked up. Must run inside a `tokio::task::LocalSet`.
pub async fn run(case: &Case, folder: &Path, target: &dyn Target) -> Outcome {
    let missing: Vec<Need> = needs(case).into_iter().filter(|need| !target.abilities().has(*need)).collect();
    if !missing.is_empty() {
        return Outcome::Skipped(missing);
    }
    let mut out = Mismatches::default();
    if let Err(why) = run_steps(case, folder, target, &mut out).await {
        out.note(why);
    }
    if out.is_empty() { Outcome::Passed } else { Outcome::Failed(out) }
}

/// A gateway that was started as a case says, for tests with clients of their own.
pub struct Deployed(Running);

/// Starts what a case describes and takes none of its steps. Must run inside a `tokio::task::LocalSet`.
///
/// # Errors
/// Why the gateway did not start.
pub async fn deploy(case: &Case, folder: &Path, target: &dyn Target) -> Result<Deployed, String> {
    let mut out = Mismatches::default();
    let running = start(case, folder, target, &mut out).await?;
    running.map(Deployed).ok_or_else(|| out.iter().collect::<Vec<_>>().join("\n"))
}

impl Deployed {
    /// Where clients outside of this process reach the gateway.
    pub fn url(&self) -> Option<String> {
        self.0.instance.url()
    }

    /// What `${name}` stands for in the case.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.0.values.get(name)
    }
}

/// A case in progress.
struct Running {
    instance: Rc<dyn Instance>,
    upstreams: Rc<Upstreams>,
    _exposed: Box<dyn Any>,
    values: Values,
    canaries: Canaries,
    credentials: BTreeMap<String, Material>,
    domain: String,
    ring: Option<KeyRing>,
    /// The platform's own, the keys aside.
    env: BTreeMap<String, String>,
    abilities: Abilities,
    owed: Owed,
}

/// Collects mismatches. An error is what keeps the case from going on.
async fn run_steps(case: &Case, folder: &Path, target: &dyn Target, out: &mut Mismatches) -> Result<(), String> {
    let Some(mut running) = start(case, folder, target, out).await? else { return Ok(()) };
    for (number, step) in (1..).zip(&case.steps) {
        running.numbered_step(case, &format!("step {number}"), step, out).await?;
    }
    running.check_open_calls(out).await;
    running.search_store(case, out)?;
    running.check_all_logs(out).await
}

/// `None` for resources that are refused; whether they should be is compared.
async fn start(case: &Case, folder: &Path, target: &dyn Target, out: &mut Mismatches) -> Result<Option<Running>, String> {
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
    for (name, script) in &case.upstreams {
        issued(script).for_each(|token| canaries.mark_secret(&format!("a token of the upstream {name}"), ISSUED, token));
    }
    let prepared = match prepare::prepare(case, folder, &mut values, &mut canaries)? {
        Ok(prepared) => prepared,
        Err(problems) => {
            refuse::compare(case, &problems, &canaries, out);
            return Ok(None);
        }
    };
    refuse::compare(case, &prepared.warnings, &canaries, out);
    search_what_is_deployed(case, &prepared, &canaries, out)?;
    let domain = prepared.snapshot.domain.clone();
    let deployment = Deployment {
        snapshot: prepared.snapshot,
        store: prepared.store,
        secrets: prepared.secrets,
        region: case.region.clone(),
        upstreams: upstreams.clone(),
        urls: exposed.urls,
        connect: case.connect.clone(),
        down: case.down.clone(),
        clock: case.clock.as_deref().map(prepare::time).transpose()?,
        reuse_for: case.reuse.map(|duration| duration.to_std()).unwrap_or_default(),
    };
    let instance = target.start(deployment).await.map_err(|why| format!("the gateway did not start: {why}"))?.into();
    let (credentials, ring) = (prepared.credentials, prepared.ring);
    let (abilities, _exposed) = (target.abilities(), exposed.guard);
    let env = case.env.clone();
    let owed = Owed::default();
    Ok(Some(Running { instance, upstreams, _exposed, values, canaries, credentials, domain, ring, env, abilities, owed }))
}

/// Neither what is published nor what is stored shows a secret, but for what the case itself put into the store.
fn search_what_is_deployed(case: &Case, prepared: &prepare::Prepared, canaries: &Canaries, out: &mut Mismatches) -> Result<(), String> {
    let snapshot = serde_json::to_vec(&prepared.snapshot).map_err(|error| format!("the Snapshot has no text: {error}"))?;
    canaries.search("the Snapshot", &snapshot, out);
    canaries.search("the Snapshot's Debug text", format!("{:?}", prepared.snapshot).as_bytes(), out);
    for (key, value) in prepared.store.iter().filter(|(key, _)| !case.store.contains_key(*key)) {
        canaries.search(&format!("the store's {key}"), value, out);
    }
    Ok(())
}

/// The tokens that an upstream issues as a token endpoint does (RFC 6749 §5.1).
fn issued(script: &Reply) -> impl Iterator<Item = &str> {
    let replies = std::iter::once(script).chain(&script.then);
    replies.filter_map(|reply| reply.json.as_ref()?.get("access_token")?.as_str())
}

fn answers_ok() -> Reply {
    Reply { json: Some(serde_json::json!({"ok": true})), ..Reply::default() }
}
