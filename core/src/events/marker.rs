//! How the streams of providers end.

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
}

impl Marker {
    pub fn new(protocol: Protocol) -> Self {
        Self { protocol, begun: false, ended: false }
    }

    /// Whether an answer has begun and not ended. A stream of something else never begins, so that nothing is missed of it.
    pub fn is_open(&self) -> bool {
        self.begun && !self.ended
    }

    /// Looks at events that are whole.
    pub fn see(&mut self, events: &[u8]) {
        for line in events.split(|byte| matches!(byte, b'\n' | b'\r')) {
            let (field, value) = split_field(line);
            match field {
                b"event" => self.see_name(value),
                b"data" => self.see_data(value),
                _ => {}
            }
        }
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
        self.begun = self.begun || find(data, begins).is_some();
        // Not every server that speaks this dialect says `[DONE]`; none leaves out why the answer ended.
        self.ended = self.ended
            || data.starts_with(b"[DONE]")
            || data.starts_with(b"{\"error\"")
            || find(data, ends).is_some_and(|at| !data.get(at + ends.len()..).unwrap_or_default().trim_ascii_start().starts_with(b"null"));
    }
}

fn split_field(line: &[u8]) -> (&[u8], &[u8]) {
    let Some(colon) = line.iter().position(|byte| *byte == b':') else { return (line, &[]) };
    let (field, value) = line.split_at(colon);
    (field, value.get(1..).unwrap_or_default().trim_ascii())
}

fn find(data: &[u8], text: &[u8]) -> Option<usize> {
    data.windows(text.len()).position(|window| window == text)
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
}
