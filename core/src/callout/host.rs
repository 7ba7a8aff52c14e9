//! What the host of a URL names, and in which spelling. `2130706433`, `0x7f.1` and `[::ffff:7f00:1]` all lead to 127.0.0.1: what
//! was written must be what is called, so an address has one spelling here.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The host of a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Host<'t> {
    Name(&'t str),
    Address(IpAddr),
    /// An IPv4 address, written in another way than as four decimal numbers.
    Disguised(Option<Ipv4Addr>),
    /// Nothing that a URL's host can be.
    Invalid,
}

impl<'t> Host<'t> {
    /// Reads a host in lower case; an IPv6 address stands in brackets.
    pub fn read(text: &'t str) -> Self {
        if let Some(inner) = text.strip_prefix('[') {
            let address = inner.strip_suffix(']').and_then(|inner| inner.parse::<Ipv6Addr>().ok());
            return match address.map(|address| (address, translated(address))) {
                None => Host::Invalid,
                Some((_, Some(inside))) => Host::Disguised(Some(inside)),
                Some((address, None)) => Host::Address(address.into()),
            };
        }
        if ends_in_a_number(text) {
            // The standard parser takes four decimal numbers without leading zeros, and nothing else.
            return text.parse::<Ipv4Addr>().map_or_else(|_| Host::Disguised(undisguised(text)), |address| Host::Address(address.into()));
        }
        if is_name(text) { Host::Name(text) } else { Host::Invalid }
    }
}

/// Whether a program may ask an address for what only its own machine or network should know: loopback, private, link-local
/// (clouds hand out credentials there), shared and unspecified addresses (RFC 6890 and the registries that it begins).
pub fn is_internal(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let [a, b, ..] = address.octets();
            address.is_loopback()
                || address.is_private()
                || address.is_link_local()
                || address.is_multicast()
                || a == 0
                || (a == 100 && (64..128).contains(&b))
                || (a == 198 && (18..20).contains(&b))
                || a >= 240
        }
        IpAddr::V6(address) => {
            address.is_loopback()
                || address.is_unspecified()
                || address.is_multicast()
                || address.is_unique_local()
                || address.is_unicast_link_local()
        }
    }
}

/// As URLs are read (URL Standard, "ends in a number"): such a host is an IPv4 address, however it is written.
fn ends_in_a_number(host: &str) -> bool {
    let last = host.strip_suffix('.').unwrap_or(host).rsplit('.').next().unwrap_or_default();
    let is_hexadecimal = last.strip_prefix("0x").is_some_and(|digits| digits.chars().all(|c| c.is_ascii_hexdigit()));
    !last.is_empty() && (is_hexadecimal || last.chars().all(|c| c.is_ascii_digit()))
}

/// The address that such a host stands for, to tell the operator (URL Standard, "IPv4 parser").
fn undisguised(host: &str) -> Option<Ipv4Addr> {
    let parts: Vec<&str> = host.strip_suffix('.').unwrap_or(host).split('.').collect();
    let (last, leading) = parts.split_last()?;
    if leading.len() > 3 {
        return None;
    }
    let mut address = u64::from(0_u32);
    for part in leading {
        let byte = number(part).filter(|byte| *byte < 256)?;
        address = address << 8 | byte;
    }
    let rest = 8 * (4 - u32::try_from(leading.len()).ok()?);
    let last = number(last).filter(|last| *last < 1 << rest)?;
    u32::try_from(address << rest | last).ok().map(Ipv4Addr::from)
}

fn number(part: &str) -> Option<u64> {
    match part.strip_prefix("0x") {
        Some("") => Some(0),
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None if part.len() > 1 && part.starts_with('0') => u64::from_str_radix(part, 8).ok(),
        None => part.parse().ok(),
    }
}

