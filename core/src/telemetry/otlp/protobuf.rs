//! The wire format of protocol buffers, for writing: <https://protobuf.dev/programming-guides/encoding/>.

use super::message::{Each, Field, Fields, Message};

/// Collects the fields of a message.
#[derive(Debug, Default)]
pub struct Protobuf(Vec<u8>);

const VARINT: u32 = 0;
const FIXED64: u32 = 1;
const LENGTH: u32 = 2;
const FIXED32: u32 = 5;

impl Protobuf {
    pub fn encode(message: &dyn Message) -> Vec<u8> {
        let mut out = Self::default();
        message.fields(&mut out);
        out.0
    }

    /// A field of `string`, `bytes`, or a message that is written already.
    pub fn bytes(&mut self, (number, _): Field, value: &[u8]) {
        self.tag(number, LENGTH);
        self.varint(value.len() as u64);
        self.0.extend_from_slice(value);
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    fn tag(&mut self, number: u32, wire_type: u32) {
        self.varint(u64::from(number << 3 | wire_type));
    }

    fn varint(&mut self, mut value: u64) {
        while value > 0x7f {
            self.0.push((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    fn packed(&mut self, (number, _): Field, values: impl ExactSizeIterator<Item = u64>) {
        self.tag(number, LENGTH);
        self.varint(values.len() as u64 * 8);
        values.for_each(|value| self.0.extend_from_slice(&value.to_le_bytes()));
    }
}

impl Fields for Protobuf {
    fn text(&mut self, field: Field, value: &str) {
        self.bytes(field, value.as_bytes());
    }

    fn id(&mut self, field: Field, value: &[u8]) {
        self.bytes(field, value);
    }

    fn boolean(&mut self, field: Field, value: bool) {
        self.number(field, u32::from(value));
    }

    fn number(&mut self, (number, _): Field, value: u32) {
        self.tag(number, VARINT);
        self.varint(u64::from(value));
    }

    fn fixed32(&mut self, (number, _): Field, value: u32) {
        self.tag(number, FIXED32);
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    /// Negative numbers take their two's complement.
    fn int64(&mut self, (number, _): Field, value: i64) {
        self.tag(number, VARINT);
        self.varint(value.cast_unsigned());
    }

    fn fixed64(&mut self, (number, _): Field, value: u64) {
        self.tag(number, FIXED64);
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    fn sfixed64(&mut self, field: Field, value: i64) {
        self.fixed64(field, value.cast_unsigned());
    }

    fn double(&mut self, field: Field, value: f64) {
        self.fixed64(field, value.to_bits());
    }

    fn fixed64s(&mut self, field: Field, values: &[u64]) {
        self.packed(field, values.iter().copied());
    }

    fn doubles(&mut self, field: Field, values: &[f64]) {
        self.packed(field, values.iter().map(|value| value.to_bits()));
    }

    fn message(&mut self, field: Field, value: &dyn Message) {
        self.bytes(field, &Self::encode(value));
    }

    fn messages(&mut self, field: Field, each: &Each<'_>) {
        each(&mut |message| self.message(field, message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    struct Empty;

    impl Message for Empty {
        fn fields(&self, _: &mut dyn Fields) {}
    }

    #[test]
    fn the_examples_of_the_specification() {
        let written = |write: &dyn Fn(&mut Protobuf)| {
            let mut out = Protobuf::default();
            write(&mut out);
            crate::hex::encode(&out.into_bytes())
        };
        assert_eq!(written(&|w| w.number((1, ""), 150)), "089601");
        assert_eq!(written(&|w| w.int64((1, ""), -2)), "08feffffffffffffffff01");
        assert_eq!(written(&|w| w.text((2, ""), "testing")), "120774657374696e67");
        assert_eq!(written(&|w| w.message((3, ""), &Empty)), "1a00");
        assert_eq!(written(&|w| w.fixed32((1, ""), 1)), "0d01000000");
        assert_eq!(written(&|w| w.double((1, ""), 1.0)), "09000000000000f03f");
        assert_eq!(written(&|w| w.fixed64s((6, ""), &[1, 2])), "321001000000000000000200000000000000");
        assert_eq!(written(&|w| w.text((16, ""), "")), "820100");
    }
}
