use std::time::Duration;

use super::Retry;
use crate::check::each;
use crate::problem::Problems;
use crate::resource::{self, service as source};

const DEFAULT_MAX_RETRIES: u32 = 12;
const DEFAULT_INITIAL_INTERVAL: Duration = Duration::from_millis(500);
const DEFAULT_MAX_INTERVAL: Duration = Duration::from_secs(60);
const DEFAULT_MAX_ELAPSED_TIME: Duration = Duration::from_secs(10);
const DEFAULT_MULTIPLIER: f64 = 1.5;

const MAX_RETRIES: u32 = 100;
const MAX_MULTIPLIER: f64 = 100.0;
/// Nobody waits longer for an answer, and timers of some hosts end at some weeks.
const LONGEST: Duration = Duration::from_secs(3600);

impl Retry {
    /// Compiles; every problem is reported at its place.
    pub fn compile(source: &source::Retry, problems: &mut Problems) -> Self {
        let max_retries = source.max_retries.unwrap_or(DEFAULT_MAX_RETRIES);
        if max_retries > MAX_RETRIES {
            problems.at("maxRetries", |p| p.error(format!("at most {MAX_RETRIES}, found {max_retries}")));
        }
        let multiplier = source.multiplier.unwrap_or(DEFAULT_MULTIPLIER);
        if !(1.0..=MAX_MULTIPLIER).contains(&multiplier) {
            problems.at("multiplier", |p| p.error(format!("this is 1 to {MAX_MULTIPLIER}, found {multiplier}")));
        }
        let statuses = each(problems, "statusCodes", &source.status_codes, |problems, status| {
            if !(400..=599).contains(status) {
                problems.error(format!("{status} is not the status of a failure, which is 400 to 599"));
            }
            *status
        });
        Self {
            max_retries,
            initial_interval: duration("initialInterval", source.initial_interval, DEFAULT_INITIAL_INTERVAL, problems),
            max_interval: duration("maxInterval", source.max_interval, DEFAULT_MAX_INTERVAL, problems),
            max_elapsed_time: duration("maxElapsedTime", source.max_elapsed_time, DEFAULT_MAX_ELAPSED_TIME, problems),
            multiplier,
            statuses: statuses.into_iter().collect(),
            server_errors: source.retry_on_server_errors,
        }
    }
}

fn duration(field: &str, source: Option<resource::Duration>, default: Duration, problems: &mut Problems) -> Duration {
    let duration = source.map_or(default, resource::Duration::to_std);
    if duration.is_zero() || duration > LONGEST {
        problems.at(field, |p| p.error("this is 1 millisecond to 1 hour"));
    }
    duration
}
