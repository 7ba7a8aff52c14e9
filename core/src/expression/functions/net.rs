//! Addresses and ranges of addresses.

use std::net::IpAddr;

use super::{Evaluated, Fault, Function, Run, Value, no_overload};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::global("net.isIP", (1, 1), |_, arguments| is("net.isIP", arguments, |_| true)),
    Function::global("net.isIPv4", (1, 1), |_, arguments| is("net.isIPv4", arguments, |ip| ip.is_ipv4())),
    Function::global("net.isIPv6", (1, 1), |_, arguments| is("net.isIPv6", arguments, |ip| ip.is_ipv6())),
    Function::global("net.isPrivateIP", (1, 1), is_private),
    Function::global("net.isIPInRange", (2, 2), is_in_range),
];

fn is<'a>(name: &str, arguments: &[Value<'a>], wanted: fn(IpAddr) -> bool) -> Evaluated<'a> {
    let [Value::Text(text)] = arguments else { return Err(no_overload(name, arguments)) };
    Ok(Value::Bool(text.parse().is_ok_and(wanted)))
}

/// RFC 1918 and RFC 4193, so neither loopback nor link-local addresses.
fn is_private<'a>(_: &Run<'a>, arguments: &[Value<'a>]) -> Evaluated<'a> {
    let [Value::Text(text)] = arguments else { return Err(no_overload("net.isPrivateIP", arguments)) };
    Ok(Value::Bool(match address(text)? {
        IpAddr::V4(ip) => ip.is_private(),
        IpAddr::V6(ip) => ip.is_unique_local(),
    }))
}

fn is_in_range<'a>(_: &Run<'a>, arguments: &[Value<'a>]) -> Evaluated<'a> {
    let [Value::Text(ip), Value::Text(range)] = arguments else { return Err(no_overload("net.isIPInRange", arguments)) };
    let ip = address(ip)?;
    let (network, length) = parse_range(range).ok_or_else(|| Fault::error("the range is not like 10.0.0.0/8"))?;
    Ok(Value::Bool(match (ip, network) {
        (IpAddr::V4(ip), IpAddr::V4(network)) => prefix(u128::from(ip.to_bits()) ^ u128::from(network.to_bits()), 32, length) == 0,
        (IpAddr::V6(ip), IpAddr::V6(network)) => prefix(ip.to_bits() ^ network.to_bits(), 128, length) == 0,
        _ => false,
    }))
}

/// IPv4 addresses mapped into IPv6 (RFC 4291 §2.5.5.2) are the IPv4 addresses.
fn address(text: &str) -> Result<IpAddr, Fault> {
    text.parse::<IpAddr>().map(|ip| ip.to_canonical()).map_err(|_| Fault::error("the text is no IP address"))
}

fn parse_range(text: &str) -> Option<(IpAddr, u32)> {
    let (network, length) = text.split_once('/')?;
    let network: IpAddr = network.parse().ok()?;
    let plain = !length.is_empty() && length.bytes().all(|b| b.is_ascii_digit());
    let length: u32 = if plain { length.parse().ok()? } else { return None };
    let most = if network.is_ipv4() { 32 } else { 128 };
    (length <= most).then_some((network, length))
}

/// The first bits of a number that has this width.
fn prefix(bits: u128, width: u32, length: u32) -> u128 {
    bits.checked_shr(width - length).unwrap_or(0)
}
