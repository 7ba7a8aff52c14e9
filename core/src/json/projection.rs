use std::collections::BTreeMap;

/// Which parts of a JSON object are wanted. The default wants nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Projection {
    whole: bool,
    members: BTreeMap<String, Projection>,
}

impl Projection {
    /// Everything.
    pub fn whole() -> Self {
        Self { whole: true, members: BTreeMap::new() }
    }

    /// The value at a path of object keys, such as `["model"]`; everything when the path is empty.
    pub fn path<'k>(keys: impl IntoIterator<Item = &'k str>) -> Self {
        let mut projection = Self::default();
        projection.add(keys);
        projection
    }

    /// Wants the value at this path as well.
    pub fn add<'k>(&mut self, keys: impl IntoIterator<Item = &'k str>) {
        let mut at = self;
        for key in keys {
            if at.whole {
                return;
            }
            at = at.members.entry(key.to_owned()).or_default();
        }
        *at = Self::whole();
    }

    /// Wants what the other one wants as well.
    pub fn merge(&mut self, other: &Self) {
        if self.whole {
            return;
        }
        if other.whole {
            *self = Self::whole();
            return;
        }
        for (key, wanted) in &other.members {
            self.members.entry(key.clone()).or_default().merge(wanted);
        }
    }

    /// Whether all that the other one wants is wanted.
    pub fn covers(&self, other: &Self) -> bool {
        let mut members = other.members.iter();
        self.whole || !other.whole && members.all(|(key, wanted)| self.members.get(key).is_some_and(|member| member.covers(wanted)))
    }

    pub fn is_whole(&self) -> bool {
        self.whole
    }

    /// Whether nothing is wanted, so that there is no need to read the text at all.
    pub fn is_empty(&self) -> bool {
        !self.whole && self.members.is_empty()
    }

    /// Whether the key is not one that is wanted, but would be to a reader that takes no notice of case.
    pub fn is_alike(&self, key: &str) -> bool {
        !self.whole && !self.members.contains_key(key) && self.members.keys().any(|wanted| folded(wanted).eq(folded(key)))
    }

    /// What is wanted of a member; `None` when the member can be left out.
    pub fn member(&self, key: &str) -> Option<&Self> {
        if self.whole { Some(self) } else { self.members.get(key) }
    }
}

/// The text as decoders see it that compare keys without case, as Go's does: two letters beyond ASCII are the same as one of its own.
fn folded(text: &str) -> impl Iterator<Item = char> {
    text.chars().map(|c| match c {
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        other => other.to_ascii_lowercase(),
    })
}

#[cfg(test)]
mod tests {
    use crate::testing::test;

    use super::*;

    #[test]
    fn a_wider_wish_swallows_a_narrower_one() {
        let mut p = Projection::path(["a", "b"]);
        p.add(["a"]);
        p.add(["a", "c"]);
        assert_eq!(p, Projection::path(["a"]));
        p.merge(&Projection::path(["x", "y"]));
        assert!(p.member("x").is_some_and(|x| !x.is_whole() && x.member("y").is_some_and(Projection::is_whole)));
        p.merge(&Projection::path([]));
        assert!(p.is_whole());
        assert!(p.member("anything").is_some());
    }

    #[test]
    fn the_default_wants_nothing() {
        assert!(Projection::default().is_empty());
        assert!(!Projection::whole().is_empty());
        assert_eq!(Projection::default().member("a"), None);
    }

    #[test]
    fn covering_is_wanting_no_less() {
        let (ab, ac) = (Projection::path(["a", "b"]), Projection::path(["a", "c"]));
        let mut both = ab.clone();
        both.merge(&ac);
        assert!(both.covers(&ab) && both.covers(&ac) && both.covers(&both) && both.covers(&Projection::default()));
        assert!(!ab.covers(&both) && !ab.covers(&ac) && !ab.covers(&Projection::path(["a"])));
        assert!(Projection::path(["a"]).covers(&ab) && Projection::whole().covers(&Projection::whole()));
        assert!(!both.covers(&Projection::whole()));
    }
}
