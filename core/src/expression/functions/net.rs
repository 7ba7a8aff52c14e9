//! Questions about IP addresses, which are texts.

use std::net::IpAddr;

use cel::common::types::{CelBool, CelString};
use cel::{DeclarationError, Env, ExecutionError, add_overload};

pub(super) fn register(env: &mut Env) -> Result<(), DeclarationError> {
    add_overload!(env, fn is_ip: (CelString) -> CelBool, name = "net.isIP")?;
    add_overload!(env, fn is_ipv4: (CelString) -> CelBool, name = "net.isIPv4")?;
    add_overload!(env, fn is_ipv6: (CelString) -> CelBool, name = "net.isIPv6")?;
    add_overload!(env, fn is_private: (CelString) -> Result<CelBool>, name = "net.isPrivateIP")?;
    add_overload!(env, fn is_in_range: (CelString, CelString) -> Result<CelBool>, name = "net.isIPInRange")
}

fn is_ip(text: &CelString<'_>) -> CelBool {
    text.parse::<IpAddr>().is_ok().into()
}

fn is_ipv4(text: &CelString<'_>) -> CelBool {
    text.parse::<IpAddr>().is_ok_and(|ip| ip.is_ipv4()).into()
}

fn is_ipv6(text: &CelString<'_>) -> CelBool {
    text.parse::<IpAddr>().is_ok_and(|ip| ip.is_ipv6()).into()
}

/// RFC 1918 and RFC 4193, so neither loopback nor link-local addresses.
fn is_private(text: &CelString<'_>) -> Result<CelBool, ExecutionError> {
    let private = match address("net.isPrivateIP", text)? {
        IpAddr::V4(ip) => ip.is_private(),
        IpAddr::V6(ip) => ip.is_unique_local(),
    };
    Ok(private.into())
}

fn is_in_range(ip: &CelString<'_>, range: &CelString<'_>) -> Result<CelBool, ExecutionError> {
    let ip = address("net.isIPInRange", ip)?;
    let range = parse_range(range);
    let (network, length) = range.ok_or_else(|| ExecutionError::function_error("net.isIPInRange", "the range is not like 10.0.0.0/8"))?;
    let inside = match (ip, network) {
        (IpAddr::V4(ip), IpAddr::V4(network)) => prefix(u128::from(ip.to_bits() ^ network.to_bits()), 32, length) == 0,
        (IpAddr::V6(ip), IpAddr::V6(network)) => prefix(ip.to_bits() ^ network.to_bits(), 128, length) == 0,
        _ => false,
    };
    Ok(inside.into())
}

/// IPv4 addresses mapped into IPv6 (RFC 4291 §2.5.5.2) are the IPv4 addresses.
fn address(function: &str, text: &str) -> Result<IpAddr, ExecutionError> {
    let ip = text.parse::<IpAddr>().map_err(|_| ExecutionError::function_error(function, "the text is no IP address"))?;
    Ok(ip.to_canonical())
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
