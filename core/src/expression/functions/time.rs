//! The clock, the parts of timestamps and durations, and days of the week.

use ::time::{Duration, OffsetDateTime, Weekday};

use super::zone::Zone;
use super::{Evaluated, Fault, Function, Value, no_overload};
use crate::expression::evaluate::timestamp;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::global("now", (0, 0), |run, _| timestamp(OffsetDateTime::from_unix_timestamp_nanos(i128::from(run.now.0) * 1_000_000).ok())),
    Function::global("time.isWeekday", (1, 1), |_, arguments| weekend("time.isWeekday", arguments, false)),
    Function::global("time.isWeekend", (1, 1), |_, arguments| weekend("time.isWeekend", arguments, true)),
    Function::global("time.isWeekdayInTZ", (2, 2), |_, arguments| weekend("time.isWeekdayInTZ", arguments, false)),
    Function::global("time.isWeekendInTZ", (2, 2), |_, arguments| weekend("time.isWeekendInTZ", arguments, true)),
    Function::member("getFullYear", (1, 2), |_, arguments| part("getFullYear", arguments, OffsetDateTime::year)),
    Function::member("getMonth", (1, 2), |_, arguments| part("getMonth", arguments, |t| i32::from(u8::from(t.month())) - 1)),
    Function::member("getDate", (1, 2), |_, arguments| part("getDate", arguments, |t| i32::from(t.day()))),
    Function::member("getDayOfMonth", (1, 2), |_, arguments| part("getDayOfMonth", arguments, |t| i32::from(t.day()) - 1)),
    Function::member("getDayOfWeek", (1, 2), |_, arguments| {
        part("getDayOfWeek", arguments, |t| i32::from(t.weekday().number_days_from_sunday()))
    }),
    Function::member("getDayOfYear", (1, 2), |_, arguments| part("getDayOfYear", arguments, |t| i32::from(t.ordinal()) - 1)),
    Function::member("getHours", (1, 2), |_, arguments| either("getHours", arguments, Duration::whole_hours, |t| i32::from(t.hour()))),
    Function::member("getMinutes", (1, 2), |_, arguments| {
        either("getMinutes", arguments, Duration::whole_minutes, |t| i32::from(t.minute()))
    }),
    Function::member("getSeconds", (1, 2), |_, arguments| {
        either("getSeconds", arguments, Duration::whole_seconds, |t| i32::from(t.second()))
    }),
    Function::member("getMilliseconds", (1, 2), |_, arguments| {
        either("getMilliseconds", arguments, |d| i64::from(d.subsec_milliseconds()), |t| i32::from(t.millisecond()))
    }),
];

/// Reads `1h30m`, `1.5s`, `-100ms`: numbers with the units h, m, s, ms, us and ns. `None` when it is not like that.
pub(super) fn parse_duration(text: &str) -> Option<Duration> {
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(Duration::ZERO);
    }
    let mut nanoseconds: i128 = 0;
    while !rest.is_empty() || nanoseconds == 0 {
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

fn weekend<'a>(name: &str, arguments: &[Value<'a>], wanted: bool) -> Evaluated<'a> {
    let t = local(name, arguments)?;
    let weekend = matches!(t.weekday(), Weekday::Saturday | Weekday::Sunday);
    Ok(Value::Bool(weekend == wanted))
}

fn either<'a>(name: &str, arguments: &[Value<'a>], d: fn(Duration) -> i64, t: fn(OffsetDateTime) -> i32) -> Evaluated<'a> {
    match arguments {
        [Value::Duration(duration)] => Ok(Value::Int(d(*duration))),
        _ => part(name, arguments, t),
    }
}

fn part<'a>(name: &str, arguments: &[Value<'a>], f: fn(OffsetDateTime) -> i32) -> Evaluated<'a> {
    Ok(Value::Int(i64::from(f(local(name, arguments)?))))
}

/// The timestamp in the zone that the call names, else in UTC.
fn local(name: &str, arguments: &[Value<'_>]) -> Result<OffsetDateTime, Fault> {
    match arguments {
        [Value::Timestamp(t)] => Ok(t.to_offset(::time::UtcOffset::UTC)),
        [Value::Timestamp(t), Value::Text(zone)] => {
            let zone = Zone::parse(zone).ok_or_else(|| Fault::error(format!("unknown time zone {:?}", &**zone)))?;
            zone.local(*t).ok_or_else(|| Fault::error("the timestamp is out of range"))
        }
        _ => Err(no_overload(name, arguments)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
