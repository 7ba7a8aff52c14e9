//! gRPC's messages within a body: a byte that says whether they are compressed, their length in four, and they themselves.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use prost::Message;

const PREFIX: usize = 5;

pub fn write(message: &impl Message) -> Bytes {
    let length = message.encoded_len();
    let mut frame = BytesMut::with_capacity(PREFIX + length);
    frame.put_u8(0);
    frame.put_u32(u32::try_from(length).unwrap_or(u32::MAX));
    // There is room for it.
    let _ = message.encode(&mut frame);
    frame.freeze()
}

/// Takes the first message from what has arrived, once it is there whole.
///
/// # Errors
/// A message of more than `limit` bytes, or a compressed one, which was not asked for.
pub fn take(arrived: &mut BytesMut, limit: usize) -> Result<Option<Bytes>, String> {
    let Some((&compressed, rest)) = arrived.split_first() else { return Ok(None) };
    if compressed != 0 {
        return Err("a compressed message".into());
    }
    let Some(length) = rest.first_chunk::<4>().map(|length| u32::from_be_bytes(*length)) else { return Ok(None) };
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    if length > limit {
        return Err(format!("an answer of more than {limit} bytes"));
    }
    if arrived.len() < PREFIX + length {
        return Ok(None);
    }
    arrived.advance(PREFIX);
    Ok(Some(arrived.split_to(length).freeze()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_arrive_in_pieces() {
        let whole = [write(&"one".to_owned()), write(&"two".to_owned())].concat();
        for cut in 0..whole.len() {
            let mut arrived = BytesMut::from(&whole[..cut]);
            let mut found: Vec<Bytes> = std::iter::from_fn(|| take(&mut arrived, 10).unwrap()).collect();
            arrived.extend_from_slice(&whole[cut..]);
            found.extend(std::iter::from_fn(|| take(&mut arrived, 10).unwrap()));
            let texts: Vec<String> = found.into_iter().map(|message| Message::decode(message).unwrap()).collect();
            assert_eq!(texts, ["one", "two"], "{cut}");
        }
    }

    #[test]
    fn some_are_refused() {
        for frame in [&b"\x01\0\0\0\0"[..], b"\x01", b"\0\0\0\0\x0b", b"\0\xff\xff\xff\xff"] {
            assert!(take(&mut BytesMut::from(frame), 10).is_err(), "{frame:?}");
        }
    }
}
