//! Bodies that stay with the shim.

use std::rc::Rc;

use bytes::Bytes;
use postern_core::platform::{BodyError, Deadlines, LocalBoxFuture, OpaqueBody, Timestamp};

use crate::command::{Command, Kind, milliseconds};
use crate::host::Host;
use crate::message::Piece;

/// The number of the client's body.
pub const CLIENT: u32 = 0;

/// A body that the shim holds under a number.
pub struct HeldBody {
    host: Rc<Host>,
    handle: u32,
    /// For its reader, if it has one.
    deadlines: Deadlines,
    began: Timestamp,
}

impl HeldBody {
    pub fn new(host: Rc<Host>, handle: u32) -> Self {
        Self { host, handle, deadlines: Deadlines::default(), began: Timestamp::default() }
    }

    /// Of a call that began then.
    pub fn within(mut self, deadlines: Deadlines, began: Timestamp) -> Self {
        (self.deadlines, self.began) = (deadlines, began);
        self
    }
}

impl OpaqueBody for HeldBody {
    fn read(&self, limit: usize) -> LocalBoxFuture<'_, Result<Bytes, BodyError>> {
        Box::pin(async move {
            let most = u32::try_from(limit).unwrap_or(u32::MAX);
            let command = Command::new(Kind::Read, "").with(self.handle, most);
            self.host.ask(self.host.number(), command).await.body(limit)
        })
    }

    fn next(&self) -> LocalBoxFuture<'_, Result<Option<Bytes>, BodyError>> {
        Box::pin(async move {
            let (idle, total) = (self.deadlines.silence(), self.deadlines.total);
            let rest = total.map(|total| total.saturating_sub(self.host.now.get().since(self.began)));
            if rest.is_some_and(|rest| rest.is_zero()) {
                return Err(Deadlines::endless(total.unwrap_or_default()));
            }
            let within = idle.into_iter().chain(rest).min();
            let command = Command::new(Kind::Next, "").with(self.handle, milliseconds(within));
            let piece = self.host.ask(self.host.number(), command).await.piece()?;
            match (piece, idle) {
                (Piece::Data(data), _) => Ok(Some(data)),
                (Piece::End, _) => Ok(None),
                (Piece::Late, Some(idle)) if within == Some(idle) => Err(Deadlines::silent(idle)),
                (Piece::Late, _) => Err(Deadlines::endless(total.unwrap_or_default())),
            }
        })
    }

    fn handle(&self) -> u64 {
        u64::from(self.handle)
    }
}

/// A response that is dropped without being sent on holds a connection until the shim cancels it.
impl Drop for HeldBody {
    fn drop(&mut self) {
        if self.handle != CLIENT {
            self.host.released.borrow_mut().push(self.handle);
        }
    }
}
