//! What a collector answers: all of it was taken, or some items were rejected (`partial_success`, the same shape for all signals).

use serde::{Deserialize, Deserializer};

use crate::resource::OtlpProtocol;

/// How many items the collector did not take. What cannot be read says nothing, and counts as success.
pub fn rejected(protocol: OtlpProtocol, body: &[u8]) -> u64 {
    match protocol {
        OtlpProtocol::Protobuf => field(body, 1).and_then(Field::bytes).and_then(|partial| field(partial, 1)).and_then(Field::number),
        OtlpProtocol::Json => serde_json::from_slice::<Response>(body).ok().and_then(|response| response.partial_success?.rejected),
    }
    .unwrap_or_default()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Response {
    #[serde(default)]
    partial_success: Option<PartialSuccess>,
}

#[derive(Deserialize)]
struct PartialSuccess {
    #[serde(default, alias = "rejectedLogRecords", alias = "rejectedSpans", alias = "rejectedDataPoints", deserialize_with = "number")]
    rejected: Option<u64>,
}

/// A number of 64 bits is a string in JSON; some collectors write it as a number.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    Ok(value.as_u64().or_else(|| value.as_str()?.parse().ok()))
}

enum Field<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

impl<'a> Field<'a> {
    fn number(self) -> Option<u64> {
        match self {
            Self::Number(value) => Some(value),
            Self::Bytes(_) => None,
        }
    }

    fn bytes(self) -> Option<&'a [u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            Self::Number(_) => None,
        }
    }
}

/// The first field of that number. Only the wire types that the answer has are known.
fn field(mut message: &[u8], wanted: u64) -> Option<Field<'_>> {
    while !message.is_empty() {
        let (tag, rest) = varint(message)?;
        let (value, rest) = match tag & 7 {
            0 => varint(rest).map(|(value, rest)| (Field::Number(value), rest))?,
            2 => {
                let (length, rest) = varint(rest)?;
                let (bytes, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
                (Field::Bytes(bytes), rest)
            }
            _ => return None,
        };
        if tag >> 3 == wanted {
            return Some(value);
        }
        message = rest;
    }
    None
}

fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0_u64;
    for (index, byte) in bytes.iter().take(10).enumerate() {
        value |= u64::from(byte & 0x7f).checked_shl(u32::try_from(index * 7).ok()?)?;
        if byte & 0x80 == 0 {
            return Some((value, bytes.get(index + 1..)?));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    #[test]
    fn counts_what_was_rejected() {
        let table: [(OtlpProtocol, &[u8], u64); 12] = [
            (OtlpProtocol::Json, b"{}", 0),
            (OtlpProtocol::Json, b"", 0),
            (OtlpProtocol::Json, b"<html>", 0),
            (OtlpProtocol::Json, br#"{"partialSuccess":{}}"#, 0),
            (OtlpProtocol::Json, br#"{"partialSuccess":{"rejectedLogRecords":"3","errorMessage":"no"}}"#, 3),
            (OtlpProtocol::Json, br#"{"partialSuccess":{"rejectedSpans":4}}"#, 4),
            (OtlpProtocol::Protobuf, b"", 0),
            (OtlpProtocol::Protobuf, b"\x0a\x00", 0),
            (OtlpProtocol::Protobuf, b"\x0a\x06\x08\xac\x02\x12\x01n", 300),
            (OtlpProtocol::Protobuf, b"\x0a\x06\x12\x01n\x08\xac\x02", 300),
            (OtlpProtocol::Protobuf, b"\x0a\x7f\x08\x01", 0),
            (OtlpProtocol::Protobuf, b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 0),
        ];
        for (protocol, body, expected) in table {
            assert_eq!(rejected(protocol, body), expected, "{}", String::from_utf8_lossy(body));
        }
    }
}
