//! A reader of server-sent events (HTML Living Standard §9.2.6), no part of which is the gateway's. Like those of SDKs it knows no byte
//! order mark.

type Field = (Vec<u8>, Vec<u8>);

/// An event that a reader hands on.
#[derive(Debug, PartialEq)]
pub struct Event {
    pub name: String,
    pub data: String,
    /// Where it says one.
    pub id: Option<String>,
}

/// What a stream holds.
#[derive(Debug, Default)]
pub struct Reading {
    pub events: Vec<Event>,
    /// Of what is complete, without comments.
    pub fields: Vec<Field>,
    /// Of the event that has no end.
    pub rest: Vec<Field>,
    /// Up to here nothing that was seen is changed by what follows. A comment between events is complete with its line.
    pub complete: usize,
}

impl Reading {
    /// Whether the event that has no end lacks nothing but its blank line: its data is JSON, or says that all is done. SDKs mind no spaces.
    pub fn rest_is_whole(&self) -> bool {
        let lines: Vec<_> = self.rest.iter().filter(|(name, _)| name == b"data").map(|(_, value)| value.trim_ascii()).collect();
        let data = lines.join(&b'\n');
        data == b"[DONE]" || serde_json::from_slice::<serde::de::IgnoredAny>(&data).is_ok()
    }
}

pub fn read(stream: &[u8]) -> Reading {
    let (mut reading, mut start) = (Reading::default(), 0);
    while start < stream.len() {
        let length = stream[start..].iter().position(|byte| matches!(byte, b'\n' | b'\r'));
        let line = &stream[start..length.map_or(stream.len(), |length| start + length)];
        let end = match length.map(|length| &stream[start + length..]) {
            None => None,
            Some([b'\r', b'\n', ..]) => Some(start + line.len() + 2),
            Some(_) => Some(start + line.len() + 1),
        };
        start = end.unwrap_or(stream.len());
        if line.is_empty() {
            dispatch(&mut reading);
        } else if line[0] != b':' {
            reading.rest.push(field(line));
        }
        if let (Some(end), true) = (end, reading.rest.is_empty()) {
            reading.complete = end;
        }
    }
    reading
}

/// An event without data is none, whatever else it says.
fn dispatch(reading: &mut Reading) {
    let (mut name, mut data, mut id) = (String::new(), None::<String>, None);
    for (field, value) in &reading.rest {
        let value = String::from_utf8_lossy(value).into_owned();
        match field.as_slice() {
            b"event" => name = value,
            b"data" => data = Some(data.map_or_else(|| value.clone(), |data| data + "\n" + &value)),
            b"id" if !value.contains('\0') => id = Some(value),
            _ => {}
        }
    }
    reading.fields.append(&mut reading.rest);
    reading.events.extend(data.map(|data| Event { name, data, id }));
}

fn field(line: &[u8]) -> Field {
    let Some(colon) = line.iter().position(|byte| *byte == b':') else { return (line.to_vec(), Vec::new()) };
    let value = &line[colon + 1..];
    (line[..colon].to_vec(), value.strip_prefix(b" ").unwrap_or(value).to_vec())
}
