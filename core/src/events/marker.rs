//! How the streams of providers end.

use serde::de::IgnoredAny;

/// Whose events they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    OpenAi,
    Anthropic,
    Gemini,
}

/// What the events so far say of an answer.
#[derive(Debug)]
pub struct Marker {
    protocol: Protocol,
    begun: bool,
    ended: bool,
    /// What has come of a line that goes on in the next piece, shortened.
    line: Vec<u8>,
}

/// Bytes at the end of such a line that are kept: more than any text that is searched for, with the value after it.
const TAIL: usize = 64;

impl Marker {
    pub fn new(protocol: Protocol) -> Self {
        Self { protocol, begun: false, ended: false, line: Vec::new() }
    }

    /// Whether an answer has begun and not ended. A stream of something else never begins, so that nothing is missed of it.
    pub fn is_open(&self) -> bool {
        self.begun && !self.ended
    }

    /// Looks at events that are whole, and at the pieces in which one passes that is too long to be held.
    pub fn see(&mut self, events: &[u8]) {
        let mut lines = events.split(|byte| matches!(byte, b'\n' | b'\r')).peekable();
        while let Some(line) = lines.next() {
            let mut before = std::mem::take(&mut self.line);
            let line = if before.is_empty() {
                line
            } else {
                before.extend_from_slice(line);
                &before
            };
            self.see_line(line);
            if lines.peek().is_none() {
                self.line = shortened(line);
            }
        }
    }

    fn see_line(&mut self, line: &[u8]) {
        let (field, value) = split_field(line);
        match field {
            b"event" => self.see_name(value),
            b"data" => self.see_data(value),
            _ => {}
        }
    }

    /// Looks at what comes after the last whole event of a stream that has ended. An event that is cut off may begin an answer, but ends
    /// none: a reader that takes one without its blank line can make nothing of a part of it.
    pub fn see_rest(&mut self, rest: &[u8]) {
        let had_ended = self.ended;
        self.see(rest);
        self.ended = had_ended || (self.ended && lacks_a_blank_line_only(rest));
    }

    fn see_name(&mut self, name: &[u8]) {
        let (begins, ends): (&[u8], &[&[u8]]) = match self.protocol {
            Protocol::Anthropic => (b"message_start", &[b"message_stop", b"error"]),
            Protocol::OpenAi => (b"response.created", &[b"response.completed", b"response.incomplete", b"response.failed", b"error"]),
            Protocol::Gemini => return,
        };
        self.begun |= name == begins;
        self.ended |= ends.contains(&name);
    }

    fn see_data(&mut self, data: &[u8]) {
        let (begins, ends): (&[u8], &[u8]) = match self.protocol {
            Protocol::OpenAi => (b"\"chat.completion.chunk\"", b"\"finish_reason\":"),
            Protocol::Gemini => (b"\"candidates\"", b"\"finishReason\""),
            Protocol::Anthropic => return,
        };
        self.begun = self.begun || after_each(data, begins).next().is_some();
        // Not every server that speaks this dialect says `[DONE]`; none leaves out why the answer ended.
        self.ended = self.ended
            || data.starts_with(b"[DONE]")
            || data.starts_with(b"{\"error\"")
            || after_each(data, ends).any(|rest| !rest.is_empty() && !rest.starts_with(b"null") && !b"null".starts_with(rest));
    }
}

/// Whether the data is all there: it is JSON, or the word that stands for the end.
fn lacks_a_blank_line_only(rest: &[u8]) -> bool {
    let fields = rest.split(|byte| matches!(byte, b'\n' | b'\r')).map(split_field);
    let data = fields.filter(|(field, _)| *field == b"data").map(|(_, value)| value).collect::<Vec<_>>().join(&b'\n');
    data == b"[DONE]" || serde_json::from_slice::<IgnoredAny>(&data).is_ok()
}

fn split_field(line: &[u8]) -> (&[u8], &[u8]) {
    let Some(colon) = line.iter().position(|byte| *byte == b':') else { return (line, &[]) };
    let (field, value) = line.split_at(colon);
    (field, value.get(1..).unwrap_or_default().trim_ascii())
}

/// The field, and the end of its value.
fn shortened(line: &[u8]) -> Vec<u8> {
    let colon = line.iter().position(|byte| *byte == b':');
    let Some((field, value)) = colon.and_then(|colon| line.split_at_checked(colon + 1)) else {
        // No field that is looked at has a longer name.
        return line.get(..TAIL).unwrap_or(line).to_vec();
    };
    if value.len() <= TAIL {
        return line.to_vec();
    }
    // What is left of the value does not begin it.
    let field = if field.len() <= TAIL { field } else { b":" };
    [field, b"...", value.get(value.len() - TAIL..).unwrap_or_default()].concat()
}

