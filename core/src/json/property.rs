//! The strict reader against serde_json, on generated texts.

use crate::testing::test;
use serde_json::{Map, Value};

use super::{Projection, read};

/// A small deterministic generator (xorshift64): the tests need variety, not quality.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }

    fn value(&mut self, depth: u32) -> Value {
        match self.below(if depth == 0 { 6 } else { 8 }) {
            0 => Value::Null,
            1 => Value::Bool(self.below(2) == 0),
            2 => Value::from(self.below(u64::MAX)),
            3 => Value::from(self.below(2000).cast_signed() - 1000),
            4 => Value::from(f64::from_bits(self.below(u64::MAX)).clamp(-1e300, 1e300)),
            5 => Value::from(self.text()),
            6 => (0..self.below(5)).map(|_| self.value(depth - 1)).collect(),
            _ => Value::Object(self.object(depth - 1)),
        }
    }

    fn object(&mut self, depth: u32) -> Map<String, Value> {
        (0..self.below(14)).map(|_| (self.key(), self.value(depth))).collect()
    }

    fn key(&mut self) -> String {
        match self.below(4) {
            0 => self.text(),
            n => ["a", "b", "model", "messages"][(self.below(3) + n - 1) as usize % 4].to_owned(),
        }
    }

    fn text(&mut self) -> String {
        (0..self.below(6)).map(|_| ['a', '"', '\\', '\n', '\u{0}', 'é', '😀', '/'][self.below(8) as usize]).collect()
    }

    fn projection(&mut self) -> Projection {
        let mut projection = Projection::default();
        for _ in 0..self.below(4) {
            let keys: Vec<String> = (0..=self.below(3)).map(|_| self.key()).collect();
            projection.add(keys.iter().map(String::as_str));
        }
        projection
    }
}

/// What a projection must give, said another way: cut down the whole tree.
fn cut(value: &Value, wanted: &Projection) -> Value {
    match value {
        _ if wanted.is_whole() => value.clone(),
        Value::Object(members) => members.iter().filter_map(|(key, value)| Some((key.clone(), cut(value, wanted.member(key)?)))).collect(),
        Value::Array(_) => Value::Array(Vec::new()),
        scalar => scalar.clone(),
    }
}

#[test]
fn agrees_with_serde_json_on_generated_objects() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for _ in 0..3000 {
        let value = Value::Object(random.object(4));
        let text = if random.below(2) == 0 { value.to_string() } else { serde_json::to_string_pretty(&value).unwrap() };
        // A float may change in its last digit on the way through text, so serde_json's own reading is the measure.
        let reference: Value = serde_json::from_str(&text).unwrap();
        let wanted = random.projection();
        assert_eq!(read(text.as_bytes(), &Projection::whole()), Ok(reference.clone()), "{text}");
        assert_eq!(read(text.as_bytes(), &wanted), Ok(cut(&reference, &wanted)), "{text} through {wanted:?}");
    }
}

#[test]
fn accepts_no_damaged_text_that_serde_json_refuses() {
    let mut random = Random(42);
    let mut refused = 0;
    for _ in 0..3000 {
        let mut text = Value::Object(random.object(3)).to_string().into_bytes();
        let at = random.below(text.len() as u64) as usize;
        match random.below(3) {
            0 => drop(text.remove(at)),
            1 => text[at] = random.below(256) as u8,
            _ => text.insert(at, b"{}[],:\"\\0e"[random.below(10) as usize]),
        }
        let wanted = random.projection();
        let reference = serde_json::from_slice::<Map<String, Value>>(&text);
        match read(&text, &wanted) {
            // Whatever is accepted, serde_json accepts and reads alike.
            Ok(value) => assert_eq!(value, cut(&Value::Object(reference.unwrap()), &wanted)),
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 1000, "the damage should mostly be noticed, but only {refused} were");
}
