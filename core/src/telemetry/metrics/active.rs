use std::cell::RefCell;
use std::rc::Rc;

use super::sorted::Sorted;
use super::{ServiceKey, point};
use crate::platform::Timestamp;
use crate::telemetry::otlp::{Data, KeyValue, Metric, Temporality, nanoseconds};

/// Requests under way, by Service. It is bounded by what is under way.
#[derive(Debug, Clone, Default)]
pub struct Active(Rc<RefCell<Sorted<ServiceKey, Count>>>);

#[derive(Debug, Default)]
struct Count {
    now: i64,
    /// What was told last.
    told: i64,
}

/// A request under way, until it is dropped.
#[derive(Debug)]
pub struct Activity {
    active: Active,
    service: ServiceKey,
}

impl Active {
    pub fn begin(&self, service: ServiceKey) -> Activity {
        self.0.borrow_mut().change(service.clone(), |count| count.now += 1);
        Activity { active: self.clone(), service }
    }

    /// `req.active`; nothing where nothing is under way, and was not when it was told last.
    pub fn metric(&self, started: Timestamp, now: Timestamp, common: &[KeyValue]) -> Option<Metric> {
        let span = (nanoseconds(started), nanoseconds(now));
        let mut active = self.0.borrow_mut();
        let points = active.iter_mut().map(|(service, count)| {
            count.told = count.now;
            let mut attributes = service.attributes();
            attributes.extend_from_slice(common);
            point(attributes, span, count.now)
        });
        let points: Vec<_> = points.collect();
        (!points.is_empty()).then_some(Metric {
            name: "req.active",
            description: "Requests under way.",
            unit: "{request}",
            data: Data::Sum { points, temporality: Temporality::Cumulative, is_monotonic: false },
        })
    }

    /// Forgets Services of which the collector knows that nothing is under way.
    pub fn told(&self) {
        self.0.borrow_mut().retain(|count| count.now != 0 || count.told != 0);
    }
}

impl Drop for Activity {
    fn drop(&mut self) {
        if let Some(count) = self.active.0.borrow_mut().get_mut(&self.service) {
            count.now -= 1;
        }
    }
}
