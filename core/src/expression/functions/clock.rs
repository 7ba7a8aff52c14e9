//! The clock, timestamps and durations, their parts, and days of the week. The crate's own need a tz database of several
//! hundred kilobytes.

use ::time::{Duration, OffsetDateTime, Weekday};
use cel::common::types::{CelBool, CelInt, CelString, DURATION_TYPE, TIMESTAMP_TYPE};
use cel::{DeclarationError, Env, ExecutionError, add_member_overload, add_overload};

use super::zone::Zone;
use crate::expression::run;
use crate::expression::value::{Instant, Span};

/// Declares the getters of a part of timestamps, in UTC and in a zone.
macro_rules! part {
    ($env:expr, $name:literal, $part:expr) => {{
        fn utc(instant: &Instant) -> CelInt {
            let part: fn(OffsetDateTime) -> i32 = $part;
            i64::from(part(instant.utc())).into()
        }
        fn zoned(instant: &Instant, zone: &CelString<'_>) -> Result<CelInt, ExecutionError> {
            let part: fn(OffsetDateTime) -> i32 = $part;
            Ok(i64::from(part(local($name, *instant, zone)?)).into())
        }
        add_member_overload!($env, fn utc: (Instant) -> CelInt, name = $name)?;
        add_member_overload!($env, fn zoned: (Instant, CelString) -> Result<CelInt>, name = $name)?;
    }};
}

pub(super) fn register(env: &mut Env) -> Result<(), DeclarationError> {
    env.add_type(TIMESTAMP_TYPE)?;
    env.add_type(DURATION_TYPE)?;
    add_overload!(env, fn now: () -> Result<Instant>)?;
    conversions(env)?;
    add_overload!(env, fn is_weekday: (Instant) -> CelBool, name = "time.isWeekday")?;
    add_overload!(env, fn is_weekend: (Instant) -> CelBool, name = "time.isWeekend")?;
    add_overload!(env, fn is_weekday_in: (Instant, CelString) -> Result<CelBool>, name = "time.isWeekdayInTZ")?;
    add_overload!(env, fn is_weekend_in: (Instant, CelString) -> Result<CelBool>, name = "time.isWeekendInTZ")?;
    part!(env, "getFullYear", OffsetDateTime::year);
    part!(env, "getMonth", |t| i32::from(u8::from(t.month())) - 1);
    part!(env, "getDate", |t| i32::from(t.day()));
    part!(env, "getDayOfMonth", |t| i32::from(t.day()) - 1);
    part!(env, "getDayOfWeek", |t| i32::from(t.weekday().number_days_from_sunday()));
    part!(env, "getDayOfYear", |t| i32::from(t.ordinal()) - 1);
    part!(env, "getHours", |t| i32::from(t.hour()));
    part!(env, "getMinutes", |t| i32::from(t.minute()));
    part!(env, "getSeconds", |t| i32::from(t.second()));
    part!(env, "getMilliseconds", |t| i32::from(t.millisecond()));
    add_member_overload!(env, fn hours: (Span) -> CelInt, name = "getHours")?;
    add_member_overload!(env, fn minutes: (Span) -> CelInt, name = "getMinutes")?;
    add_member_overload!(env, fn seconds: (Span) -> CelInt, name = "getSeconds")?;
    add_member_overload!(env, fn milliseconds: (Span) -> CelInt, name = "getMilliseconds")
}

fn conversions(env: &mut Env) -> Result<(), DeclarationError> {
    add_overload!(env, fn same_instant: (Instant) -> Instant, name = "timestamp")?;
    add_overload!(env, fn instant_of_text: (CelString) -> Result<Instant>, name = "timestamp")?;
    add_overload!(env, fn instant_of_int: (CelInt) -> Result<Instant>, name = "timestamp")?;
    add_overload!(env, fn same_span: (Span) -> Span, name = "duration")?;
    add_overload!(env, fn span_of_text: (CelString) -> Result<Span>, name = "duration")?;
    add_overload!(env, fn text_of_instant: (Instant) -> CelString, name = "string")?;
    add_overload!(env, fn text_of_span: (Span) -> CelString, name = "string")?;
    add_overload!(env, fn int_of_instant: (Instant) -> CelInt, name = "int")
}

fn now() -> Result<Instant, ExecutionError> {
    Instant::new(OffsetDateTime::from_unix_timestamp_nanos(i128::from(run::now().0) * 1_000_000).ok())
}

fn same_instant(instant: &Instant) -> Instant {
    *instant
}

fn instant_of_text(text: &CelString<'_>) -> Result<Instant, ExecutionError> {
    Instant::parse(text)
}

fn instant_of_int(seconds: &CelInt) -> Result<Instant, ExecutionError> {
    Instant::new(OffsetDateTime::from_unix_timestamp(*seconds.inner()).ok())
}

