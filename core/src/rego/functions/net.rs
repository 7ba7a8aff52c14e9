use std::net::IpAddr;

use regorus::Value;

use super::{Function, Outcome, Refusal, arguments, paid_text};

pub(super) const FUNCTIONS: &[Function] = &[
    Function { name: "net.cidr_contains", arity: 2, run: |values| compare(values, |outer, inner| outer.length <= inner.length) },
    Function { name: "net.cidr_intersects", arity: 2, run: |values| compare(values, |_, _| true) },
    Function { name: "net.cidr_is_valid", arity: 1, run: is_valid },
];

/// An address, or a range of them (RFC 4632 §3.1). IPv4 addresses mapped into IPv6 (RFC 4291 §2.5.5.2) are the IPv4 addresses.
struct Range {
    /// As IPv6 addresses are; `is_v4` tells which are not.
    bits: u128,
    is_v4: bool,
    /// Of 128.
    length: u32,
}

impl Range {
    fn parse(text: &str) -> Option<Self> {
        let (address, length) = text.split_once('/').map_or((text, None), |(address, length)| (address, Some(length)));
        let address: IpAddr = address.parse().ok()?;
        let is_digits = |length: &str| !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
        let length = match length {
            Some(length) if is_digits(length) => Some(length.parse::<u32>().ok()?),
            Some(_) => return None,
            None => None,
        };
        match address {
            IpAddr::V4(ip) => {
                let length = length.unwrap_or(32);
                (length <= 32).then(|| Self { bits: u128::from(ip.to_bits()), is_v4: true, length: 96 + length })
            }
            IpAddr::V6(ip) => {
                let length = length.unwrap_or(128);
                let mapped = ip.to_ipv4_mapped().filter(|_| length >= 96).map(|ip| u128::from(ip.to_bits()));
                (length <= 128).then(|| Self { bits: mapped.unwrap_or(ip.to_bits()), is_v4: mapped.is_some(), length })
            }
        }
    }
}

fn compare(values: &[Value], also: fn(&Range, &Range) -> bool) -> Outcome {
    let [first, second] = arguments(values)?;
    let parse = |value| Range::parse(paid_text(value)?).ok_or_else(|| Refusal::from("the text is neither an address nor a range of them"));
    let (a, b) = (parse(first)?, parse(second)?);
    let common = a.length.min(b.length);
    let same = (a.bits ^ b.bits).checked_shr(128 - common).unwrap_or(0) == 0;
    Ok(Value::Bool(a.is_v4 == b.is_v4 && same && also(&a, &b)))
}

fn is_valid(values: &[Value]) -> Outcome {
    let [text] = arguments(values)?;
    let Value::String(_) = text else { return Ok(Value::Bool(false)) };
    let text = paid_text(text)?;
    Ok(Value::Bool(text.contains('/') && Range::parse(text).is_some()))
}
