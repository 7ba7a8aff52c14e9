//! The wire format of protocol buffers, for writing: <https://protobuf.dev/programming-guides/encoding/>.

/// What can be written as a message.
pub trait Message {
    /// Writes the fields. One with its default value may be left out.
    fn write(&self, out: &mut Writer);
}

/// Collects the fields of a message.
#[derive(Debug, Default)]
pub struct Writer(Vec<u8>);

const VARINT: u32 = 0;
const FIXED64: u32 = 1;
const LENGTH: u32 = 2;
const FIXED32: u32 = 5;

impl Writer {
    /// A message of its own.
    pub fn message_of(message: &impl Message) -> Vec<u8> {
        let mut writer = Self::default();
        message.write(&mut writer);
        writer.0
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// `bool`, `enum`, `int64` and `uint64`. Negative numbers take their two's complement.
    pub fn varint(&mut self, field: u32, value: u64) {
        self.tag(field, VARINT);
        self.raw_varint(value);
    }

    pub fn fixed64(&mut self, field: u32, value: u64) {
        self.tag(field, FIXED64);
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    pub fn fixed32(&mut self, field: u32, value: u32) {
        self.tag(field, FIXED32);
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    pub fn double(&mut self, field: u32, value: f64) {
        self.fixed64(field, value.to_bits());
    }

    /// `string`, `bytes`, and a message that is written already.
    pub fn bytes(&mut self, field: u32, value: &[u8]) {
        self.length(field, value.len());
        self.0.extend_from_slice(value);
    }

    pub fn message(&mut self, field: u32, message: &impl Message) {
        self.bytes(field, &Self::message_of(message));
    }

    pub fn messages<'a, M: Message + 'a>(&mut self, field: u32, messages: impl IntoIterator<Item = &'a M>) {
        for message in messages {
            self.message(field, message);
        }
    }

    /// `repeated fixed64` and `repeated double`, packed.
    pub fn packed(&mut self, field: u32, values: impl ExactSizeIterator<Item = u64>) {
        self.length(field, values.len() * 8);
        for value in values {
            self.0.extend_from_slice(&value.to_le_bytes());
        }
    }

    fn length(&mut self, field: u32, length: usize) {
        self.tag(field, LENGTH);
        self.raw_varint(length as u64);
    }

    fn tag(&mut self, field: u32, wire_type: u32) {
        self.raw_varint(u64::from(field << 3 | wire_type));
    }

    fn raw_varint(&mut self, mut value: u64) {
        while value > 0x7f {
            self.0.push((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    struct Empty;

    impl Message for Empty {
        fn write(&self, _: &mut Writer) {}
    }

    #[test]
    fn the_examples_of_the_specification() {
        let written = |write: &dyn Fn(&mut Writer)| {
            let mut writer = Writer::default();
            write(&mut writer);
            crate::hex::encode(&writer.into_bytes())
        };
        assert_eq!(written(&|w| w.varint(1, 150)), "089601");
        assert_eq!(written(&|w| w.varint(1, (-2_i64).cast_unsigned())), "08feffffffffffffffff01");
        assert_eq!(written(&|w| w.bytes(2, b"testing")), "120774657374696e67");
        assert_eq!(written(&|w| w.message(3, &Empty)), "1a00");
        assert_eq!(written(&|w| w.fixed32(1, 1)), "0d01000000");
        assert_eq!(written(&|w| w.double(1, 1.0)), "09000000000000f03f");
        assert_eq!(written(&|w| w.packed(6, [1, 2].into_iter())), "321001000000000000000200000000000000");
        assert_eq!(written(&|w| w.bytes(16, b"")), "820100");
    }
}
