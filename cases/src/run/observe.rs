use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::StreamExt;

use crate::format::StreamStep;
use crate::matching::{Mismatches, show};
use crate::target::{Answer, AnswerBody};
use crate::upstream::Gates;

/// How long the runner waits for anything. Only a failure takes that long: no case passes or fails by being slow.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// A response as a client saw it.
#[derive(Default)]
pub(super) struct Observed {
    pub status: u16,
    pub headers: Vec<(String, Bytes)>,
    pub informational: Vec<u16>,
    /// The texts that came over a WebSocket.
    pub messages: Option<Vec<String>>,
    pub body: Bytes,
    pub trailers: Vec<(String, Bytes)>,
    /// Why the body broke off.
    pub broken: Option<String>,
}

/// Reads a response to its end. `steps` come first, so that a body that is collected on its way cannot pass.
pub(super) async fn read(answer: Answer, steps: &[StreamStep], gates: &Gates, out: &mut Mismatches) -> Observed {
    let mut reader = Reader { body: answer.body, received: BytesMut::new(), ended: false, observed: Observed::default() };
    let mut consumed = 0;
    for step in steps {
        match step {
            StreamStep::Open(gate) => gates.open(gate),
            StreamStep::Text(text) => {
                let end = consumed + text.len();
                let arrived = reader.until(end).await;
                let next = reader.received.get(consumed..end.min(reader.received.len())).unwrap_or_default();
                if next != text.as_bytes() {
                    let why = if arrived { "" } else { ", and nothing more came while the upstream was waiting" };
                    out.differ("the stream", show(text.as_bytes()), format_args!("{}{why}", show(next)));
                    break;
                }
                consumed = end;
            }
        }
    }
    if !reader.until(usize::MAX).await {
        out.note(format!("the response's body did not end; it began {}", show(&reader.received)));
    }
    let Reader { received, observed, .. } = reader;
    let (status, headers, informational) = (answer.status, answer.headers, answer.informational);
    Observed { status, headers, informational, body: received.freeze(), ..observed }
}

/// Reads the first bytes of a body and leaves.
pub(super) async fn leave_in_mid_body(answer: Answer) -> Observed {
    let mut reader = Reader { body: answer.body, received: BytesMut::new(), ended: false, observed: Observed::default() };
    reader.until(1).await;
    Observed {
        status: answer.status,
        headers: answer.headers,
        informational: answer.informational,
        body: reader.received.freeze(),
        ..Observed::default()
    }
}

struct Reader {
    body: AnswerBody,
    received: BytesMut,
    ended: bool,
    observed: Observed,
}

impl Reader {
    /// Reads until `length` bytes are there or the body has ended. False when nothing came for too long.
    async fn until(&mut self, length: usize) -> bool {
        while !self.ended && self.received.len() < length {
            match tokio::time::timeout(PATIENCE, self.body.next()).await {
                Err(_) => return false,
                Ok(None) => self.ended = true,
                Ok(Some(Err(broken))) => {
                    self.observed.broken = Some(broken);
                    self.ended = true;
                }
                Ok(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) => self.received.extend_from_slice(&data),
                    Err(frame) => {
                        let trailers = frame.into_trailers().unwrap_or_default();
                        self.observed.trailers = trailers
                            .iter()
                            .map(|(name, value)| (name.as_str().to_owned(), Bytes::copy_from_slice(value.as_bytes())))
                            .collect();
                    }
                },
            }
        }
        true
    }
}
