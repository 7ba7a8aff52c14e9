//! Where events end, over any cutting into pieces (HTML Living Standard §9.2.6).

/// What of the stream has been seen.
#[derive(Debug, Default)]
pub struct Boundary {
    /// The line that is under way has begun.
    in_line: bool,
    /// It is a comment.
    in_comment: bool,
    /// The event that is under way has a field.
    in_event: bool,
    after_return: bool,
}

impl Boundary {
    /// How many bytes of the next piece belong to events that are complete: up to there, nothing that a reader has seen is changed by
    /// what follows. A comment between events is complete by itself, as it keeps a connection alive.
    pub fn complete(&mut self, piece: &[u8]) -> usize {
        let mut complete = 0;
        for (end, byte) in (1..).zip(piece) {
            let ends_line = matches!(byte, b'\n' | b'\r');
            // A line feed belongs to the carriage return before it.
            let ended_already = *byte == b'\n' && self.after_return;
            self.after_return = *byte == b'\r';
            if !ends_line {
                self.in_comment = if self.in_line { self.in_comment } else { *byte == b':' };
                self.in_line = true;
                continue;
            }
            if !ended_already {
                self.in_event = self.in_line && (self.in_event || !self.in_comment);
                self.in_line = false;
            }
            if !self.in_event {
                complete = end;
            }
        }
        complete
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    #[test]
    fn only_whole_events_are_complete() {
        for (text, complete) in [
            ("", ""),
            ("data: a", ""),
            ("data: a\n", ""),
            ("data: a\n\n", "data: a\n\n"),
            ("data: a\r\r", "data: a\r\r"),
            ("data: a\r\n\r\n", "data: a\r\n\r\n"),
            ("data: a\r\n", ""),
            ("event: x\n: a comment inside\ndata: a\n", ""),
            (": ping\n", ": ping\n"),
            (": ping", ""),
            ("data: a\n\n: ping\ndata: b\ndata: c", "data: a\n\n: ping\n"),
            ("data\n\nid\n", "data\n\n"),
            ("\n\n", "\n\n"),
        ] {
            assert_eq!(&text[..Boundary::default().complete(text.as_bytes())], complete, "{text:?}");
            // The same, in whichever two pieces it comes.
            for cut in 0..text.len() {
                let mut boundary = Boundary::default();
                let first = boundary.complete(&text.as_bytes()[..cut]);
                let second = boundary.complete(&text.as_bytes()[cut..]);
                let end = if second > 0 { cut + second } else { first };
                assert_eq!(&text[..end], complete, "{text:?} cut at {cut}");
            }
        }
    }
}
