use std::net::IpAddr;

/// The address as counters tell clients apart. An IPv6 client owns a /64 at least, so that is what counts; an IPv4 address is the
/// same one when it is mapped into IPv6 (RFC 4291 §2.5.5.2). Clients without an address count as one.
pub fn address(address: Option<IpAddr>) -> String {
    match address.map(|address| address.to_canonical()) {
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => format!("{:x}/64", address.to_bits() >> 64),
        None => String::from("unknown"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    #[test]
    fn clients_by_what_they_own() {
        let of = |text: &str| address(text.parse().ok());
        assert_eq!(of("192.0.2.7"), "192.0.2.7");
        assert_eq!(of("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:2"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of(""), "unknown");
    }
}
