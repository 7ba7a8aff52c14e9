use http::header::{HeaderMap, HeaderName, HeaderValue};

use super::Origin;
use crate::platform::SecureRandom;
use crate::problem::Problems;
use crate::query::left;
use crate::resource::service as resource;
use crate::telemetry::is_credential;

/// An upstream that gets a copy of requests.
#[derive(Debug)]
pub struct Mirror {
    pub origin: Origin,
    percent: u8,
}

/// Parameters in which credentials travel.
const CREDENTIALS: [&str; 8] = ["key", "api_key", "api-key", "apikey", "access_token", "token", "sig", "signature"];

impl Mirror {
    /// Compiles; every problem is reported at its place.
    pub fn compile(source: &resource::Mirror, problems: &mut Problems) -> Option<Self> {
        let percent = source.percent.unwrap_or(100);
        if percent > 100 {
            problems.at("percent", |p| p.error(format!("this is 0 to 100, found {percent}")));
        }
        let origin = problems.at("url", |problems| Origin::compile(&source.url, problems))?;
        Some(Self { origin, percent })
    }

    /// Whether this request is copied.
    pub fn takes(&self, random: &dyn SecureRandom) -> bool {
        if self.percent >= 100 {
            return true;
        }
        let mut bytes = [0; 4];
        random.fill(&mut bytes);
        u32::from_be_bytes(bytes) % 100 < u32::from(self.percent)
    }
}

/// Removes what credentials travel in. A mirror is somebody else than the upstream that they are for.
pub fn strip_credentials(headers: &mut HeaderMap, query: Option<String>) -> Option<String> {
    let is_secret = |(name, value): (&HeaderName, &HeaderValue)| value.is_sensitive() || is_credential(&name.as_str().replace('_', "-"));
    let names: Vec<HeaderName> = headers.iter().filter(|line| is_secret(*line)).map(|(name, _)| name.clone()).collect();
    for name in names {
        headers.remove(name);
    }
    let is_secret = |name: &[u8]| CREDENTIALS.iter().any(|other| name.eq_ignore_ascii_case(other.as_bytes()));
    let left: Vec<&str> = left(query.as_deref()?, is_secret).collect();
    (!left.is_empty()).then(|| left.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    #[test]
    fn no_credential_is_copied() {
        let names = ["authorization", "x-api-key", "X_Api_Key", "api-key", "x-goog-api-key", "cookie", "proxy-authorization", "x-team"];
        let mut headers: HeaderMap =
            names.iter().map(|name| (HeaderName::try_from(*name).unwrap(), HeaderValue::from_static("1"))).collect();
        let mut entry = HeaderValue::from_static("1");
        entry.set_sensitive(true);
        headers.insert("x-tenant", entry);
        let query = strip_credentials(&mut headers, Some("a=1&key=2&%6Bey=3&Access_Token=4&keys=5".to_owned()));
        assert_eq!(query.as_deref(), Some("a=1&keys=5"));
        assert_eq!(headers.keys().map(HeaderName::as_str).collect::<Vec<_>>(), ["x-team"]);
        assert_eq!(strip_credentials(&mut headers, Some("key=1".to_owned())), None);
    }

    #[test]
    fn a_share_of_requests_is_copied() {
        struct Fixed(u32);
        impl SecureRandom for Fixed {
            fn fill(&self, buffer: &mut [u8]) {
                buffer.copy_from_slice(&self.0.to_be_bytes());
            }
        }
        let compile = |percent| {
            let mut problems = Problems::new();
            let mirror = Mirror::compile(&resource::Mirror { url: "https://a".to_owned(), percent }, &mut problems);
            (mirror.unwrap(), problems.has_errors())
        };
        for (percent, count) in [(None, 100), (Some(100), 100), (Some(25), 25), (Some(0), 0)] {
            let mirror = compile(percent).0;
            assert_eq!((0..100).filter(|number| mirror.takes(&Fixed(*number))).count(), count, "{percent:?}");
        }
        assert!(compile(Some(101)).1);
    }
}
