//! What callers are told of a limit: the fields of draft-ietf-httpapi-ratelimit-headers, and the names that OpenAI's API has.

use std::time::Duration;

use http::header::{HeaderName, HeaderValue};

use super::super::limiter::{integer, seconds};
use super::state::State;

/// For a request that one or more limits have counted. The names of OpenAI's have room for one limit: the one that is nearest to
/// refusing.
pub fn all(states: &[State]) -> Vec<(HeaderName, HeaderValue)> {
    let policies = states.iter().map(|state| {
        let (quota, window) = (integer(state.limit.requests.get()), seconds(state.limit.window));
        format!("{};q={quota};w={window}", quoted(&state.name))
    });
    let limits = states.iter().map(|state| {
        let (remaining, time) = (integer(state.admission.remaining), seconds(state.admission.more_in));
        format!("{};r={remaining};t={time}", quoted(&state.name))
    });
    let mut texts =
        vec![("ratelimit-policy", policies.collect::<Vec<_>>().join(", ")), ("ratelimit", limits.collect::<Vec<_>>().join(", "))];
    let tightest = states.iter().min_by_key(|state| (state.admission.remaining, std::cmp::Reverse(state.admission.more_in)));
    if let Some(State { limit, admission, .. }) = tightest {
        texts.push(("x-ratelimit-limit-requests", limit.requests.to_string()));
        texts.push(("x-ratelimit-remaining-requests", admission.remaining.to_string()));
        texts.push(("x-ratelimit-reset-requests", duration(admission.all_in)));
    }
    let field = |(name, text): (&'static str, String)| Some((HeaderName::from_static(name), HeaderValue::from_str(&text).ok()?));
    texts.into_iter().filter_map(field).collect()
}

/// As Go writes it, which is what OpenAI's API sends: `850ms`, `10.6s`, `6m0s`.
pub fn duration(time: Duration) -> String {
    let milliseconds = time.as_millis();
    if milliseconds < 1000 {
        return format!("{milliseconds}ms");
    }
    let (minutes, rest) = (milliseconds / 60_000, milliseconds % 60_000);
    let mut text = match (minutes / 60, minutes % 60) {
        (0, 0) => String::new(),
        (0, minutes) => format!("{minutes}m"),
        (hours, minutes) => format!("{hours}h{minutes}m"),
    };
    text.push_str(&(rest / 1000).to_string());
    if rest % 1000 > 0 {
        text.push('.');
        text.push_str(format!("{:03}", rest % 1000).trim_end_matches('0'));
    }
    text.push('s');
    text
}

/// A string of a structured field (RFC 9651 §3.3.3), which is printable ASCII.
fn quoted(name: &str) -> String {
    let mut text = String::from("\"");
    for character in name.chars() {
        match character {
            '"' | '\\' => text.extend(['\\', character]),
            ' '..='~' => text.push(character),
            _ => text.push('_'),
        }
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU64;

    use super::*;
    use crate::limit::{Admission, Limit};
    use crate::testing::test;

    fn state(name: &str, requests: u64, remaining: u64, more_in: u64, all_in: u64) -> State {
        let limit = Limit { requests: NonZeroU64::new(requests).unwrap(), window: Duration::from_millis(59_500) };
        let (more_in, all_in) = (Duration::from_millis(more_in), Duration::from_millis(all_in));
        State { name: name.into(), limit, admission: Admission { admitted: true, remaining, more_in, all_in } }
    }

    fn texts(states: &[State]) -> Vec<String> {
        all(states).into_iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect()
    }

    #[test]
    fn every_limit_is_told_and_the_tightest_in_openais_names() {
        let states = [state("minute", 100, 7, 1_200, 66_000), state("ho\"ur", 1000, 2, 61_000, 3_600_000), state("dä\ny", 2, 2, 5, 5)];
        assert_eq!(
            texts(&states),
            [
                r#"ratelimit-policy: "minute";q=100;w=60, "ho\"ur";q=1000;w=60, "d__y";q=2;w=60"#,
                r#"ratelimit: "minute";r=7;t=2, "ho\"ur";r=2;t=61, "d__y";r=2;t=1"#,
                "x-ratelimit-limit-requests: 1000",
                "x-ratelimit-remaining-requests: 2",
                "x-ratelimit-reset-requests: 1h0m0s",
            ]
        );
        let huge = texts(&[state("a", u64::MAX, u64::MAX - 1, 0, 0)]);
        assert_eq!(huge[1], r#"ratelimit: "a";r=999999999999999;t=1"#);
    }

    #[test]
    fn durations_are_written_as_go_does() {
        for (milliseconds, text) in [
            (0, "0ms"),
            (850, "850ms"),
            (1_000, "1s"),
            (10_600, "10.6s"),
            (10_050, "10.05s"),
            (60_000, "1m0s"),
            (360_001, "6m0.001s"),
            (3_600_000, "1h0m0s"),
            (90_061_000, "25h1m1s"),
        ] {
            assert_eq!(duration(Duration::from_millis(milliseconds)), text);
        }
    }
}
