use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};

use super::{Body, BodyError, BoxBody, LocalBoxFuture};

/// How long a response's body may take. Time in which nobody reads it does not count as silence.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Deadlines {
    /// The longest silence of its sender; zero for any, whatever the host's own limit is.
    pub idle: Option<Duration>,
    /// From the beginning of the call to the body's end.
    pub total: Option<Duration>,
}

/// What waits, on a host.
pub type Sleep = Rc<dyn Fn(Duration) -> LocalBoxFuture<'static, ()>>;

impl Deadlines {
    /// Those of `other` where there are none here.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self { idle: self.idle.or(other.idle), total: self.total.or(other.total) }
    }

    /// The longest silence, where there is a limit.
    pub fn silence(self) -> Option<Duration> {
        self.idle.filter(|idle| !idle.is_zero())
    }

    pub fn is_none(self) -> bool {
        self == Self::default()
    }

    /// Makes a stream end in [`BodyError::Timeout`] when it is late. `elapsed` is how long the call has taken so far. Bodies that are
    /// there already cannot be late, and a body that a host keeps on its side is for the host to watch.
    pub fn watch(self, body: Body, elapsed: Duration, sleep: Sleep) -> Body {
        match body {
            Body::Stream(inner) if !self.is_none() && !inner.is_end_stream() => {
                let rest = self.total.map(|total| sleep(total.saturating_sub(elapsed)));
                Body::Stream(Box::pin(Watched { inner, deadlines: self, sleep, silence: None, rest, ended: false }))
            }
            other => other,
        }
    }

    /// Why a body is late whose sender was silent for as long as it may be.
    pub fn silent(idle: Duration) -> BodyError {
        BodyError::Timeout(format!("nothing of it came for {idle:?}"))
    }

    /// Why a body is late that took as long as it may take.
    pub fn endless(total: Duration) -> BodyError {
        BodyError::Timeout(format!("it had not ended after {total:?}"))
    }
}

struct Watched {
    inner: BoxBody,
    deadlines: Deadlines,
    sleep: Sleep,
    /// Runs while a frame is waited for.
    silence: Option<LocalBoxFuture<'static, ()>>,
    /// Runs from the beginning.
    rest: Option<LocalBoxFuture<'static, ()>>,
    ended: bool,
}

impl Watched {
    fn late(&mut self, cx: &mut Context<'_>) -> Option<BodyError> {
        let idle = self.deadlines.silence()?;
        let silence = self.silence.get_or_insert_with(|| (self.sleep)(idle));
        silence.as_mut().poll(cx).is_ready().then(|| Deadlines::silent(idle))
    }

    fn over(&mut self, cx: &mut Context<'_>) -> Option<BodyError> {
        let rest = self.rest.as_mut()?;
        rest.as_mut().poll(cx).is_ready().then(|| Deadlines::endless(self.deadlines.total.unwrap_or_default()))
    }
}