/// The IPv4 address that an IPv6 one is translated to: mapped and compatible (RFC 4291 §2.5.5), NAT64 (RFC 6052, RFC 8215), 6to4
/// (RFC 3056), Teredo (RFC 4380) and ISATAP (RFC 5214).
fn translated(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let from = |high: u16, low: u16| Some(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)));
    match [a, b, c, d, e, f] {
        [0, 0, 0, 0, 0, 0xffff] | [0, 0, 0, 0, 0xffff, 0] | [0x64, 0xff9b, 0, 0, 0, 0] => from(g, h),
        [0, 0, 0, 0, 0, 0] if g != 0 || h > 1 => from(g, h),
        [0x64, 0xff9b, 1, ..] => from(g, h),
        [0x2002, high, low, ..] => from(high, low),
        [0x2001, 0, ..] => from(!g, !h),
        [.., 0 | 0x200, 0x5efe] => from(g, h),
        _ => None,
    }
}

/// Letters, digits, hyphens and underscores between single dots; one dot more may end it.
fn is_name(host: &str) -> bool {
    let label = |label: &str| !label.is_empty() && label.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_'));
    host.len() <= 254 && host.strip_suffix('.').unwrap_or(host).split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    #[test]
    fn an_address_has_one_spelling() {
        for plain in ["127.0.0.1", "8.8.8.8", "169.254.169.254"] {
            assert_eq!(Host::read(plain), Host::Address(plain.parse().unwrap()), "{plain}");
        }
        let loopback = Some(Ipv4Addr::LOCALHOST);
        let table = [
            ("2130706433", loopback),
            ("0x7f000001", loopback),
            ("0x7f.0.0.1", loopback),
            ("0177.0.0.01", loopback),
            ("017700000001", loopback),
            ("127.1", loopback),
            ("127.0.1", loopback),
            ("127.0.0.1.", loopback),
            ("127.0.0.0x1", loopback),
            ("0x", Some(Ipv4Addr::UNSPECIFIED)),
            ("0", Some(Ipv4Addr::UNSPECIFIED)),
            ("4294967296", None),
            ("127.0.0.256", None),
            ("1.2.3.4.5", None),
            ("example.1", None),
            ("09.1.1.1", None),
            ("[::ffff:127.0.0.1]", loopback),
            ("[::ffff:7f00:1]", loopback),
            ("[::7f00:1]", loopback),
            ("[::ffff:0:7f00:1]", loopback),
            ("[64:ff9b::7f00:1]", loopback),
            ("[64:ff9b:1:2:3:4:7f00:1]", loopback),
            ("[2002:7f00:1::]", loopback),
            ("[2001:0:4136:e378:8000:63bf:80ff:fffe]", loopback),
            ("[fe80::5efe:7f00:1]", loopback),
            ("[2001:db8::200:5efe:7f00:1]", loopback),
        ];
        for (host, address) in table {
            assert_eq!(Host::read(host), Host::Disguised(address), "{host}");
        }
    }

    #[test]
    fn names_and_others() {
        for name in ["localhost", "a.example", "a.example.", "cache_1.svc", "1a.example", "10.0.0.1.example", "x0x1"] {
            assert_eq!(Host::read(name), Host::Name(name), "{name}");
        }
        for address in ["::1", "::", "2606:4700::1111", "fd00::1"] {
            assert_eq!(Host::read(&format!("[{address}]")), Host::Address(address.parse().unwrap()), "{address}");
        }
        for none in ["", ".", "a..b", "a b", "[::1", "[fe80::1%25eth0]", "[127.0.0.1]", "ä.example", "a%2eb", "::1"] {
            assert_eq!(Host::read(none), Host::Invalid, "{none}");
        }
    }

    #[test]
    fn what_is_not_for_everybody() {
        for address in ["127.0.0.1", "10.1.2.3", "172.31.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.127.255.255", "0.0.0.0"]
        {
            assert!(is_internal(address.parse().unwrap()), "{address}");
        }
        for address in ["198.18.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fc00::1", "fd00:ec2::254", "fe80::1", "ff02::1"] {
            assert!(is_internal(address.parse().unwrap()), "{address}");
        }
        for address in ["8.8.8.8", "100.63.0.1", "100.128.0.1", "172.32.0.1", "198.20.0.1", "2606:4700::1111"] {
            assert!(!is_internal(address.parse().unwrap()), "{address}");
        }
    }
}
