//! The clock is the request's: every evaluation for one request sees the same time.

use ::time::{Date, Duration, Month, OffsetDateTime, format_description::well_known::Rfc3339};
use regorus::Value;

use super::{Function, Outcome, Refusal, arguments, integer, not, paid_text};
use crate::expression::{Zone, duration};
use crate::rego::meter;

pub(super) const FUNCTIONS: &[Function] = &[
    Function { name: "time.add_date", arity: 4, run: add_date },
    Function { name: "time.clock", arity: 1, run: clock },
    Function { name: "time.date", arity: 1, run: date },
    Function { name: "time.format", arity: 1, run: format },
    Function { name: "time.now_ns", arity: 0, run: now },
    Function { name: "time.parse_duration_ns", arity: 1, run: parse_duration },
    Function { name: "time.parse_rfc3339_ns", arity: 1, run: parse },
    Function { name: "time.weekday", arity: 1, run: weekday },
];

const OUT_OF_RANGE: &str = "the time is out of range";

fn now(_: &[Value]) -> Outcome {
    nanoseconds(i128::from(meter::now().0) * 1_000_000)
}

fn nanoseconds(value: i128) -> Outcome {
    i64::try_from(value).map(Value::from).map_err(|_| OUT_OF_RANGE.into())
}

fn parse(values: &[Value]) -> Outcome {
    let [text] = arguments(values)?;
    let time = OffsetDateTime::parse(paid_text(text)?, &Rfc3339).map_err(|_| "the text is no RFC 3339 timestamp")?;
    nanoseconds(time.unix_timestamp_nanos())
}

fn parse_duration(values: &[Value]) -> Outcome {
    let [text] = arguments(values)?;
    let duration = duration(paid_text(text)?).ok_or("the text is no duration, such as 1h30m")?;
    nanoseconds(duration.whole_nanoseconds())
}

/// Nanoseconds since 1970, in UTC or, in a list with its name, in a time zone.
fn instant(values: &[Value]) -> Result<OffsetDateTime, Refusal> {
    let [value] = arguments(values)?;
    let (nanoseconds, zone) = match value {
        Value::Array(items) => match items.as_slice() {
            [nanoseconds, zone] => (nanoseconds, Zone::parse(zone_name(paid_text(zone)?)).ok_or("there is no such time zone here")?),
            _ => return Err("nanoseconds and the name of a time zone are needed".into()),
        },
        number @ Value::Number(_) => (number, Zone::parse("UTC").ok_or(OUT_OF_RANGE)?),
        other => return Err(not("a number, or a number and a time zone", other)),
    };
    let time = OffsetDateTime::from_unix_timestamp_nanos(i128::from(integer(nanoseconds)?)).map_err(|_| OUT_OF_RANGE)?;
    zone.local(time).ok_or_else(|| OUT_OF_RANGE.into())
}

fn zone_name(name: &str) -> &str {
    if name.is_empty() { "UTC" } else { name }
}

fn date(values: &[Value]) -> Outcome {
    let time = instant(values)?;
    Ok(numbers([i64::from(time.year()), i64::from(u8::from(time.month())), i64::from(time.day())]))
}

fn clock(values: &[Value]) -> Outcome {
    let (hour, minute, second) = instant(values)?.to_hms();
    Ok(numbers([hour.into(), minute.into(), second.into()]))
}

fn weekday(values: &[Value]) -> Outcome {
    Ok(Value::from(instant(values)?.weekday().to_string()))
}

fn format(values: &[Value]) -> Outcome {
    instant(values)?.format(&Rfc3339).map(Value::from).map_err(|_| OUT_OF_RANGE.into())
}

fn numbers(of: [i64; 3]) -> Value {
    Value::from(of.into_iter().map(Value::from).collect::<Vec<_>>())
}

/// A day that a month does not have is counted on into the next one.
fn add_date(values: &[Value]) -> Outcome {
    let [from, years, months, days] = arguments(values)?;
    let from = instant(std::slice::from_ref(from))?;
    let moved = moved(from, integer(years)?, integer(months)?, integer(days)?).ok_or(OUT_OF_RANGE)?;
    nanoseconds(moved.unix_timestamp_nanos())
}

fn moved(from: OffsetDateTime, years: i64, months: i64, days: i64) -> Option<OffsetDateTime> {
    let month = i64::from(u8::from(from.month())) - 1;
    let months = i64::from(from.year()).checked_add(years)?.checked_mul(12)?.checked_add(month)?.checked_add(months)?;
    let month = Month::try_from(u8::try_from(months.rem_euclid(12) + 1).ok()?).ok()?;
    let first = Date::from_calendar_date(i32::try_from(months.div_euclid(12)).ok()?, month, 1).ok()?;
    let seconds = days.checked_add(i64::from(from.day()) - 1)?.checked_mul(86_400)?;
    from.replace_date(first).checked_add(Duration::seconds(seconds))
}
