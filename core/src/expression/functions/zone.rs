//! Time zones, without the 100 KB of a tz database: UTC, fixed offsets, and the zones below by the rules in force today, which
//! are applied to all dates. That is right for conditions on `now()`, and for past dates since those rules began.

use ::time::{Date, Month, OffsetDateTime, Time, UtcOffset};

/// A zone, as an expression names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Zone {
    /// Of standard time, east of UTC.
    minutes: i16,
    summer: Summer,
}

/// When clocks are an hour ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Summer {
    Never,
    /// From the last Sunday of March to the last of October, at 01:00 UTC everywhere.
    Europe,
    /// From the second Sunday of March to the first of November, at 02:00 local time.
    NorthAmerica,
    /// From the first Sunday of October, at 02:00 standard time, to the first of April, at 03:00 summer time.
    Australia,
    /// From the last Sunday of September to the first of April, at the same hours.
    NewZealand,
}

/// Zones by their IANA names, grouped by what they have in common.
const ZONES: &[(i16, Summer, &[&str])] = &[
    (0, Summer::Never, &["", "UTC", "Z", "GMT", "Etc/UTC", "Etc/GMT", "Africa/Accra", "Africa/Abidjan", "Atlantic/Reykjavik"]),
    (0, Summer::Europe, &["Europe/London", "Europe/Dublin", "Europe/Lisbon", "Atlantic/Canary"]),
    (
        60,
        Summer::Europe,
        &[
            "CET",
            "Europe/Amsterdam",
            "Europe/Belgrade",
            "Europe/Berlin",
            "Europe/Bratislava",
            "Europe/Brussels",
            "Europe/Budapest",
            "Europe/Copenhagen",
            "Europe/Ljubljana",
            "Europe/Luxembourg",
            "Europe/Madrid",
            "Europe/Malta",
            "Europe/Monaco",
            "Europe/Oslo",
            "Europe/Paris",
            "Europe/Prague",
            "Europe/Rome",
            "Europe/Sarajevo",
            "Europe/Skopje",
            "Europe/Stockholm",
            "Europe/Tirane",
            "Europe/Vaduz",
            "Europe/Vienna",
            "Europe/Warsaw",
            "Europe/Zagreb",
            "Europe/Zurich",
        ],
    ),
    (
        120,
        Summer::Europe,
        &[
            "EET",
            "Asia/Nicosia",
            "Europe/Athens",
            "Europe/Bucharest",
            "Europe/Helsinki",
            "Europe/Kiev",
            "Europe/Kyiv",
            "Europe/Riga",
            "Europe/Sofia",
            "Europe/Tallinn",
            "Europe/Vilnius",
        ],
    ),
    (60, Summer::Never, &["Africa/Lagos", "Africa/Algiers", "Africa/Tunis"]),
    (120, Summer::Never, &["Africa/Johannesburg", "Africa/Harare"]),
    (180, Summer::Never, &["Africa/Nairobi", "Asia/Baghdad", "Asia/Riyadh", "Europe/Istanbul", "Europe/Minsk", "Europe/Moscow"]),
    (240, Summer::Never, &["Asia/Baku", "Asia/Dubai", "Asia/Tbilisi", "Asia/Yerevan"]),
    (300, Summer::Never, &["Asia/Karachi", "Asia/Tashkent"]),
    (330, Summer::Never, &["Asia/Calcutta", "Asia/Colombo", "Asia/Kolkata"]),
    (345, Summer::Never, &["Asia/Kathmandu"]),
    (360, Summer::Never, &["Asia/Dhaka"]),
    (420, Summer::Never, &["Asia/Bangkok", "Asia/Ho_Chi_Minh", "Asia/Jakarta"]),
    (
        480,
        Summer::Never,
        &["Asia/Hong_Kong", "Asia/Kuala_Lumpur", "Asia/Manila", "Asia/Shanghai", "Asia/Singapore", "Asia/Taipei", "Australia/Perth"],
    ),
    (540, Summer::Never, &["Asia/Seoul", "Asia/Tokyo"]),
    (570, Summer::Never, &["Australia/Darwin"]),
    (570, Summer::Australia, &["Australia/Adelaide"]),
    (600, Summer::Never, &["Australia/Brisbane"]),
    (600, Summer::Australia, &["Australia/Canberra", "Australia/Hobart", "Australia/Melbourne", "Australia/Sydney"]),
    (720, Summer::NewZealand, &["Pacific/Auckland"]),
    (-180, Summer::Never, &["America/Argentina/Buenos_Aires", "America/Montevideo", "America/Sao_Paulo"]),
    (-240, Summer::NorthAmerica, &["America/Halifax"]),
    (-240, Summer::Never, &["America/Caracas", "America/La_Paz", "America/Puerto_Rico"]),
    (-300, Summer::NorthAmerica, &["America/Detroit", "America/New_York", "America/Toronto", "US/Eastern"]),
    (-300, Summer::Never, &["America/Bogota", "America/Jamaica", "America/Lima", "America/Panama"]),
    (-360, Summer::NorthAmerica, &["America/Chicago", "America/Winnipeg", "US/Central"]),
    (-360, Summer::Never, &["America/Costa_Rica", "America/Guatemala", "America/Mexico_City"]),
    (-420, Summer::NorthAmerica, &["America/Denver", "America/Edmonton", "US/Mountain"]),
    (-420, Summer::Never, &["America/Phoenix"]),
    (-480, Summer::NorthAmerica, &["America/Los_Angeles", "US/Pacific"]),
    (-540, Summer::NorthAmerica, &["America/Anchorage"]),
    (-600, Summer::Never, &["Pacific/Honolulu"]),
];

