use uuid::Uuid;

/// The `uid` of a resource that was written without one: the same for the same domain, kind and name, on every host.
pub fn uid(domain: &str, kind: &str, name: &str) -> String {
    // A namespace of our own (RFC 9562 §6.6), drawn once at random.
    const POSTERN: Uuid = Uuid::from_u128(0x5f0c_96a1_7a0b_4c83_9d5e_2b61_ce47_10d8);
    Uuid::new_v5(&POSTERN, format!("{domain}\0{kind}\0{name}").as_bytes()).to_string()
}

#[cfg(test)]
mod tests {
    use crate::testing::test;

    use super::uid;

    #[test]
    fn differs_by_each_part() {
        let all = [uid("a", "User", "x"), uid("b", "User", "x"), uid("a", "Group", "x"), uid("a", "User", "y")];
        assert_eq!(all.iter().collect::<std::collections::BTreeSet<_>>().len(), 4);
        assert_eq!(uid("a", "User", "x"), all[0]);
    }
}
