//! Marked secrets: whatever a case calls secret must not be seen where it does not belong, in no answer, log line or error.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::matching::Mismatches;
use crate::upstream::Received;

/// The shortest text that is searched for. A shorter one would be found by chance.
const MIN_LENGTH: usize = 8;

/// The secrets of a running case.
#[derive(Default)]
pub(crate) struct Canaries {
    marks: Vec<Mark>,
}

struct Mark {
    name: String,
    kind: Kind,
    /// The value and its usual encodings.
    needles: Vec<String>,
}

/// Where a secret may be seen.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// What the gateway injects: upstreams may see it, callers may not.
    Upstream,
    /// What callers prove themselves with: no upstream may see it, and no answer except that which issued it.
    Caller,
}

impl Canaries {
    pub fn mark(&mut self, name: &str, kind: Kind, value: &str) {
        let value = value.trim_end_matches(['\r', '\n']);
        if value.len() < MIN_LENGTH || self.marks.iter().any(|mark| mark.needles.first().is_some_and(|needle| needle == value)) {
            return;
        }
        let needles = vec![value.to_owned(), BASE64_STANDARD.encode(value), value.escape_default().to_string()];
        self.marks.push(Mark { name: name.to_owned(), kind, needles });
    }

    /// Searches what callers, operators and log readers see.
    pub fn search(&self, place: &str, text: &[u8], out: &mut Mismatches) {
        for mark in self.marks.iter().filter(|mark| mark.found_in(text)) {
            out.note(format!("{place} shows {}, which is secret", mark.name));
        }
    }

    /// Searches what an upstream received. The credential that the gateway injects travels in a header of its own.
    pub fn search_received(&self, received: &Received, out: &mut Mismatches) {
        let place = |part: &str| format!("the {part} that upstream `{}` received", received.upstream);
        for mark in &self.marks {
            let in_headers = received.headers.iter().filter(|(name, value)| {
                let injected = mark.kind == Kind::Upstream && name == "authorization";
                !injected && mark.found_in(value)
            });
            for (name, _) in in_headers {
                out.note(format!("{} shows {}, which is secret", place(&format!("header {name}")), mark.name));
            }
            for (part, text) in [("path", received.target.as_bytes()), ("body", &received.body)] {
                if mark.found_in(text) {
                    out.note(format!("{} shows {}, which is secret", place(part), mark.name));
                }
            }
        }
    }
}

impl Mark {
    fn found_in(&self, text: &[u8]) -> bool {
        self.needles.iter().any(|needle| contains(text, needle.as_bytes()))
    }
}

fn contains(text: &[u8], needle: &[u8]) -> bool {
    text.windows(needle.len()).any(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    #[test]
    fn a_secret_is_found_plain_and_encoded() {
        let mut canaries = Canaries::default();
        canaries.mark("secret a", Kind::Upstream, "canary-0123\n");
        for (text, found) in [("x canary-0123 y", 1), ("Y2FuYXJ5LTAxMjM=", 1), ("canary-012", 0)] {
            let mut out = Mismatches::default();
            canaries.search("body", text.as_bytes(), &mut out);
            assert_eq!(out.iter().count(), found, "{text}");
        }
    }

    #[test]
    fn only_the_injected_header_may_carry_an_upstreams_secret() {
        let mut canaries = Canaries::default();
        canaries.mark("secret a", Kind::Upstream, "canary-0123");
        canaries.mark("token b", Kind::Caller, "token-01234");
        for (name, value, found) in
            [("authorization", "Bearer canary-0123", 0), ("x-other", "canary-0123", 1), ("authorization", "Bearer token-01234", 1)]
        {
            let received = Received { headers: vec![(name.into(), Bytes::from_static(value.as_bytes()))], ..Received::default() };
            let mut out = Mismatches::default();
            canaries.search_received(&received, &mut out);
            assert_eq!(out.iter().count(), found, "{name}: {value}");
        }
    }
}
