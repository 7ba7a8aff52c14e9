use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use futures::future::{AbortHandle, AbortRegistration, Abortable};

use super::Settings;
use super::batch::{Batch, Content};
use super::queue::Queue;
use super::send::{Failure, Retry, send};
use crate::platform::{Platform, Timestamp};
use crate::secret::Secrets;
use crate::telemetry::metrics::{Active, Activity, Loss, Metrics, ServiceKey};
use crate::telemetry::otlp::{Envelope, KeyValue, Signal, attribute, encode};
use crate::telemetry::outcome::Outcome;

/// Collects what the requests of an instance report, and sends it. At most one task sends and one waits for its time: on Workers both
/// belong to some request, and may end with it at any moment, so nothing but plain data is kept here.
pub struct Exporter {
    pub settings: Settings,
    secrets: Rc<Secrets>,
    region: Option<String>,
    active: Active,
    identity: OnceCell<Identity>,
    state: RefCell<State>,
}

/// What an instance says of itself from its first request on.
struct Identity {
    envelope: Envelope,
    since: Timestamp,
}

struct State {
    logs: Queue,
    spans: Queue,
    metrics: Metrics,
    /// When the task that waits is to send.
    timer: Option<Timestamp>,
    /// Since when a task sends, and how to end it.
    flight: Option<(Timestamp, AbortHandle)>,
    /// Failures since the last success.
    failures: u32,
    not_before: Timestamp,
    /// Losses that the log does not tell yet.
    untold: BTreeMap<(Signal, Loss), u64>,
    told: Option<Timestamp>,
}

/// Messages of one signal that are sent in a row, for when more came than one takes.
const ROUNDS: usize = 16;

/// A task that should have ended or begun so long ago never will: its host ended it.
const LOST: Duration = Duration::from_secs(30);

const FIRST_BACKOFF: Duration = Duration::from_secs(5);
const LONGEST_BACKOFF: Duration = Duration::from_secs(60);

/// Failures in a row after which nothing is sent for its own sake: the next request tries again. (An instance without requests would
/// live on for a collector that is gone.)
const UNATTENDED_FAILURES: u32 = 2;

/// How often the log tells of failures and losses.
const TELL_EVERY: Duration = Duration::from_secs(30);

impl Exporter {
    pub fn new(settings: Settings, secrets: Rc<Secrets>, region: Option<String>) -> Self {
        let queue = || Queue::new(settings.max_queue_bytes);
        let state = State {
            logs: queue(),
            spans: queue(),
            metrics: Metrics::default(),
            timer: None,
            flight: None,
            failures: 0,
            not_before: Timestamp::default(),
            untold: BTreeMap::new(),
            told: None,
        };
        let (active, identity) = (Active::default(), OnceCell::new());
        Self { secrets, region, active, identity, state: RefCell::new(state), settings }
    }

    /// Counts a request of the Service as under way.
    pub fn begin(&self, service: ServiceKey) -> Option<Activity> {
        self.settings.sends(Signal::Metrics).then(|| self.active.begin(service))
    }

    /// Keeps what is to be sent of a request that has ended, and has it sent when it is time.
    pub fn record(self: &Rc<Self>, platform: &Platform, log: Option<Vec<u8>>, spans: Vec<Vec<u8>>, outcome: &Outcome<'_>) {
        let now = outcome.ended;
        if self.settings.sends(Signal::Metrics) {
            self.state.borrow_mut().metrics.request(outcome);
        }
        let lost = log.map_or(0, |log| self.state.borrow_mut().logs.push(log));
        self.lose(Signal::Logs, Loss::QueueFull, lost, now);
        let lost = spans.into_iter().map(|span| self.state.borrow_mut().spans.push(span)).sum();
        self.lose(Signal::Traces, Loss::QueueFull, lost, now);
        self.wake(platform);
    }

