//! JSON and tables. What a script leaves alone comes out as it went in: number texts, empty arrays, nulls, the order of members.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;

use postern_lua::{Event, Heap, Raise, TreeBuilder, Value, WalkError, to_json};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::json::MAX_DEPTH;

/// Reads a document; the inner error says why the text is none. A key that stands twice in one object is refused: a script that looks
/// at one of them would let the other pass.
///
/// # Errors
/// When the script's limits are reached.
pub(super) fn decode(heap: &mut Heap, text: &[u8]) -> Result<Result<Value, String>, Raise> {
    heap.charge_work(text.len() / 16)?;
    let Ok(text) = std::str::from_utf8(text) else { return Ok(Err("the text is not UTF-8".to_owned())) };
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let state = RefCell::new(State { tree: heap.build(), numbers: Numbers(text), raise: None });
    let read = Node { state: &state, depth: 0 }.deserialize(&mut deserializer).and_then(|()| deserializer.end());
    let State { tree, raise, .. } = state.into_inner();
    match (raise, read) {
        (Some(raise), _) => Err(raise),
        (None, Err(error)) => Ok(Err(error.to_string())),
        (None, Ok(())) => Ok(Ok(tree.finish())),
    }
}

/// Writes a document; the inner error says why the value has no JSON form.
///
/// # Errors
/// When the script's limits are reached.
pub(super) fn encode(heap: &Heap, value: Value) -> Result<Result<Vec<u8>, String>, Raise> {
    let mut out = Vec::new();
    // For each open array or object, whether it is an object and whether something stands in it.
    let mut open: Vec<(bool, bool)> = Vec::new();
    let mut charged = 0;
    for event in heap.walk(value, MAX_DEPTH) {
        let event = match event {
            Ok(event) => event,
            Err(WalkError::Raise(raise)) => return Err(raise),
            Err(error) => return Ok(Err(error.to_string())),
        };
        if !matches!(event, Event::End) {
            separate(&mut out, &mut open, &event);
        }
        match event {
            Event::Null => out.extend(b"null"),
            Event::Boolean(value) => out.extend(if value { b"true".as_slice() } else { b"false" }),
            Event::Number(_, Some(text)) => out.extend(text.as_bytes()),
            Event::Number(number, None) => out.extend(to_json(number).unwrap_or_else(|| "null".to_owned()).as_bytes()),
            Event::String(bytes) => string(&mut out, bytes),
            Event::Key(bytes) => {
                string(&mut out, bytes);
                out.push(b':');
            }
            Event::BeginArray(_) => {
                out.push(b'[');
                open.push((false, false));
            }
            Event::BeginObject => {
                out.push(b'{');
                open.push((true, false));
            }
            Event::End => {
                let is_object = open.pop().is_some_and(|(is_object, _)| is_object);
                out.push(if is_object { b'}' } else { b']' });
            }
        }
        heap.charge_memory(out.len() - charged)?;
        charged = out.len();
    }
    Ok(Ok(out))
}

/// A comma before every element and key but the first.
fn separate(out: &mut Vec<u8>, open: &mut [(bool, bool)], event: &Event<'_>) {
    let Some((is_object, is_filled)) = open.last_mut() else { return };
    if *is_object && !matches!(event, Event::Key(_)) {
        return;
    }
    if std::mem::replace(is_filled, true) {
        out.push(b',');
    }
}

/// Bytes that are not UTF-8 become U+FFFD, as JSON has none.
fn string(out: &mut Vec<u8>, bytes: &[u8]) {
    // Writing into memory does not fail.
    let _ = serde_json::to_writer(out, &String::from_utf8_lossy(bytes));
}

struct State<'t, 'h> {
    tree: TreeBuilder<'h>,
    numbers: Numbers<'t>,
    raise: Option<Raise>,
}

/// One value, which goes into the tree.
#[derive(Clone, Copy)]
struct Node<'s, 't, 'h> {
    state: &'s RefCell<State<'t, 'h>>,
    depth: usize,
}

impl<'t, 'h> Node<'_, 't, 'h> {
    fn put<E: Error>(&self, put: impl FnOnce(&mut State<'t, 'h>) -> Result<(), Raise>) -> Result<(), E> {
        let mut state = self.state.borrow_mut();
        put(&mut state).map_err(|raise| {
            state.raise = Some(raise);
            E::custom("a limit is reached")
        })
    }

    fn enter<E: Error>(self) -> Result<Self, E> {
        if self.depth >= MAX_DEPTH {
            return Err(E::custom("arrays and objects are nested too deep"));
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }

    /// The text, as the number itself may have lost it.
    fn number<E: Error>(&self) -> Result<(), E> {
        self.put(|state| match state.numbers.next() {
            Some(text) => state.tree.number(text),
            None => state.tree.null(),
        })
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.put(|state| state.tree.null())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.put(|state| state.tree.boolean(value))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        self.number()
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        self.number()
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        self.number()
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        self.put(|state| state.tree.string(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<(), A::Error> {
        let inside = self.enter()?;
        self.put(|state| state.tree.begin_array())?;
        while array.next_element_seed(inside)?.is_some() {}
        self.put(|state| state.tree.end())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let inside = self.enter()?;
        self.put(|state| state.tree.begin_object())?;
        let mut seen = BTreeSet::new();
        while let Some(key) = object.next_key::<String>()? {
            self.put(|state| state.tree.key(&key))?;
            if !seen.insert(key) {
                return Err(A::Error::custom("an object has the same key twice"));
            }
            object.next_value_seed(inside)?;
        }
        self.put(|state| state.tree.end())
    }
}

/// The number texts of a document that is read at the same time, in order.
struct Numbers<'t>(&'t str);

impl<'t> Iterator for Numbers<'t> {
    type Item = &'t str;

    fn next(&mut self) -> Option<&'t str> {
        loop {
            let start = self.0.find(|c: char| c == '"' || c == '-' || c.is_ascii_digit())?;
            let rest = self.0.get(start..)?;
            let Some(text) = rest.strip_prefix('"') else {
                let end = rest.find(|c: char| !matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E')).unwrap_or(rest.len());
                let (number, rest) = rest.split_at(end);
                self.0 = rest;
                return Some(number);
            };
            self.0 = after_string(text)?;
        }
    }
}

/// What follows the end of a string.
fn after_string(text: &str) -> Option<&str> {
    let mut rest = text;
    loop {
        let at = rest.find(['"', '\\'])?;
        if rest.as_bytes().get(at) == Some(&b'"') {
            return rest.get(at + 1..);
        }
        rest = rest.get(at + 2..)?;
    }
}
