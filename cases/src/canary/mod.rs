//! Marked secrets: whatever a case calls secret must not be seen where it does not belong, in no answer, log line or error.

mod looks;
mod place;

use crate::matching::Mismatches;
use crate::upstream::Received;
pub use looks::looks;
pub(crate) use place::{Authorities, ISSUED, Use, authority, entry_variable, uses};
use place::{Part, Place};

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
        self.add(name, value, None);
    }

    /// What the gateway injects, by the name of its variable. Callers may not see it, and upstreams only where a configuration uses it
    /// ([`Canaries::allow`]).
    pub fn mark_secret(&mut self, name: &str, variable: &str, value: &str) {
        self.add(name, value, Some(variable.to_owned()));
    }

    /// A secret belongs where the configurations use it, and nowhere else.
    pub fn allow(&mut self, uses: &[Use]) {
        for mark in self.marks.iter_mut().filter(|mark| mark.variable.is_some()) {
            let of_mark = uses.iter().filter(|used| used.variable.is_none() || used.variable == mark.variable);
            mark.places.extend(of_mark.map(|used| used.place.clone()));
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
                if mark.is_in(value) && !mark.may_be_in(&received.upstream, &Part::Header(name.clone())) {
                    note(&format!("header {name}"), mark);
                }
            }
            for (name, _) in received.trailers.iter().filter(|(_, value)| mark.is_in(value)) {
                note(&format!("trailer {name}"), mark);
            }
            if mark.is_in(mark.without_its_parameters(received).as_bytes()) {
                note("path", mark);
            }
            let path = received.target.split('?').next().unwrap_or_default();
            if mark.is_in(&received.body) && !mark.may_be_in(&received.upstream, &Part::Form(path.to_owned())) {
                note("body", mark);
            }
        }
    }

    fn add(&mut self, name: &str, value: &str, variable: Option<String>) {
        // A line break at the end belongs to the file that the value came from.
        let value = value.trim_end_matches(['\r', '\n']);
        let is_known = self.marks.iter().any(|known| known.value == value);
        if !is_known && value.len() >= MIN_LENGTH {
            let (name, needles, places) = (name.to_owned(), looks(value), Vec::new());
            self.marks.push(Mark { name, value: value.to_owned(), needles, variable, places });
        }
    }
}

impl Mark {
    fn is_in(&self, text: &[u8]) -> bool {
        self.needles.iter().any(|needle| contains(text, needle.as_bytes()))
    }

    fn may_be_in(&self, upstream: &str, part: &Part) -> bool {
        self.places.iter().any(|place| place.admits(upstream, part))
    }

    /// Path and query without the parameters that may carry it.
    fn without_its_parameters(&self, received: &Received) -> String {
        let name = |pair: &str| pair.split('=').next().unwrap_or_default().to_owned();
        let is_foreign = |pair: &&str| !self.may_be_in(&received.upstream, &Part::Query(name(pair)));
        let (path, query) = received.target.split_once('?').unwrap_or((&received.target, ""));
        format!("{path}?{}", query.split('&').filter(is_foreign).collect::<Vec<_>>().join("&"))
    }
}

fn contains(text: &[u8], needle: &[u8]) -> bool {
    text.windows(needle.len()).any(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::place::Reach;
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
    fn what_no_configuration_uses_belongs_nowhere() {
        for (name, value) in [("authorization", "Bearer canary+0123"), ("x-other", "canary+0123"), ("authorization", "Bearer token-01234")]
        {
            assert_eq!(found(&secret(), header(name, value)), 1, "{name}: {value}");
        }
        let trailers = vec![("x-note".into(), Bytes::from_static(b"canary+0123"))];
        assert_eq!(found(&secret(), Received { trailers, ..Received::default() }), 1);
    }

    #[test]
    fn a_secret_belongs_where_it_is_used() {
        let of = |part| {
            let mut canaries = secret();
            let place = Place { reach: Reach::Upstreams(vec!["a".into()]), part };
            canaries.allow(&[Use { variable: Some("POSTERN_SECRET_A".into()), place }]);
            canaries
        };
        let at = |upstream: &str, received: Received| Received { upstream: upstream.into(), ..received };
        let sent = |target: &str, body: &'static str| {
            let (target, body) = (target.into(), Bytes::from_static(body.as_bytes()));
            at("a", Received { target, body, ..Received::default() })
        };
        let custom = of(Part::Header("x-key".into()));
        assert_eq!(found(&custom, at("a", header("x-key", "canary+0123"))), 0);
        assert_eq!(found(&custom, at("b", header("x-key", "canary+0123"))), 1);
        assert_eq!(found(&custom, at("a", header("authorization", "Bearer canary+0123"))), 1);
        assert_eq!(found(&custom, at("a", header("x", "Basic dTpjYW5hcnkrMDEyMw=="))), 1);
        let query = of(Part::Query("key".into()));
        assert_eq!(found(&query, sent("/a?b=c&key=canary%2B0123", "")), 0);
        assert_eq!(found(&query, at("b", sent("/a?b=c&key=canary%2B0123", ""))), 1);
        assert_eq!(found(&query, sent("/canary+0123?key=x", "")), 1);
        assert_eq!(found(&query, sent("/?other=canary%2B0123", "")), 1);
        let form = of(Part::Form("/token".into()));
        assert_eq!(found(&form, sent("/token?a", "client_secret=canary%2B0123")), 0);
        assert_eq!(found(&form, sent("/other", "client_secret=canary%2B0123")), 1);
    }
}
