//! Each event of a stream bears the time at which the provider sent it, as `@NANOSECONDS;` in the text of its delta, which also those
//! gateways leave alone that write their events anew. Provider and load are one process, and have one clock.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// For the text of an event that is sent now.
pub fn stamp() -> String {
    format!("@{};", START.elapsed().as_nanos())
}

/// Finds the stamps in a stream, wherever it is cut into pieces.
#[derive(Debug, Default)]
pub struct Reader {
    /// Of a stamp whose end has not come yet.
    nanoseconds: Option<u64>,
}

impl Reader {
    /// Adds for each stamp that ends in this piece how long its event has been under way.
    pub fn read(&mut self, piece: &[u8], delays: &mut Vec<Duration>) {
        let now = START.elapsed();
        self.stamps(piece, |sent| delays.push(now.saturating_sub(sent)));
    }

    fn stamps(&mut self, piece: &[u8], mut found: impl FnMut(Duration)) {
        for byte in piece {
            self.nanoseconds = match (byte, self.nanoseconds) {
                (b'@', _) => Some(0),
                (b'0'..=b'9', Some(number)) => Some(number.wrapping_mul(10).wrapping_add(u64::from(byte - b'0'))),
                (b';', Some(number)) => {
                    found(Duration::from_nanos(number));
                    None
                }
                _ => None,
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_are_found_in_whatever_pieces() {
        let text = b"data: {\"content\":\"word @12; \"}\n\ndata: a@b.c @x; 7; @34;@5;";
        for length in 1..=text.len() {
            let (mut reader, mut found) = (Reader::default(), Vec::new());
            text.chunks(length).for_each(|piece| reader.stamps(piece, |sent| found.push(sent.as_nanos())));
            assert_eq!(found, [12, 34, 5], "pieces of {length}");
        }
    }

    #[test]
    fn an_event_that_was_sent_now_has_no_delay_to_speak_of() {
        let mut delays = Vec::new();
        Reader::default().read(stamp().as_bytes(), &mut delays);
        assert_eq!(delays.len(), 1);
        assert!(delays[0] < Duration::from_secs(60));
    }
}
