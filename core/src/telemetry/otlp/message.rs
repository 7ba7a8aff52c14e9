//! A message says its fields once, and is written as protobuf or as JSON.

use super::json::Json;
use super::protobuf::Protobuf;
use crate::resource::OtlpProtocol;

/// What can be written as a message.
pub trait Message {
    /// Says the fields. One with its default value may be left out.
    fn fields(&self, out: &mut dyn Fields);
}

/// A field's number in protobuf, and its name in JSON.
pub type Field = (u32, &'static str);

/// Says the messages of a list, one by one.
pub type Each<'e> = dyn Fn(&mut dyn FnMut(&dyn Message)) + 'e;

/// Takes the fields of a message. (Behind a pointer, as there are many messages: each exists once and not for each encoding.)
pub trait Fields {
    fn text(&mut self, field: Field, value: &str);
    /// Hexadecimal in JSON.
    fn id(&mut self, field: Field, value: &[u8]);
    fn boolean(&mut self, field: Field, value: bool);
    /// `enum` and `uint32`.
    fn number(&mut self, field: Field, value: u32);
    fn fixed32(&mut self, field: Field, value: u32);
    /// A string in JSON, as all numbers of 64 bits.
    fn int64(&mut self, field: Field, value: i64);
    fn fixed64(&mut self, field: Field, value: u64);
    fn sfixed64(&mut self, field: Field, value: i64);
    fn double(&mut self, field: Field, value: f64);
    fn fixed64s(&mut self, field: Field, values: &[u64]);
    fn doubles(&mut self, field: Field, values: &[f64]);
    fn message(&mut self, field: Field, value: &dyn Message);
    fn messages(&mut self, field: Field, each: &Each<'_>);
}

/// Writes a message by itself.
pub fn encode(protocol: OtlpProtocol, message: &dyn Message) -> Vec<u8> {
    match protocol {
        OtlpProtocol::Protobuf => Protobuf::encode(message),
        OtlpProtocol::Json => Json::encode(message).into_bytes(),
    }
}