    /// Sends what fills a message at once, and the rest when its time has come.
    fn wake(self: &Rc<Self>, platform: &Platform) {
        let now = platform.clock.now();
        let (handle, registration) = AbortHandle::new_pair();
        let wait = {
            let mut state = self.state.borrow_mut();
            if state.is_empty() {
                return;
            }
            if state.is_full(self.settings.max_items) && state.may_send(now) {
                state.flight = Some((now, handle.clone()));
                None
            } else if state.timer.is_none_or(|due| now.since(due) > LOST) {
                let wait = self.settings.max_age.max(state.not_before.since(now));
                state.timer = Some(now.plus(wait));
                Some(wait)
            } else {
                return;
            }
        };
        self.spawn(platform, wait, handle, registration);
    }

    fn spawn(self: &Rc<Self>, platform: &Platform, wait: Option<Duration>, handle: AbortHandle, registration: AbortRegistration) {
        let (exporter, of_task) = (self.clone(), platform.clone());
        let work = async move {
            if let Some(wait) = wait {
                of_task.tasks.sleep(wait).await;
                if !exporter.take_off(of_task.clock.now(), handle) {
                    return;
                }
            }
            let failure = exporter.send_all(&of_task).await;
            exporter.land(&of_task, failure);
        };
        platform.tasks.wait_until(Box::pin(async move {
            // One that was ended has left everything as it should be.
            let _ = Abortable::new(work, registration).await;
        }));
    }

    /// The wait is over. Whoever sends just now will look for more.
    fn take_off(&self, now: Timestamp, handle: AbortHandle) -> bool {
        let mut state = self.state.borrow_mut();
        state.timer = None;
        let is_free = !state.is_empty() && state.is_free(now);
        if is_free {
            state.flight = Some((now, handle));
        }
        is_free
    }

    /// Sends what waits, until less than a message is left.
    async fn send_all(self: &Rc<Self>, platform: &Platform) -> Option<Retry> {
        for _ in 0..ROUNDS {
            for signal in Signal::ALL {
                let Some(batch) = self.take(signal, platform) else { continue };
                let message = self.identity(platform).envelope.message(signal, batch.items());
                match send(&self.settings, &self.secrets, platform, signal, message).await {
                    Ok(rejected) => {
                        batch.settle();
                        if signal == Signal::Metrics {
                            self.active.told();
                        }
                        self.lose(signal, Loss::Refused, rejected, platform.clock.now());
                    }
                    Err(Failure::Refused(why)) => {
                        let count = batch.settle();
                        self.lose(signal, Loss::Refused, count, platform.clock.now());
                        self.tell(platform, Some(&why));
                    }
                    Err(Failure::Retry(retry)) => return Some(retry),
                }
            }
            if !self.state.borrow().is_full(self.settings.max_items) {
                break;
            }
        }
        None
    }

    fn land(self: &Rc<Self>, platform: &Platform, failure: Option<Retry>) {
        let now = platform.clock.now();
        let unattended = {
            let mut state = self.state.borrow_mut();
            state.flight = None;
            match &failure {
                Some(Retry { after, .. }) => {
                    let backoff = FIRST_BACKOFF.saturating_mul(1 << state.failures.min(4)).min(LONGEST_BACKOFF);
                    state.failures = state.failures.saturating_add(1);
                    state.not_before = now.plus(after.unwrap_or(backoff));
                }
                None => (state.failures, state.not_before) = (0, now),
            }
            state.failures < UNATTENDED_FAILURES
        };
        self.tell(platform, failure.map(|retry| retry.why).as_deref());
        if unattended {
            self.wake(platform);
        }
    }

    fn take(self: &Rc<Self>, signal: Signal, platform: &Platform) -> Option<Batch> {
        let now = platform.clock.now();
        let mut state = self.state.borrow_mut();
        let content = match signal {
            Signal::Logs => Content::Items(state.logs.take(self.settings.max_items)),
            Signal::Traces => Content::Items(state.spans.take(self.settings.max_items)),
            Signal::Metrics => {
                let counted = std::mem::take(&mut state.metrics);
                let common = self.region();
                let active = self.active.metric(self.identity(platform).since, now, &common);
                let metrics = counted.metrics(now, &common).into_iter().chain(active);
                let items = metrics.map(|metric| encode(self.settings.protocol, &metric)).collect();
                Content::Metrics { counted, items }
            }
        };
        drop(state);
        let batch = Batch::new(self.clone(), signal, content, now);
        (!batch.items().is_empty()).then_some(batch)
    }

