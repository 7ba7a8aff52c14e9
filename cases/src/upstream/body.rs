use std::collections::VecDeque;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use futures::Stream;
use http::HeaderValue;
use http_body::{Frame, SizeHint};

use super::Gates;
use super::record::Slot;
use crate::format::{Part, Reply, SseEvent};
use crate::lines::split_header;

/// The body of a reply. Dropped before its end, it marks the call as cancelled.
pub struct ReplyBody {
    source: Source,
    slot: Option<Slot>,
}

enum Source {
    Whole(Option<Bytes>),
    Parts(Pin<Box<dyn Stream<Item = Result<Frame<Bytes>, Broken>>>>),
}

/// Between two drops: some hosts notice only a failed write that the reader has gone.
const DRIP: Duration = Duration::from_millis(20);

/// The script breaks the connection here.
#[derive(Debug)]
pub struct Broken;

/// The body of a reply and the content type that goes with it.
pub(super) fn of(reply: &Reply, echoed: Bytes, slot: Slot, gates: Rc<Gates>) -> (Option<HeaderValue>, ReplyBody) {
    let (content_type, source) = match reply {
        Reply { stream: Some(parts), trailers, .. } => {
            let sse = parts.iter().any(|part| matches!(part, Part::Event(_)));
            (sse.then_some("text/event-stream"), Source::Parts(Box::pin(stream(parts.clone(), trailers, gates))))
        }
        Reply { json: Some(json), .. } => (Some("application/json"), whole(json.to_string())),
        Reply { text: Some(text), .. } => (Some("text/plain; charset=utf-8"), whole(text.clone())),
        Reply { base64: Some(text), .. } => (None, whole(BASE64_STANDARD.decode(text).unwrap_or_default())),
        Reply { size: Some(size), .. } => (None, whole(vec![0; *size])),
        Reply { echo: true, .. } => (None, Source::Whole(Some(echoed))),
        _ => (None, Source::Whole(None)),
    };
    (content_type.map(HeaderValue::from_static), ReplyBody { source, slot: Some(slot) })
}

fn whole(bytes: impl Into<Bytes>) -> Source {
    Source::Whole(Some(bytes.into()))
}

fn stream(parts: Vec<Part>, trailers: &[String], gates: Rc<Gates>) -> impl Stream<Item = Result<Frame<Bytes>, Broken>> + use<> {
    let mut map = http::HeaderMap::new();
    for line in trailers {
        let (name, value) = split_header(line);
        if let (Ok(name), Ok(value)) = (http::HeaderName::try_from(name), HeaderValue::try_from(value)) {
            map.append(name, value);
        }
    }
    let state = (VecDeque::from(parts), (!map.is_empty()).then_some(map), gates);
    futures::stream::unfold(state, |(mut parts, mut trailers, gates)| async move {
        loop {
            let frame = match parts.pop_front() {
                Some(Part::Text(text)) => Ok(Frame::data(text.into())),
                Some(Part::Repeated(repeated)) => Ok(Frame::data(repeated.text().into())),
                Some(Part::Base64(text)) => Ok(Frame::data(BASE64_STANDARD.decode(text).unwrap_or_default().into())),
                Some(Part::Event(event)) => Ok(Frame::data(sse(event).into())),
                Some(Part::Wait(gate)) => {
                    gates.wait(&gate).await;
                    continue;
                }
                Some(Part::Cut(_)) => {
                    parts.clear();
                    trailers = None;
                    Err(Broken)
                }
                Some(Part::Drip(text)) => {
                    tokio::time::sleep(DRIP).await;
                    parts.push_front(Part::Drip(text.clone()));
                    Ok(Frame::data(text.into()))
                }
                None => Ok(Frame::trailers(trailers.take()?)),
            };
            return Some((frame, (parts, trailers, gates)));
        }
    })
}

fn sse(event: SseEvent) -> String {
    match event {
        SseEvent::Data(data) => format!("data: {data}\n\n"),
        SseEvent::Json { json } => format!("data: {json}\n\n"),
        SseEvent::Named { event, data } => format!("event: {event}\ndata: {data}\n\n"),
    }
}

impl ReplyBody {
    /// What answers HEAD.
    pub(super) fn without_bytes(mut self) -> Self {
        self.finish();
        Self { source: Source::Whole(None), slot: None }
    }

    fn finish(&mut self) {
        if let Some(mut slot) = self.slot.take() {
            slot.mark_finished();
        }
    }
}

impl http_body::Body for ReplyBody {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        let frame = match &mut self.source {
            Source::Whole(bytes) => bytes.take().filter(|bytes| !bytes.is_empty()).map(|bytes| Ok(Frame::data(bytes))),
            Source::Parts(parts) => std::task::ready!(parts.as_mut().poll_next(cx)),
        };
        if !matches!(frame, Some(Ok(_))) || matches!(self.source, Source::Whole(_)) {
            self.finish();
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        matches!(&self.source, Source::Whole(bytes) if bytes.as_ref().is_none_or(Bytes::is_empty))
    }

    fn size_hint(&self) -> SizeHint {
        match &self.source {
            Source::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, Bytes::len) as u64),
            Source::Parts(_) => SizeHint::default(),
        }
    }
}

impl Drop for ReplyBody {
    fn drop(&mut self) {
        // A known body that its reader did not need, as with HEAD, is no call given up.
        if matches!(self.source, Source::Whole(_)) {
            self.finish();
        }
    }
}

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the script breaks the connection here")
    }
}

impl std::error::Error for Broken {}
