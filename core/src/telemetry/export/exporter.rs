use std::cell::{OnceCell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use futures::future::{AbortHandle, Abortable};

use super::Settings;
use super::batch::{Batch, Content};
use super::send::{Failure, Retry, send};
use super::state::{Next, State};
use crate::platform::{Platform, Timestamp};
use crate::problem::Problems;
use crate::resource::Gateway;
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

/// Messages of one signal that are sent in a row, for when more came than one takes.
const ROUNDS: usize = 16;

impl Exporter {
    /// Nothing where the configuration names no collector. What is wrong with it was told when it was published.
    pub fn of(gateway: &Gateway, secrets: &Rc<Secrets>, region: Option<&str>) -> Option<Rc<Self>> {
        let settings = Settings::compile(gateway.telemetry.as_ref()?.otlp.as_ref()?, &mut Problems::new())?;
        Some(Rc::new(Self {
            secrets: secrets.clone(),
            region: region.map(str::to_owned),
            active: Active::default(),
            identity: OnceCell::new(),
            state: RefCell::new(State::new(settings.max_queue_bytes)),
            settings,
        }))
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

    /// Has a task send what waits, if there is none yet.
    fn wake(self: &Rc<Self>, platform: &Platform) {
        let (handle, registration) = AbortHandle::new_pair();
        let now = platform.clock.now();
        let wait = match self.state.borrow_mut().next(now, self.settings.max_items, self.settings.max_age, &handle) {
            Next::Nothing => return,
            Next::Send => None,
            Next::Wait(wait) => Some(wait),
        };
        let work = self.clone().work(platform.clone(), wait, handle);
        platform.tasks.wait_until(Box::pin(async move {
            // One that was ended has left everything as it should be.
            let _ = Abortable::new(work, registration).await;
        }));
    }

    async fn work(self: Rc<Self>, platform: Platform, wait: Option<Duration>, handle: AbortHandle) {
        if let Some(wait) = wait {
            platform.tasks.sleep(wait).await;
            let mut state = self.state.borrow_mut();
            state.timer = None;
            if !state.take_off(platform.clock.now(), &handle) {
                return;
            }
        }
        let failure = self.send_all(&platform).await;
        let unattended = self.state.borrow_mut().land(platform.clock.now(), failure.as_ref());
        self.tell(&platform, failure.as_ref().map(|retry| retry.why.as_str()));
        if unattended {
            self.wake(&platform);
        }
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
        state.losses.add(signal, why, count);
        // Of metrics that are not taken, no metric can tell.
        if signal != Signal::Metrics && self.settings.sends(Signal::Metrics) {
            state.metrics.lost(signal, why, count, now);
        }
    }

    /// Says in the log what failed, and what is lost.
    fn tell(&self, platform: &Platform, failure: Option<&str>) {
        if let Some(message) = self.state.borrow_mut().losses.tell(failure, platform.clock.now()) {
            let line = serde_json::json!({"kind": "ComponentLog", "level": "warn", "message": message});
            platform.log.write(&line.to_string());
        }
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