    pub(super) fn put_back(&self, signal: Signal, items: Vec<Vec<u8>>, taken: Timestamp) {
        let lost = {
            let mut state = self.state.borrow_mut();
            let queue = if signal == Signal::Logs { &mut state.logs } else { &mut state.spans };
            queue.put_back(items)
        };
        self.lose(signal, Loss::QueueFull, lost, taken);
    }

    pub(super) fn put_back_metrics(&self, counted: Metrics) {
        self.state.borrow_mut().metrics.put_back(counted);
    }

    fn lose(&self, signal: Signal, why: Loss, count: u64, now: Timestamp) {
        if count == 0 {
            return;
        }
        let mut state = self.state.borrow_mut();
        *state.untold.entry((signal, why)).or_default() += count;
        // Of metrics that are not taken, no metric can tell.
        if signal != Signal::Metrics && self.settings.sends(Signal::Metrics) {
            state.metrics.lost(signal, why, count, now);
        }
    }

    /// Says in the log what failed, and what is lost since it said so last.
    fn tell(&self, platform: &Platform, failure: Option<&str>) {
        let now = platform.clock.now();
        let mut state = self.state.borrow_mut();
        if failure.is_none() && state.untold.is_empty() || state.told.is_some_and(|told| now.since(told) < TELL_EVERY) {
            return;
        }
        state.told = Some(now);
        let failure = failure.map(|why| format!("the collector did not take it: {why}"));
        let lost = std::mem::take(&mut state.untold).into_iter();
        let lost = lost.map(|((signal, why), count)| format!("{count} {} lost ({})", signal.items(), why.name()));
        let message = failure.into_iter().chain(lost).collect::<Vec<_>>().join("; ");
        let line = serde_json::json!({"kind": "ComponentLog", "level": "warn", "message": format!("telemetry: {message}")});
        platform.log.write(&line.to_string());
    }

    /// Each instance is a source of its own: the numbers of two must not be taken for one's.
    fn identity(&self, platform: &Platform) -> &Identity {
        self.identity.get_or_init(|| {
            let mut instance = [0; 16];
            platform.random.fill(&mut instance);
            let mut attributes = vec![
                attribute("service.name", "postern"),
                attribute("service.version", env!("CARGO_PKG_VERSION")),
                attribute("service.instance.id", crate::hex::encode(&instance)),
            ];
            attributes.extend(self.region());
            let own = &self.settings.resource_attributes;
            attributes.retain(|attribute| own.iter().all(|own| own.key() != attribute.key()));
            attributes.extend_from_slice(own);
            Identity { envelope: Envelope::new(self.settings.protocol, attributes), since: platform.clock.now() }
        })
    }

    fn region(&self) -> Vec<KeyValue> {
        self.region.iter().map(|region| attribute("postern.region.name", region.as_str())).collect()
    }
}

impl State {
    fn is_empty(&self) -> bool {
        self.logs.len() == 0 && self.spans.len() == 0 && self.metrics.is_empty()
    }

    fn is_full(&self, max_items: usize) -> bool {
        [&self.logs, &self.spans].into_iter().any(|queue| queue.len() >= max_items || queue.is_filling())
    }

    fn may_send(&mut self, now: Timestamp) -> bool {
        now >= self.not_before && self.is_free(now)
    }

    /// Nobody sends. One that has sent for too long is ended.
    fn is_free(&mut self, now: Timestamp) -> bool {
        if let Some((_, handle)) = self.flight.take_if(|(since, _)| now.since(*since) > LOST) {
            handle.abort();
        }
        self.flight.is_none()
    }
}