impl Zone {
    /// A name from the table, or a fixed offset such as `+02:00`, `-0330` or `05:30`.
    pub fn parse(name: &str) -> Option<Self> {
        let named = ZONES.iter().find(|(_, _, names)| names.contains(&name));
        named.map(|(minutes, summer, _)| Self { minutes: *minutes, summer: *summer }).or_else(|| fixed(name))
    }

    /// The same instant on this zone's clocks; `None` when that is out of range.
    pub fn local(self, t: OffsetDateTime) -> Option<OffsetDateTime> {
        let standard = offset(self.minutes)?;
        let t = t.checked_to_offset(standard)?;
        if self.summer.includes(t)? { t.checked_to_offset(offset(self.minutes + 60)?) } else { Some(t) }
    }
}

impl Summer {
    /// Whether summer time holds at an instant that is given in standard time.
    fn includes(self, t: OffsetDateTime) -> Option<bool> {
        let year = t.year();
        // The changes, on the clock of standard time.
        let at = |date: Date, hour: u8| Some(date.with_time(Time::from_hms(hour, 0, 0).ok()?).assume_offset(t.offset()));
        let utc = |date: Date| Some(date.with_time(Time::from_hms(1, 0, 0).ok()?).assume_utc());
        Some(match self {
            Self::Never => false,
            Self::Europe => t >= utc(sunday(year, Month::March, 25)?)? && t < utc(sunday(year, Month::October, 25)?)?,
            Self::NorthAmerica => t >= at(sunday(year, Month::March, 8)?, 2)? && t < at(sunday(year, Month::November, 1)?, 1)?,
            Self::Australia => t < at(sunday(year, Month::April, 1)?, 2)? || t >= at(sunday(year, Month::October, 1)?, 2)?,
            Self::NewZealand => t < at(sunday(year, Month::April, 1)?, 2)? || t >= at(sunday(year, Month::September, 24)?, 2)?,
        })
    }
}

/// The first Sunday on or after a day.
fn sunday(year: i32, month: Month, day: u8) -> Option<Date> {
    let date = Date::from_calendar_date(year, month, day).ok()?;
    let days = 7 - i64::from(date.weekday().number_days_from_monday()) - 1;
    date.checked_add(::time::Duration::days(days))
}

fn fixed(name: &str) -> Option<Zone> {
    let (sign, digits) = match name.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, name.strip_prefix('+').unwrap_or(name)),
    };
    let digits = digits.replacen(':', "", 1);
    if digits.len() != 4 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number: i16 = digits.parse().ok()?;
    let (hours, minutes) = (number / 100, number % 100);
    (hours <= 15 && minutes < 60).then_some(Zone { minutes: sign * (hours * 60 + minutes), summer: Summer::Never })
}

fn offset(minutes: i16) -> Option<UtcOffset> {
    UtcOffset::from_whole_seconds(i32::from(minutes) * 60).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;
    use ::time::format_description::well_known::Rfc3339;

    #[test]
    fn clocks_change_when_they_do() {
        let cases = [
            ("Europe/Berlin", "2026-03-29T00:59:59Z", "2026-03-29T01:59:59+01:00"),
            ("Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-29T03:00:00+02:00"),
            ("Europe/Berlin", "2026-10-25T00:59:59Z", "2026-10-25T02:59:59+02:00"),
            ("Europe/Berlin", "2026-10-25T01:00:00Z", "2026-10-25T02:00:00+01:00"),
            ("Europe/London", "2026-07-01T12:00:00Z", "2026-07-01T13:00:00+01:00"),
            ("America/New_York", "2026-03-08T06:59:59Z", "2026-03-08T01:59:59-05:00"),
            ("America/New_York", "2026-03-08T07:00:00Z", "2026-03-08T03:00:00-04:00"),
            ("America/New_York", "2026-11-01T05:59:59Z", "2026-11-01T01:59:59-04:00"),
            ("America/New_York", "2026-11-01T06:00:00Z", "2026-11-01T01:00:00-05:00"),
            ("Australia/Sydney", "2026-04-04T15:59:59Z", "2026-04-05T02:59:59+11:00"),
            ("Australia/Sydney", "2026-04-04T16:00:00Z", "2026-04-05T02:00:00+10:00"),
            ("Australia/Sydney", "2026-10-03T16:00:00Z", "2026-10-04T03:00:00+11:00"),
            ("Pacific/Auckland", "2026-09-26T14:00:00Z", "2026-09-27T03:00:00+13:00"),
            ("Asia/Tokyo", "2026-01-01T00:00:00Z", "2026-01-01T09:00:00+09:00"),
            ("-03:30", "2026-01-01T00:00:00Z", "2025-12-31T20:30:00-03:30"),
            ("0530", "2026-01-01T00:00:00Z", "2026-01-01T05:30:00+05:30"),
            ("", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
        ];
        for (zone, utc, local) in cases {
            let t = OffsetDateTime::parse(utc, &Rfc3339).unwrap();
            let shown = Zone::parse(zone).and_then(|zone| zone.local(t)).unwrap();
            assert_eq!(shown.format(&Rfc3339).unwrap(), local, "{zone} at {utc}");
        }
    }

    #[test]
    fn other_names_are_unknown() {
        for name in ["Europe/Berlni", "utc", "+25:00", "+02:60", "2", "+2:00", "Local"] {
            assert_eq!(Zone::parse(name), None, "{name}");
        }
    }
}
