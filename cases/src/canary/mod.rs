//! Marked secrets: whatever a case calls secret must not be seen where it does not belong, in no answer, log line or error.

mod looks;
mod place;

use crate::matching::Mismatches;
use crate::upstream::Received;
pub use looks::looks;
pub(crate) use place::{Place, Use, entry_variable, uses};

/// The shortest text that is searched for. A shorter one would be found by chance.
const MIN_LENGTH: usize = 8;

/// The secrets of a running case.
#[derive(Default)]
pub(crate) struct Canaries {
    marks: Vec<Mark>,
}

struct Mark {
    name: String,
    value: String,
    /// How the value looks.
    needles: Vec<String>,
    /// The variable of a secret; what callers have is none.
    variable: Option<String>,
    /// Where upstreams may see it.
    places: Vec<Place>,
}

impl Canaries {
    /// What callers prove themselves with: no upstream may see it, and no answer except that which issued it.
    pub fn mark(&mut self, name: &str, value: &str) {
        self.add(name, value, None, Vec::new());
    }

    /// What the gateway injects, by the name of its variable. Until a configuration says more ([`Canaries::allow`]), upstreams may
    /// see it as a bearer token. Callers may not.
    pub fn mark_secret(&mut self, name: &str, variable: &str, value: &str) {
        self.add(name, value, Some(variable.to_owned()), vec![Place::authorization()]);
    }

    /// A secret belongs where the configurations use it, and nowhere else.
    pub fn allow(&mut self, uses: &[Use]) {
        for mark in &mut self.marks {
            let of_mark: Vec<&Use> = uses.iter().filter(|used| mark.variable.as_ref() == Some(&used.variable)).collect();
            if of_mark.is_empty() {
                continue;
            }
            mark.places = of_mark.iter().filter_map(|used| used.place.clone()).collect();
        }
    }

    /// Searches what callers, operators and log readers see.
    pub fn search(&self, place: &str, text: &[u8], out: &mut Mismatches) {
        for mark in self.marks.iter().filter(|mark| mark.is_in(text)) {
            out.note(format!("{place} shows {}, which is secret", mark.name));
        }
    }

    /// Searches what an upstream received.
    pub fn search_received(&self, received: &Received, out: &mut Mismatches) {
        let mut note = |part: &str, mark: &Mark| {
            out.note(format!("the {part} that upstream `{}` received shows {}, which is secret", received.upstream, mark.name));
        };
        for mark in &self.marks {
            for (name, value) in &received.headers {
                if mark.is_in(value) && !mark.places.contains(&Place::Header(name.clone())) {
                    note(&format!("header {name}"), mark);
                }
            }
            if mark.is_in(mark.without_its_parameters(&received.target).as_bytes()) {
                note("path", mark);
            }
            let path = received.target.split('?').next().unwrap_or_default();
            if mark.is_in(&received.body) && !mark.places.contains(&Place::Form(path.to_owned())) {
                note("body", mark);
            }
        }
    }

    fn add(&mut self, name: &str, value: &str, variable: Option<String>, places: Vec<Place>) {
        // A line break at the end belongs to the file that the value came from.
        let value = value.trim_end_matches(['\r', '\n']);
        let is_known = self.marks.iter().any(|known| known.value == value);
        if !is_known && value.len() >= MIN_LENGTH {
            self.marks.push(Mark { name: name.to_owned(), value: value.to_owned(), needles: looks(value), variable, places });
        }
    }
}

impl Mark {
    fn is_in(&self, text: &[u8]) -> bool {
        self.needles.iter().any(|needle| contains(text, needle.as_bytes()))
    }

    /// Path and query without the parameters that may carry it.
    fn without_its_parameters(&self, target: &str) -> String {
        let is_foreign = |pair: &&str| !self.places.contains(&Place::Query(pair.split('=').next().unwrap_or_default().to_owned()));
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        format!("{path}?{}", query.split('&').filter(is_foreign).collect::<Vec<_>>().join("&"))
    }
}

fn contains(text: &[u8], needle: &[u8]) -> bool {
    text.windows(needle.len()).any(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn secret() -> Canaries {
        let mut canaries = Canaries::default();
        canaries.mark_secret("secret a", "POSTERN_SECRET_A", "canary+0123\n");
        canaries.mark("token b", "token-01234");
        canaries
    }

    fn found(canaries: &Canaries, received: Received) -> usize {
        let mut out = Mismatches::default();
        canaries.search_received(&received, &mut out);
        out.iter().count()
    }

    fn header(name: &str, value: &'static str) -> Received {
        Received { headers: vec![(name.into(), Bytes::from_static(value.as_bytes()))], ..Received::default() }
    }

    #[test]
    fn a_secret_is_found_plain_and_encoded() {
        for (text, found) in [("x canary+0123 y", 1), ("Y2FuYXJ5KzAxMjM=", 1), ("key=canary%2B0123", 1), ("canary+012", 0)] {
            let mut out = Mismatches::default();
            secret().search("body", text.as_bytes(), &mut out);
            assert_eq!(out.iter().count(), found, "{text}");
        }
    }

    #[test]
    fn without_a_configuration_only_authorization_may_carry_an_upstreams_secret() {
        for (name, value, count) in
            [("authorization", "Bearer canary+0123", 0), ("x-other", "canary+0123", 1), ("authorization", "Bearer token-01234", 1)]
        {
            assert_eq!(found(&secret(), header(name, value)), count, "{name}: {value}");
        }
    }

    #[test]
    fn a_secret_belongs_where_it_is_used() {
        let of = |place| {
            let mut canaries = secret();
            canaries.allow(&[Use { variable: "POSTERN_SECRET_A".into(), place }]);
            canaries
        };
        let sent = |target: &str, body: &'static str| Received {
            target: target.into(),
            body: Bytes::from_static(body.as_bytes()),
            ..Received::default()
        };
        let custom = of(Some(Place::Header("x-key".into())));
        assert_eq!(found(&custom, header("x-key", "canary+0123")), 0);
        assert_eq!(found(&custom, header("authorization", "Bearer canary+0123")), 1);
        assert_eq!(found(&custom, header("x", "Basic dTpjYW5hcnkrMDEyMw==")), 1);
        let query = of(Some(Place::Query("key".into())));
        assert_eq!(found(&query, sent("/a?b=c&key=canary%2B0123", "")), 0);
        assert_eq!(found(&query, sent("/canary+0123?key=x", "")), 1);
        assert_eq!(found(&query, sent("/?other=canary%2B0123", "")), 1);
        let form = of(Some(Place::Form("/token".into())));
        assert_eq!(found(&form, sent("/token?a", "client_secret=canary%2B0123")), 0);
        assert_eq!(found(&form, sent("/other", "client_secret=canary%2B0123")), 1);
        assert_eq!(found(&of(None), header("authorization", "AWS4-HMAC-SHA256 canary+0123")), 1);
    }
}
