use std::borrow::Cow;
use std::ops::Deref;
use std::rc::Rc;

use time::{Duration, OffsetDateTime};

/// Text that is borrowed from the request or the expression, or shared.
#[derive(Debug, Clone)]
pub(in crate::expression) enum Text<'a> {
    Borrowed(&'a str),
    Shared(Rc<str>),
}

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Borrowed(text) => text,
            Self::Shared(text) => text,
        }
    }
}

impl<'a> From<Cow<'a, str>> for Text<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        match text {
            Cow::Borrowed(text) => Self::Borrowed(text),
            Cow::Owned(text) => Self::Shared(text.into()),
        }
    }
}

/// RFC 3339 in UTC, with as many digits of the second as it needs.
pub(in crate::expression) fn timestamp_to_text(t: OffsetDateTime) -> String {
    let t = t.to_offset(time::UtcOffset::UTC);
    let (hour, minute, second) = t.to_hms();
    let fraction = fraction(t.nanosecond());
    format!("{:04}-{:02}-{:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z", t.year(), u8::from(t.month()), t.day())
}

/// Seconds, with as many digits as it needs: `1.5s`.
pub(in crate::expression) fn duration_to_text(duration: Duration) -> String {
    let sign = if duration.is_negative() { "-" } else { "" };
    let fraction = fraction(duration.subsec_nanoseconds().unsigned_abs());
    format!("{sign}{}{fraction}s", duration.whole_seconds().unsigned_abs())
}

fn fraction(nanoseconds: u32) -> String {
    if nanoseconds == 0 {
        return String::new();
    }
    let digits = format!(".{nanoseconds:09}");
    digits.trim_end_matches('0').to_owned()
}