/// What follows the text, wherever it stands.
fn after_each<'d>(data: &'d [u8], text: &'d [u8]) -> impl Iterator<Item = &'d [u8]> {
    let ends = data.windows(text.len()).enumerate().filter(move |(_, window)| *window == text).map(|(at, _)| at + text.len());
    ends.map(|end| data.get(end..).unwrap_or_default().trim_ascii_start())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    #[test]
    fn an_answer_is_open_until_its_last_event() {
        let chunk = r#"data: {"object":"chat.completion.chunk","choices":[{"delta":{"content":"[DONE]"},"finish_reason":null}]}"#;
        let last = r#"data: {"object":"chat.completion.chunk","choices":[{"delta":{},"finish_reason":"stop"}]}"#;
        let gemini = r#"data: {"candidates":[{"content":{"parts":[{"text":"a"}]}}]}"#;
        let gemini_last = r#"data: {"candidates":[{"finishReason":"STOP"}]}"#;
        for (protocol, lines, open) in [
            (Protocol::OpenAi, &[chunk][..], true),
            (Protocol::OpenAi, &[chunk, "data: [DONE]"], false),
            (Protocol::OpenAi, &[chunk, "data:[DONE]"], false),
            (Protocol::OpenAi, &[chunk, last], false),
            (Protocol::OpenAi, &[chunk, r#"data: {"error":{"message":"busy"}}"#], false),
            (Protocol::OpenAi, &["event: response.created", "event: response.output_text.delta"], true),
            (Protocol::OpenAi, &["event: response.created", "event: response.completed"], false),
            (Protocol::OpenAi, &["data: something else"], false),
            (Protocol::Anthropic, &["event: message_start", "event: ping"], true),
            (Protocol::Anthropic, &["event: message_start", "event: message_stop"], false),
            (Protocol::Anthropic, &["event: message_start", "event: error"], false),
            (Protocol::Anthropic, &["event: ping"], false),
            (Protocol::Gemini, &[gemini], true),
            (Protocol::Gemini, &[gemini, gemini_last], false),
        ] {
            let mut marker = Marker::new(protocol);
            lines.iter().for_each(|line| marker.see(format!("{line}\n\n").as_bytes()));
            assert_eq!(marker.is_open(), open, "{protocol:?} {lines:?}");
        }
    }
    #[test]
    fn a_long_event_may_be_seen_in_pieces() {
        let long = "A".repeat(300);
        let gemini = format!("data: {{\"candidates\":[{{\"data\":\"{long}\",\"finishReason\":\"STOP\"}}]}}\r\n\r\n");
        let open = format!("data: {{\"object\":\"chat.completion.chunk\",\"a\":\"{long}[DONE]\",\"finish_reason\":null}}\n\n");
        let two = format!(
            "data: {{\"object\":\"chat.completion.chunk\",\"a\":\"{long}\",\"finish_reason\":null,\"finish_reason\": \"stop\"}}\n\n"
        );
        let named = format!("event: message_start\ndata: {long}\n\nevent: message_stop\ndata: {long}\n\n");
        let hidden = format!("event: message_start\n: {long}event: message_stop\ndata: {long}event: message_stop\n\n");
        for (protocol, events, is_open) in [
            (Protocol::Gemini, &gemini, false),
            (Protocol::OpenAi, &open, true),
            (Protocol::OpenAi, &two, false),
            (Protocol::Anthropic, &named, false),
            (Protocol::Anthropic, &hidden, true),
        ] {
            for first in 0..events.len() {
                for second in [0, 1, 7, 100] {
                    let (head, rest) = events.as_bytes().split_at(first);
                    let (middle, tail) = rest.split_at(second.min(rest.len()));
                    let mut marker = Marker::new(protocol);
                    [head, middle, tail].iter().for_each(|piece| marker.see(piece));
                    assert_eq!(marker.is_open(), is_open, "{events} cut at {first} and {second} bytes later");
                }
            }
        }
    }

    #[test]
    fn an_event_that_is_cut_off_ends_nothing() {
        let chunk = "data: {\"object\":\"chat.completion.chunk\",\"finish_reason\":null}\n\n";
        let last = "data: {\"object\":\"chat.completion.chunk\",\"finish_reason\":\"stop\"}";
        for at in 0..last.len() {
            let mut marker = Marker::new(Protocol::OpenAi);
            marker.see(chunk.as_bytes());
            marker.see_rest(&last.as_bytes()[..at]);
            assert!(marker.is_open(), "{:?}", &last[..at]);
        }
        let begun = "event: message_start\ndata: {}\n\n";
        for (protocol, whole, rest, open) in [
            (Protocol::OpenAi, chunk, last, false),
            (Protocol::OpenAi, chunk, "data: [DONE]", false),
            (Protocol::OpenAi, chunk, "data: [DON", true),
            (Protocol::OpenAi, "", last, false),
            (Protocol::OpenAi, "", "data: {\"object\":\"chat.completion.chunk\",", true),
            (Protocol::OpenAi, "data: [DONE]\n\n", "data: {\"object\":\"chat.completion.chunk\",", false),
            (Protocol::Anthropic, begun, "event: message_stop\ndata: {\"type\":\ndata: 1}\n", false),
            (Protocol::Anthropic, begun, "event: message_stop\ndata: {\"type\"", true),
            (Protocol::Anthropic, begun, "event: message_stop\n", true),
            (Protocol::Gemini, "data: {\"candidates\":[]}\n\n", "data: {\"candidates\":[{\"finishReason\":\"S", true),
        ] {
            let mut marker = Marker::new(protocol);
            marker.see(whole.as_bytes());
            marker.see_rest(rest.as_bytes());
            assert_eq!(marker.is_open(), open, "{protocol:?} {rest:?}");
        }
    }
}
