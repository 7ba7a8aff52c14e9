use std::time::Duration;

use http::header::{HeaderMap, HeaderName, HeaderValue};
use http::{Response, StatusCode};

use crate::platform::Timestamp;

/// What is kept beside a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptHead {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub kept_at: Timestamp,
    /// It must not be used from then on.
    pub expires_at: Timestamp,
    /// How old it was when it was kept.
    pub age: Duration,
}

/// The first line: the format.
const FORMAT: &[u8] = b"response/1";

impl KeptHead {
    /// The response, with its age in seconds (RFC 9111 §5.1).
    pub fn response<B>(self, body: B, now: Timestamp) -> Response<B> {
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        let age = self.age_at(now);
        *response.headers_mut() = self.headers;
        response.headers_mut().insert(http::header::AGE, HeaderValue::from(age.as_secs()));
        response
    }

    pub fn age_at(&self, now: Timestamp) -> Duration {
        self.age.saturating_add(now.since(self.kept_at))
    }

    pub fn is_fresh(&self, now: Timestamp) -> bool {
        now >= self.kept_at && now < self.expires_at
    }

    /// How long it may be used from when it was kept.
    pub fn lifetime(&self) -> Duration {
        self.expires_at.since(self.kept_at)
    }

    /// Lines, for stores that keep bytes: the format, status, times in milliseconds, then a name and a value for each header. A header's
    /// value holds no line end (RFC 9110 §5.5).
    pub fn to_bytes(&self) -> Vec<u8> {
        let times = [self.kept_at.0, self.expires_at.0, u64::try_from(self.age.as_millis()).unwrap_or(u64::MAX)];
        let mut out = FORMAT.to_vec();
        out.push(b'\n');
        out.extend_from_slice(format!("{}\n{}\n{}\n{}\n", self.status.as_u16(), times[0], times[1], times[2]).as_bytes());
        for (name, value) in &self.headers {
            out.extend_from_slice(name.as_str().as_bytes());
            out.push(b'\n');
            out.extend_from_slice(value.as_bytes());
            out.push(b'\n');
        }
        out
    }

    /// `None` for what is no such text.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut lines = bytes.strip_suffix(b"\n")?.split(|byte| *byte == b'\n');
        if lines.next()? != FORMAT {
            return None;
        }
        let mut number = || std::str::from_utf8(lines.next()?).ok()?.parse::<u64>().ok();
        let status = StatusCode::from_u16(u16::try_from(number()?).ok()?).ok()?;
        let (kept_at, expires_at, age) = (Timestamp(number()?), Timestamp(number()?), Duration::from_millis(number()?));
        let mut headers = HeaderMap::new();
        while let Some(name) = lines.next() {
            let (name, value) = (HeaderName::from_bytes(name).ok()?, HeaderValue::from_bytes(lines.next()?).ok()?);
            headers.try_append(name, value).ok()?;
        }
        Some(Self { status, headers, kept_at, expires_at, age })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    fn head() -> KeptHead {
        let mut headers = HeaderMap::new();
        headers.append("x-a", HeaderValue::from_bytes(b"caf\xe9").unwrap());
        headers.append("x-a", HeaderValue::from_static(""));
        headers.append("content-type", HeaderValue::from_static("text/plain"));
        KeptHead { status: StatusCode::OK, headers, kept_at: Timestamp(1000), expires_at: Timestamp(61_000), age: Duration::from_secs(3) }
    }

    #[test]
    fn bytes_round_trip() {
        for head in [head(), KeptHead { headers: HeaderMap::new(), ..head() }] {
            assert_eq!(KeptHead::from_bytes(&head.to_bytes()), Some(head));
        }
        for bytes in ["", "response/1\n", "response/2\n200\n1\n2\n3\n", "response/1\n200\n1\n2\n3\nname\n", "response/1\n200\n1\n-2\n3\n"] {
            assert_eq!(KeptHead::from_bytes(bytes.as_bytes()), None, "{bytes:?}");
        }
    }

    #[test]
    fn it_ages() {
        let head = head();
        assert!(head.is_fresh(Timestamp(1000)) && head.is_fresh(Timestamp(60_999)));
        assert!(!head.is_fresh(Timestamp(61_000)) && !head.is_fresh(Timestamp(999)), "a clock that was set back makes nothing fresh");
        assert_eq!(head.lifetime(), Duration::from_secs(60));
        let response = head.response((), Timestamp(11_500));
        assert_eq!(response.headers()["age"], "13");
    }
}