impl http_body::Body for Watched {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        // First, as a sender that never pauses is late as well.
        let mut error = self.over(cx);
        if error.is_none() {
            if let Poll::Ready(frame) = self.inner.as_mut().poll_frame(cx) {
                self.silence = None;
                self.ended = !matches!(frame, Some(Ok(_)));
                return Poll::Ready(frame);
            }
            error = self.late(cx);
        }
        self.ended = error.is_some();
        error.map_or(Poll::Pending, |error| Poll::Ready(Some(Err(error))))
    }

    fn is_end_stream(&self) -> bool {
        self.ended || self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use futures::FutureExt;
    use http_body_util::BodyExt;

    use super::*;
    use crate::testing::test;

    const IDLE: Duration = Duration::from_secs(3);
    const TOTAL: Duration = Duration::from_secs(10);

    /// Time that tests move on, in seconds.
    type Time = Rc<Cell<u64>>;

    /// Says the number of each second in which it is to say something, once; ends after the last one, if it ends.
    struct Script(Time, Vec<u64>, bool);

    impl http_body::Body for Script {
        type Data = Bytes;
        type Error = BodyError;

        fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
            match self.1.first().copied() {
                None if self.2 => Poll::Ready(None),
                Some(at) if at <= self.0.get() => {
                    self.1.remove(0);
                    Poll::Ready(Some(Ok(Frame::data(Bytes::from(format!("{at} "))))))
                }
                _ => Poll::Pending,
            }
        }
    }

    fn sleep(time: &Time) -> Sleep {
        let time = time.clone();
        Rc::new(move |duration| {
            let (until, time) = (time.get() + duration.as_secs(), time.clone());
            Box::pin(std::future::poll_fn(move |_| if time.get() >= until { Poll::Ready(()) } else { Poll::Pending }))
        })
    }

    /// What arrives when the body is polled at these seconds, and how it ends.
    fn run(deadlines: Deadlines, elapsed: u64, says: &[u64], ends: bool, polls: &[u64]) -> String {
        let time = Time::default();
        let script = Body::Stream(Box::pin(Script(time.clone(), says.to_vec(), ends)));
        let mut body = deadlines.watch(script, Duration::from_secs(elapsed), sleep(&time));
        let mut text = String::new();
        for second in polls {
            time.set(*second);
            while let Some(frame) = body.frame().now_or_never() {
                match frame {
                    None => return text + "end",
                    Some(Err(error)) => return text + &error.to_string(),
                    Some(Ok(frame)) => text += std::str::from_utf8(&frame.into_data().unwrap()).unwrap(),
                }
            }
        }
        text + "waits"
    }

    #[test]
    fn a_body_is_late_when_it_is_silent_or_endless() {
        let (idle, total) = (Deadlines { idle: Some(IDLE), total: None }, Deadlines { idle: None, total: Some(TOTAL) });
        let both = idle.or(total);
        let seconds: Vec<u64> = (0..=20).collect();
        let even: Vec<u64> = (0..=20).step_by(2).collect();
        for (deadlines, elapsed, says, ends, polls, result) in [
            (both, 0, &[1, 4][..], true, &seconds[..], "1 4 end"),
            (Deadlines::default(), 0, &[15], false, &seconds, "15 waits"),
            (Deadlines { idle: Some(Duration::ZERO), total: None }.or(idle), 0, &[15], true, &seconds, "15 end"),
            (idle, 0, &[], false, &seconds, "the body did not come in time: nothing of it came for 3s"),
            (idle, 0, &[0, 2, 6], false, &seconds, "0 2 the body did not come in time: nothing of it came for 3s"),
            (idle, 0, &even, true, &seconds, "0 2 4 6 8 10 12 14 16 18 20 end"),
            (total, 0, &even, true, &seconds, "0 2 4 6 8 the body did not come in time: it had not ended after 10s"),
            (total, 7, &even, true, &seconds, "0 2 the body did not come in time: it had not ended after 10s"),
            (total, 11, &even, true, &seconds, "the body did not come in time: it had not ended after 10s"),
            // A reader that takes its time makes nobody late.
            (idle, 0, &[1, 2, 13], true, &[0, 1, 10, 12, 13], "1 2 13 end"),
        ] {
            assert_eq!(run(deadlines, elapsed, says, ends, polls), result, "{deadlines:?} {says:?} {polls:?}");
        }
    }

    #[test]
    fn nothing_follows_what_was_late() {
        let time = Time::default();
        let script = Body::Stream(Box::pin(Script(time.clone(), vec![5], true)));
        let mut body = Deadlines { idle: Some(IDLE), total: None }.watch(script, Duration::ZERO, sleep(&time));
        assert!(body.frame().now_or_never().is_none());
        time.set(4);
        assert!(body.frame().now_or_never().unwrap().unwrap().is_err());
        time.set(5);
        assert!(body.is_end_stream());
        assert!(body.frame().now_or_never().unwrap().is_none());
    }
}