fn same_span(span: &Span) -> Span {
    *span
}

fn span_of_text(text: &CelString<'_>) -> Result<Span, ExecutionError> {
    let duration = parse_duration(text).ok_or_else(|| ExecutionError::function_error("duration", "the text is no duration"))?;
    Span::new(Some(duration))
}

fn text_of_instant(instant: &Instant) -> CelString<'static> {
    instant.to_string().into()
}

fn text_of_span(span: &Span) -> CelString<'static> {
    span.to_string().into()
}

fn int_of_instant(instant: &Instant) -> CelInt {
    instant.utc().unix_timestamp().into()
}

fn hours(span: &Span) -> CelInt {
    span.duration().whole_hours().into()
}

fn minutes(span: &Span) -> CelInt {
    span.duration().whole_minutes().into()
}

fn seconds(span: &Span) -> CelInt {
    span.duration().whole_seconds().into()
}

/// The part below a second, as the specification has it.
fn milliseconds(span: &Span) -> CelInt {
    i64::from(span.duration().subsec_milliseconds()).into()
}

fn is_weekday(instant: &Instant) -> CelBool {
    (!weekend(instant.utc())).into()
}

fn is_weekend(instant: &Instant) -> CelBool {
    weekend(instant.utc()).into()
}

fn is_weekday_in(instant: &Instant, zone: &CelString<'_>) -> Result<CelBool, ExecutionError> {
    Ok((!weekend(local("time.isWeekdayInTZ", *instant, zone)?)).into())
}

fn is_weekend_in(instant: &Instant, zone: &CelString<'_>) -> Result<CelBool, ExecutionError> {
    Ok(weekend(local("time.isWeekendInTZ", *instant, zone)?).into())
}

fn weekend(time: OffsetDateTime) -> bool {
    matches!(time.weekday(), Weekday::Saturday | Weekday::Sunday)
}

fn local(function: &str, instant: Instant, zone: &str) -> Result<OffsetDateTime, ExecutionError> {
    let zone = Zone::parse(zone).ok_or_else(|| ExecutionError::function_error(function, format!("unknown time zone {zone:?}")))?;
    zone.local(instant.utc()).ok_or_else(|| ExecutionError::function_error(function, "out of range"))
}

/// Reads `1h30m`, `1.5s`, `-100ms`: numbers with the units h, m, s, ms, us and ns. `None` when it is not like that.
pub(crate) fn parse_duration(text: &str) -> Option<Duration> {
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(Duration::ZERO);
    }
    let mut nanoseconds: i128 = 0;
    loop {
        let number_length = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at_checked(number_length)?;
        let unit_length = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, after) = after.split_at_checked(unit_length)?;
        nanoseconds = nanoseconds.checked_add(scaled(number, unit)?)?;
        rest = after;
        if rest.is_empty() {
            break;
        }
    }
    let nanoseconds = if negative { -nanoseconds } else { nanoseconds };
    let seconds = i64::try_from(nanoseconds / 1_000_000_000).ok()?;
    Some(Duration::new(seconds, i32::try_from(nanoseconds % 1_000_000_000).ok()?))
}

/// A decimal number of a unit, in nanoseconds.
fn scaled(number: &str, unit: &str) -> Option<i128> {
    let unit: i128 = match unit {
        "h" => 3_600_000_000_000,
        "m" => 60_000_000_000,
        "s" => 1_000_000_000,
        "ms" => 1_000_000,
        "us" | "µs" | "μs" => 1_000,
        "ns" => 1,
        _ => return None,
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    // Digits beyond these are below a nanosecond for every unit.
    let fraction = fraction.get(..15).unwrap_or(fraction);
    if (whole.len() + fraction.len()) == 0 || whole.len() > 18 || fraction.contains('.') {
        return None;
    }
    let parse = |digits: &str| if digits.is_empty() { Some(0) } else { digits.parse::<i128>().ok() };
    let scale = 10_i128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    Some(parse(whole)? * unit + parse(fraction)? * unit / scale)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    #[test]
    fn durations_are_read_like_go_reads_them() {
        let cases = [
            ("1h30m", Some(Duration::minutes(90))),
            ("1.5s", Some(Duration::milliseconds(1500))),
            ("-100ms", Some(Duration::milliseconds(-100))),
            ("1h0.5s", Some(Duration::new(3600, 500_000_000))),
            (".5m", Some(Duration::seconds(30))),
            ("3us", Some(Duration::microseconds(3))),
            ("0", Some(Duration::ZERO)),
            ("0s", Some(Duration::ZERO)),
            ("", None),
            ("5", None),
            ("s", None),
            (".s", None),
            ("1d", None),
            ("1s ", None),
            ("1.2.3s", None),
            ("--1s", None),
        ];
        for (text, duration) in cases {
            assert_eq!(parse_duration(text), duration, "{text:?}");
        }
    }
}
